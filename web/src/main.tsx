import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/list.css';
import './styles/detail.css';
import './styles/dialog.css';
import './styles/incidents.css';
import { render } from 'preact';
import { App } from './components/App';
import { applyPreferences } from './state/appearance';
import { forgetWithSession } from './state/cleanup';
import { startRefreshing } from './state/refresh';
import { resume } from './state/session';

applyPreferences();
resume();
forgetWithSession();
startRefreshing();

const root = document.getElementById('app');
if (root) render(<App />, root);

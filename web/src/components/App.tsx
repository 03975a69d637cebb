import { session } from '../state/session';
import { Shell } from './Shell';
import { SignIn } from './SignIn';

/** Shows only the sign-in page until the user is signed in. */
export function App() {
  const current = session.value;
  return current ? <Shell client={current.client} /> : <SignIn />;
}

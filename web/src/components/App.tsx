import { session } from '../state/session';
import { Shell } from './Shell';
import { SignIn } from './SignIn';

/** Whoever is not signed in sees nothing but the sign-in. */
export function App() {
  const current = session.value;
  return current ? <Shell client={current.client} /> : <SignIn />;
}

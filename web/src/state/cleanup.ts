/** What is forgotten when a session ends: whatever its token was shown. */
import { effect } from '@preact/signals';
import { forgetResources } from './resource';
import { session } from './session';
import { forgetTrends } from './trends';

export function forgetWithSession(): void {
  effect(() => {
    if (session.value) return;
    forgetResources();
    forgetTrends();
  });
}

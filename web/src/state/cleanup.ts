/** Clears everything that was loaded with a token when its session ends. */
import { effect } from '@preact/signals';
import { saved } from '../notifications/settings';
import { forgetIncidents } from './incidents';
import { forgetPromises } from './past';
import { forgetResources } from './resource';
import { session } from './session';
import { forgetTrends } from './trends';

export function forgetWithSession(): void {
  effect(() => {
    if (session.value) return;
    forgetResources();
    forgetTrends();
    forgetPromises();
    forgetIncidents();
    saved.value = null;
  });
}

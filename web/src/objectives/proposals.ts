/** Sets the proposals of many domains. */
import type { Client } from '../api/client';
import * as api from '../api/endpoints';
import { ApiError } from '../api/errors';
import { PROPOSED_NAME, type Proposal, proposedBody } from './proposal';

export interface Outcome {
  set: string[];
  /** Why each other domain has none. */
  failed: Map<string, Error>;
}

/**
 * Sets the proposals of these domains one after the other. Those that have an objective of this name keep it. Ends early if
 * the token is not valid any more.
 */
export async function setProposals(
  client: Client,
  cluster: string,
  proposals: ReadonlyMap<string, Proposal>,
  onStep: (outcome: Outcome) => void,
): Promise<Outcome> {
  let outcome: Outcome = { set: [], failed: new Map() };
  for (const [domain, proposal] of proposals) {
    try {
      const subject = { cluster, domain, path: null };
      await api.setObjective(client, subject, PROPOSED_NAME, proposedBody(proposal), null);
      outcome = { ...outcome, set: [...outcome.set, domain] };
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      outcome = { ...outcome, failed: new Map(outcome.failed).set(domain, failure) };
    }
    onStep(outcome);
    const last = outcome.failed.get(domain);
    if (last instanceof ApiError && last.status === 401) break;
  }
  return outcome;
}

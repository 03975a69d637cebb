import { format } from '../../format';
import { laterMessages } from '../../i18n/later';

const WELL_OBSERVED = 0.95;

/** Says that a proposal knows only some of its 30 days. All domains of a cluster have the same coverage. */
export function ObservedHint({ coverage }: { coverage: number }) {
  if (coverage >= WELL_OBSERVED) return null;
  return <p class="hint">{laterMessages.value.proposalObserved(format.value.availability(coverage))}</p>;
}

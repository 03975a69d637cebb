import type { DomainsAnswer } from '../../api/types';
import { isPartlyObserved } from '../../charts/gaps';
import { format } from '../../format';
import { messages } from '../../i18n';

/** Says if not all of the window was observed. All domains of a cluster have the same coverage. */
export function CoverageHint({ answer }: { answer: DomainsAnswer }) {
  const words = messages.value;
  const coverage = answer.domains[0]?.summary.coverage ?? 1;
  if (!isPartlyObserved(coverage, answer.gaps.length)) return null;
  return (
    <p class="coverage-hint" data-testid="coverage-hint">
      <span class="hatch" aria-hidden="true" />
      {words.coverage(format.value.availability(coverage))}
    </p>
  );
}

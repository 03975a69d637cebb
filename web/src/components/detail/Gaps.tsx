import type { DomainAnswer, HistoryAnswer } from '../../api/types';
import { countedAfterGaps } from '../../charts/gaps';
import { format } from '../../format';
import { messages } from '../../i18n';

type Gap = DomainAnswer['gaps'][number];

interface Props {
  gaps: readonly Gap[];
  points: HistoryAnswer | null;
}

/** When Traefik's pods were not seen, which ones, and how many requests were counted only afterwards. */
export function Gaps({ gaps, points }: Props) {
  const words = messages.value;
  const f = format.value;
  const late = points && countedAfterGaps(points.points);
  if (!gaps.length && !late) return null;
  const counted = late && words.requestsFailed(f.count(late.requests), f.count(late.errors));
  return (
    <details class="notice gaps" data-testid="gaps">
      <summary>
        <span class="hatch" aria-hidden="true" />
        {[gaps.length > 0 && words.gapsTitle(gaps.length), counted && `${words.afterGap}: ${counted}`]
          .filter(Boolean)
          .join(' · ')}
      </summary>
      <ul>
        {gaps.map((gap) => (
          <li key={`${gap.from} ${gap.pods.join()}`}>
            <span class="gap-pods">{gap.pods.join(', ') || words.gapPods}</span> {timeOf(gap)}
          </li>
        ))}
      </ul>
      {counted && <p>{words.afterGapHow}</p>}
    </details>
  );
}

function timeOf({ from, to }: Gap): string {
  const words = messages.value;
  const f = format.value;
  const start = Date.parse(from);
  if (to === null) return words.gapSince(f.moment(start));
  const end = Date.parse(to);
  return words.gapFromTo(f.moment(start), f.moment(end), f.duration((end - start) / 1000));
}

import type { Client } from '../../api/client';
import * as api from '../../api/endpoints';
import type { Bucket, DomainReport, LatencyObjective, LatencyShare, ObjectiveBody } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { shareUnder } from '../../objectives/judge';
import { isWide, type Level } from '../../objectives/levels';
import {
  type Effect,
  type Preview,
  type Promised,
  previewOf,
  type Standing,
  standingsOf,
} from '../../objectives/preview';
import { type Resource, useResource } from '../../state/resource';
import type { DetailRoute } from '../../state/route';
import { budgetText } from '../budgetText';
import { StatusMark } from '../StatusMark';

const MOST_SHOWN = 6;

interface Props {
  client: Client;
  level: Level;
  route: DetailRoute;
  /** Null if a field is invalid. */
  body: ObjectiveBody | null;
  /** Whether the objective is the one that its subject follows. */
  isFollowed: boolean;
}

/** The changes that saving would cause, computed from the current figures. */
export function PreviewTable(props: Props) {
  const words = messages.value;
  const later = laterMessages.value;
  const { level, route, body, isFollowed } = props;
  const domains = useDomains(props);
  const buckets = useBuckets(props);
  const preview =
    body && domains.data
      ? previewOf(standingsOf(domains.data, route.range), level, route, promisedBy(body), (standing, objective) =>
          shareFor(standing, objective, route, level, buckets.data),
        )
      : null;
  return (
    <section class="preview" aria-label={words.preview} aria-live="polite" data-testid="preview">
      <h3>{words.preview}</h3>
      {level === 'all' && <p class="hint">{later.previewHere}</p>}
      {!body ? (
        <p class="hint">{later.previewInvalid}</p>
      ) : !isFollowed ? (
        <p class="hint">{later.previewNotFollowed}</p>
      ) : preview ? (
        <Effects preview={preview} />
      ) : (
        <p class="hint">{later.previewLoading}</p>
      )}
    </section>
  );
}

function Effects({ preview }: { preview: Preview }) {
  const later = laterMessages.value;
  const f = format.value;
  const { effects, statusChanges, affected, keepTheirOwn, withoutLatency } = preview;
  return (
    <>
      {effects.length ? (
        <>
          {affected > 1 && <p>{later.previewAffected(f.count(statusChanges), f.count(affected))}</p>}
          <table>
            <thead>
              <tr>
                <th scope="col">{later.previewSubject}</th>
                <th scope="col">{later.previewStatus}</th>
                <th scope="col">{later.previewBudget}</th>
              </tr>
            </thead>
            <tbody>
              {effects.slice(0, MOST_SHOWN).map((effect) => (
                <EffectRow key={`${effect.standing.domain} ${effect.standing.path}`} effect={effect} />
              ))}
            </tbody>
          </table>
          {effects.length > MOST_SHOWN && <p class="hint">{later.previewMore(f.count(effects.length - MOST_SHOWN))}</p>}
        </>
      ) : (
        <p class="hint">{later.previewNone}</p>
      )}
      {keepTheirOwn > 0 && <p class="hint">{later.previewKeepsOwn(f.count(keepTheirOwn))}</p>}
      {withoutLatency && <p class="hint">{later.previewObjective}</p>}
    </>
  );
}

function EffectRow({ effect: { standing, status, budget } }: { effect: Effect }) {
  return (
    <tr data-testid="effect">
      <th scope="row">{`${standing.domain}${standing.path ?? ''}`}</th>
      <td>
        <StatusMark status={standing.status} withWord={status === standing.status} />
        {status !== standing.status && (
          <>
            <span aria-hidden="true"> → </span>
            <StatusMark status={status} />
          </>
        )}
      </td>
      <td>
        {budgetText(standing.budget)} <span aria-hidden="true">→</span> {budgetText(budget)}
      </td>
    </tr>
  );
}

/** The domains that the objective may apply to: this one, or all domains of the cluster. What is in others is not read. */
function useDomains({ client, level, route }: Props): Resource<readonly DomainReport[]> {
  const { range } = route;
  const of = isWide(level) ? route.cluster : `${route.cluster} ${route.domain}`;
  return useResource(`preview ${of} ${range}`, async (signal) => {
    if (isWide(level)) return (await api.domains(client, route.cluster, range, signal)).domains;
    return [(await api.domain(client, route, { range, from: null, to: null }, signal)).domain];
  });
}

/** The latencies of the dialog's subject, read only if there is a latency objective to measure. */
function useBuckets({ client, level, route, body }: Props): Resource<readonly Bucket[]> {
  const { range } = route;
  const path = level === 'route' ? route.path : null;
  const isNeeded = !isWide(level) && Boolean(body?.latency_objective);
  const key = isNeeded ? `buckets ${JSON.stringify([route.cluster, route.domain, path, range])}` : null;
  return useResource(key, async (signal) => {
    const answer = await api.latency(client, { ...route, path }, { range, from: null, to: null }, signal);
    return answer.buckets;
  });
}

function promisedBy({ availability, p95_latency = null, latency_objective = null }: ObjectiveBody): Promised {
  return { availability, p95_latency, latency_objective };
}

function shareFor(
  standing: Standing,
  objective: LatencyObjective,
  route: DetailRoute,
  level: Level,
  buckets: readonly Bucket[] | null,
): LatencyShare | null {
  const known = standing.target.latency_objective;
  const isKnown = known?.share === objective.share && known.threshold === objective.threshold;
  if (isKnown && standing.latency) return standing.latency;
  const isSubject = standing.domain === route.domain && standing.path === (level === 'route' ? route.path : null);
  return isSubject && buckets ? shareUnder(buckets, objective) : null;
}

import type { Client } from '../../api/client';
import * as api from '../../api/endpoints';
import type { Bucket, DomainReport, LatencyObjective, LatencyShare, TargetBody, TimeRange } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { type Resource, useResource } from '../../state/resource';
import type { DetailRoute } from '../../state/route';
import { shareUnder } from '../../targets/objectives';
import { type Effect, type Level, type Preview, previewOf, type Standing, standingsOf } from '../../targets/preview';
import { StatusMark } from '../StatusMark';

const MOST_SHOWN = 6;

interface Props {
  client: Client;
  level: Level;
  route: DetailRoute;
  range: TimeRange;
  /** Null if a field is invalid. */
  body: TargetBody | null;
}

/** The changes that saving would cause, computed from the current figures. */
export function PreviewTable(props: Props) {
  const words = messages.value;
  const { level, route, range, body } = props;
  const domains = useDomains(props);
  const buckets = useBuckets(props);
  const preview =
    body && domains.data
      ? previewOf(standingsOf(domains.data, range), level, route, body, (standing, objective) =>
          shareFor(standing, objective, route, level, buckets.data),
        )
      : null;
  return (
    <section class="preview" aria-label={words.preview} aria-live="polite" data-testid="preview">
      <h3>{words.preview}</h3>
      {!body ? (
        <p class="hint">{words.previewInvalid}</p>
      ) : preview ? (
        <Effects preview={preview} />
      ) : (
        <p class="hint">{words.previewLoading}</p>
      )}
    </section>
  );
}

function Effects({ preview }: { preview: Preview }) {
  const words = messages.value;
  const f = format.value;
  const { effects, statusChanges, affected, keepTheirOwn, withoutObjective } = preview;
  return (
    <>
      {effects.length ? (
        <>
          {affected > 1 && <p>{words.previewAffected(f.count(statusChanges), f.count(affected))}</p>}
          <table>
            <thead>
              <tr>
                <th scope="col">{words.previewSubject}</th>
                <th scope="col">{words.previewStatus}</th>
                <th scope="col">{words.previewBudget}</th>
              </tr>
            </thead>
            <tbody>
              {effects.slice(0, MOST_SHOWN).map((effect) => (
                <EffectRow key={`${effect.standing.domain} ${effect.standing.path}`} effect={effect} />
              ))}
            </tbody>
          </table>
          {effects.length > MOST_SHOWN && <p class="hint">{words.previewMore(f.count(effects.length - MOST_SHOWN))}</p>}
        </>
      ) : (
        <p class="hint">{words.previewNone}</p>
      )}
      {keepTheirOwn > 0 && <p class="hint">{words.previewKeepsOwn(f.count(keepTheirOwn))}</p>}
      {withoutObjective && <p class="hint">{words.previewObjective}</p>}
    </>
  );
}

function EffectRow({ effect: { standing, status, budget } }: { effect: Effect }) {
  const f = format.value;
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
        {f.budget(standing.budget)} <span aria-hidden="true">→</span> {f.budget(budget)}
      </td>
    </tr>
  );
}

/** The domains that the target may apply to: this one, or all domains of the cluster. */
function useDomains({ client, level, route, range }: Props): Resource<readonly DomainReport[]> {
  const of = level === 'cluster' ? route.cluster : `${route.cluster} ${route.domain}`;
  return useResource(`preview ${of} ${range}`, async (signal) => {
    if (level === 'cluster') return (await api.domains(client, route.cluster, range, signal)).domains;
    return [(await api.domain(client, route, { range, from: null, to: null }, signal)).domain];
  });
}

/** The latencies of the dialog's subject, read only if the target has an objective to measure. */
function useBuckets({ client, level, route, range, body }: Props): Resource<readonly Bucket[]> {
  const path = level === 'route' ? route.path : null;
  const isNeeded = level !== 'cluster' && Boolean(body?.latency_objective);
  const key = isNeeded ? `buckets ${JSON.stringify([route.cluster, route.domain, path, range])}` : null;
  return useResource(key, async (signal) => {
    const answer = await api.latency(client, { ...route, path }, { range, from: null, to: null }, signal);
    return answer.buckets;
  });
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

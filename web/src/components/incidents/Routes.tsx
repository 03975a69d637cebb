import type { IncidentAnswer } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { changeWord } from '../../incidents/words';
import { formatRoute } from '../../state/route';
import { Panel } from '../detail/Panel';

/** The worst five paths that fail, each linked to its page. */
export function FailingRoutes({ incident }: { incident: IncidentAnswer }) {
  const words = messages.value;
  const f = format.value;
  const { routes, cluster_id: cluster } = incident;
  const { domain } = incident.subject;
  if (!routes.length || domain === null) return null;
  const failing = Math.max(incident.failing_routes, routes.length);
  const title = (failing > routes.length ? words.worstRoutes : words.failingRoutes)(f.count(failing));
  const most = Math.max(...routes.map((route) => route.errors), 1);
  return (
    <Panel title={title} testId="failing-routes">
      <ul class="bars route-bars">
        {routes.map(({ path_prefix, requests, errors }) => (
          <li key={path_prefix}>
            <a
              class="bars-name"
              href={formatRoute({ page: 'detail', cluster, domain, path: path_prefix, range: '1d', window: null })}
            >
              {path_prefix}
            </a>
            <span class="bars-track" aria-hidden="true">
              <span class="bars-fill tone-critical" style={{ width: `${(errors / most) * 100}%` }} />
            </span>
            <span class="bars-count">
              {`${f.count(errors)} / ${f.count(requests)} (${f.errorRate(requests ? errors / requests : 0)})`}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Routes of the domain that appeared, vanished or got another service in the hour before. */
export function Changes({ incident }: { incident: IncidentAnswer }) {
  const words = messages.value;
  return (
    <Panel title={words.changedBefore} testId="changed-before">
      {incident.changes.length ? (
        <ul class="plain-list">
          {incident.changes.map((change) => (
            <li key={`${change.what} ${change.path_prefix} ${change.service}`}>
              <span class="tag">{changeWord(change.what, words)}</span>{' '}
              <span class="route-name">{change.path_prefix}</span>{' '}
              <span class="hint">
                {change.before ? `${change.before} → ` : ''}
                {change.service}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <p class="hint">{words.changedNothing}</p>
      )}
    </Panel>
  );
}

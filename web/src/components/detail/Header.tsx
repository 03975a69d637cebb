import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { DomainAnswer, ObjectiveAnswer } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { ROUTER_LABELS_OPTION } from '../../install/commands';
import { objectivesOf } from '../../objectives/followed';
import { levelOf, levelWord, subjectAt } from '../../objectives/levels';
import { disagreementOf } from '../../objectives/origins';
import { openIncidentLink } from '../../state/incidents';
import type { DetailRoute } from '../../state/route';
import { mayManage } from '../../state/session';
import { BurnMark } from '../BurnMark';
import { CopyBlock } from '../CopyBlock';
import { ExcludeButton } from '../exclusions/ExcludeButton';
import { Freshness } from '../Freshness';
import { TargetIcon } from '../icons';
import { Scheme } from '../list/names';
import { Later } from '../objectives/Later';
import { disagreementText, heldText, othersText } from '../objectives/words';
import { PresetMark } from '../PresetMark';
import { Spoken } from '../Spoken';
import { StatusMark } from '../StatusMark';
import { sharedNames } from '../shared';
import type { View } from './view';

interface Props {
  client: Client;
  route: DetailRoute;
  answer: DomainAnswer;
  view: View | null;
  /** All that hold in the cluster; none until they are loaded, and where nobody ever set one. */
  objectives: readonly ObjectiveAnswer[];
  isLoading: boolean;
}

export function Header({ client, route, answer, view, objectives, isLoading }: Props) {
  const words = messages.value;
  const [isEditing, setEditing] = useState(false);
  const close = (): void => setEditing(false);
  const { domain } = answer;
  return (
    <header class="detail-head">
      <div class="detail-title">
        <h1>
          <Scheme isTls={view?.route?.tls ?? domain.tls} />
          <span class="detail-domain">{domain.domain === '*' ? words.anyHost : domain.domain}</span>
          {route.path !== null && <span class="detail-path">{route.path}</span>}
        </h1>
        {view && <StatusMark status={view.status} />}
        {view && <BurnMark severity={view.burning} href={openIncidentLink(route.cluster, domain.domain, route.path)} />}
        <span class="spacer" />
        <Freshness answer={answer} isLoading={isLoading} />
        <button type="button" class="button" data-testid="objectives" onClick={() => setEditing(true)}>
          <TargetIcon />
          {mayManage.value ? words.editObjectives : words.viewObjectives}
        </button>
        <ExcludeButton
          client={client}
          subject={{ cluster: route.cluster, domain: domain.domain, path: route.path }}
          time={route.window}
          word={words.excludeTime}
          testId="exclude"
        />
      </div>
      {view && <Held view={view} route={route} objectives={objectives} />}
      {view?.route && <RouteFacts view={view} />}
      {view?.route?.not_counted && (
        <div class="notice" data-testid="not-counted-notice">
          <p>
            <strong>{words.notCountedHow}</strong> <Spoken words={{ english: view.route.not_counted }} />
          </p>
        </div>
      )}
      {view?.route?.shared && (
        <div class="notice shared-notice" data-testid="shared-notice">
          <p>
            <strong>{words.sharedWith(sharedNames(view.route, domain.domain))}</strong> · {words.sharedHow}
          </p>
          <CopyBlock text={ROUTER_LABELS_OPTION} />
        </div>
      )}
      {isEditing && (
        <Later onFailure={close}>
          {({ ObjectivesDialog }) => <ObjectivesDialog client={client} route={route} onClose={close} />}
        </Later>
      )}
    </header>
  );
}

/** What the subject is judged by, whence, whom to ask about it, and where another origin promises something else. */
function Held({ view, route, objectives }: Pick<Props, 'route' | 'objectives'> & { view: View }) {
  const words = messages.value;
  const { objective } = view;
  const target = view.targets[route.range];
  if (!target) return null;
  const { source } = target;
  const level = source === 'preset' ? null : source;
  const isOwn = level === levelOf(route);
  const disagreement = level && disagreementOf(objectivesOf(objectives, subjectAt(level, route)));
  const tags = { page: null, file: words.objectiveFromFile, annotation: words.objectiveFromKubernetes };
  const origin = objective && tags[objective.origin];
  return (
    <p class="held hint" data-testid="held">
      {heldText(target, objective, words)}
      {objective?.owner && ` · ${words.objectiveOwner(objective.owner)}`}
      {level && !isOwn && ` · ${words.objectiveLevel}: ${levelWord(level, words)}`}
      {origin && ` · ${origin}`}
      {disagreement && (
        <span title={disagreementText(disagreement, words)} data-testid="disagreement">
          {` · ${othersText(disagreement.others, words)}`}
        </span>
      )}
      {!objective && <PresetMark />}
    </p>
  );
}

function RouteFacts({ view }: { view: View }) {
  const words = messages.value;
  const { route } = view;
  if (!route) return null;
  const measured = { router: words.measuredRouter, service: words.measuredService };
  const facts: [string, string][] = [
    [words.ingress, `${route.namespace} / ${route.ingress_name}`],
    [words.service, `${route.service_name}:${route.service_port}`],
    [words.servedBy, route.rules.join(', ')],
    [words.measuredBy, route.measured_by ? measured[route.measured_by] : words.notMeasured],
  ];
  return (
    <dl class="facts">
      {facts.map(([term, text]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{text}</dd>
        </div>
      ))}
      {route.retired_at && (
        <div>
          <dt>{words.retiredMark}</dt>
          <dd>{words.retiredSince(format.value.moment(Date.parse(route.retired_at)))}</dd>
        </div>
      )}
    </dl>
  );
}

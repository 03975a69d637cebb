import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { DomainAnswer } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { said } from '../../i18n/warnings';
import { ROUTER_LABELS_OPTION } from '../../install/commands';
import { openIncidentLink } from '../../state/incidents';
import type { DetailRoute } from '../../state/route';
import { mayManage } from '../../state/session';
import { BurnMark } from '../BurnMark';
import { CopyBlock } from '../CopyBlock';
import { Freshness } from '../Freshness';
import { TargetIcon } from '../icons';
import { Scheme } from '../list/names';
import { StatusMark } from '../StatusMark';
import { sharedNames } from '../shared';
import { TargetsDialog } from '../targets/TargetsDialog';
import type { View } from './view';

interface Props {
  client: Client;
  route: DetailRoute;
  answer: DomainAnswer;
  view: View | null;
  isLoading: boolean;
}

export function Header({ client, route, answer, view, isLoading }: Props) {
  const words = messages.value;
  const [isEditing, setEditing] = useState(false);
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
        <button type="button" class="button" data-testid="targets" onClick={() => setEditing(true)}>
          <TargetIcon />
          {mayManage.value ? words.editTargets : words.viewTargets}
        </button>
      </div>
      {view?.route && <RouteFacts view={view} />}
      {view?.route?.not_counted && (
        <div class="notice" data-testid="not-counted-notice">
          <p>
            <strong>{words.notCountedHow}</strong> <Said english={view.route.not_counted} />
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
      {isEditing && <TargetsDialog client={client} route={route} domain={domain} onClose={() => setEditing(false)} />}
    </header>
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

function Said({ english }: { english: string }) {
  const { text, lang } = said(english);
  return <span lang={lang}>{text}</span>;
}

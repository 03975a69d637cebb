import type { Client } from '../../api/client';
import type { ObjectiveSubject } from '../../api/endpoints';
import * as api from '../../api/endpoints';
import { format } from '../../format';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { PROPOSED_PERIOD, type Proposal, proposalFor } from '../../objectives/proposal';
import { useResource } from '../../state/resource';
import type { DetailRoute } from '../../state/route';
import { mayManage } from '../../state/session';
import { ObservedHint } from './ObservedHint';
import { latencyTexts, promiseText } from './words';

interface Props {
  client: Client;
  route: DetailRoute;
  subject: ObjectiveSubject;
  onUse: (proposal: Proposal) => void;
}

/** The tightest objective that the subject's last 30 days would have kept. */
export function ProposalFor({ client, route, subject, onUse }: Props) {
  const words = messages.value;
  const later = laterMessages.value;
  const f = format.value;
  const { data } = useResource(`preview ${route.cluster} ${route.domain} ${PROPOSED_PERIOD}`, async (signal) => [
    (await api.domain(client, route, { range: PROPOSED_PERIOD, from: null, to: null }, signal)).domain,
  ]);
  const domain = data?.[0];
  if (!domain) return null;
  const of = subject.path === null ? null : domain.routes.find((each) => each.path_prefix === subject.path);
  const proposal = proposalFor(of?.current ?? domain.summary);
  return (
    <section class="preview" aria-label={later.proposalTitle} data-testid="proposal">
      <h3>{later.proposalTitle}</h3>
      {proposal ? (
        <>
          <p>
            {later.proposalKept(
              [
                promiseText(proposal.availability, { period: PROPOSED_PERIOD, time_zone: 'UTC' }, words),
                ...latencyTexts({ ...proposal, latency_objective: null }, words),
              ].join(' · '),
            )}
          </p>
          <p class="hint">{later.proposalAllows(f.target(proposal.availability), f.outage(proposal.outage_seconds))}</p>
          <ObservedHint coverage={domain.summary.coverage} />
          {mayManage.value && (
            <div>
              <button type="button" class="button small" data-testid="use-proposal" onClick={() => onUse(proposal)}>
                {later.proposalUse}
              </button>
            </div>
          )}
        </>
      ) : (
        <p class="hint">{later.proposalNone}</p>
      )}
    </section>
  );
}

import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import * as api from '../../api/endpoints';
import type { DomainReport } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { PROPOSED_PERIOD, type Proposal, proposalFor, withoutObjective } from '../../objectives/proposal';
import { type Outcome, setProposals } from '../../objectives/proposals';
import { refresh } from '../../state/refresh';
import { useResource } from '../../state/resource';
import { endIfRejected, mayManage } from '../../state/session';
import { Dialog } from '../Dialog';
import { WhyFailed } from '../Failure';
import { ObservedHint } from './ObservedHint';
import { latencyTexts } from './words';

/** More rows would be slow to show, and nobody reads them. */
const MOST_ROWS = 200;
const MOST_FAILURES = 5;

interface Props {
  client: Client;
  cluster: string;
  onClose: () => void;
}

/** The proposals of all domains that have no objective, to set one or all with one click. */
export function ProposalsDialog({ client, cluster, onClose }: Props) {
  const later = laterMessages.value;
  const month = useResource(`domains ${cluster} ${PROPOSED_PERIOD}`, (signal) =>
    api.domains(client, cluster, PROPOSED_PERIOD, signal),
  );
  return (
    <Dialog title={later.proposalsTitle} subject={cluster} testId="proposals-dialog" onClose={onClose}>
      {(close) => (
        <div class="target-form">
          <p class="hint">{later.proposalsHow}</p>
          {!mayManage.value && <p class="notice">{later.objectivesReadOnly}</p>}
          {month.data ? (
            <Proposals client={client} cluster={cluster} domains={month.data.domains} onDone={close} />
          ) : month.error ? (
            <p class="field-error" role="alert">
              <WhyFailed error={month.error} />
            </p>
          ) : (
            <span class="bone bone-panel" aria-hidden="true" />
          )}
        </div>
      )}
    </Dialog>
  );
}

interface ProposalsProps {
  client: Client;
  cluster: string;
  domains: readonly DomainReport[];
  onDone: () => void;
}

function Proposals({ client, cluster, domains, onDone }: ProposalsProps) {
  const words = messages.value;
  const later = laterMessages.value;
  const f = format.value;
  // What is set is still shown, though the list is read again.
  const [without] = useState(() => withoutObjective(domains));
  const [proposals] = useState(() => proposalsOf(without));
  const [set, setSet] = useState<ReadonlySet<string>>(new Set());
  const [failed, setFailed] = useState<ReadonlyMap<string, Error>>(new Map());
  const [progress, setProgress] = useState<{ done: number; of: number } | null>(null);
  const open = new Map([...proposals].filter(([domain]) => !set.has(domain)));

  const run = async (chosen: ReadonlyMap<string, Proposal>): Promise<void> => {
    setFailed(new Map());
    setProgress({ done: 0, of: chosen.size });
    const show = (outcome: Outcome): void => {
      setSet(new Set([...set, ...outcome.set]));
      setFailed(outcome.failed);
      setProgress({ done: outcome.set.length + outcome.failed.size, of: chosen.size });
    };
    const { failed: failures } = await setProposals(client, cluster, chosen, show);
    setProgress(null);
    refresh();
    for (const failure of failures.values()) endIfRejected(failure);
  };
  return (
    <>
      <ObservedHint coverage={without[0]?.summary.coverage ?? 1} />
      <div class="proposals">
        <table>
          <thead>
            <tr>
              <th scope="col">{words.domain}</th>
              <th scope="col">{later.proposalTitle}</th>
              <th scope="col">{later.proposalsAllowsColumn}</th>
              {mayManage.value && <td />}
            </tr>
          </thead>
          <tbody>
            {[...proposals].slice(0, MOST_ROWS).map(([domain, proposal]) => (
              <tr key={domain} data-testid="proposal-row" data-domain={domain}>
                <th scope="row">{domain === '*' ? words.anyHost : domain}</th>
                <td>
                  {[
                    f.target(proposal.availability),
                    ...latencyTexts({ ...proposal, latency_objective: null }, words),
                  ].join(' · ')}
                </td>
                <td>{f.outage(proposal.outage_seconds)}</td>
                {mayManage.value && (
                  <td>
                    {set.has(domain) ? (
                      <span class="is-set">✓ {later.proposalsIsSet}</span>
                    ) : (
                      <button
                        type="button"
                        class="button small"
                        disabled={progress !== null}
                        aria-label={later.proposalsSetOneOf(domain)}
                        onClick={() => void run(new Map([[domain, proposal]]))}
                      >
                        {later.proposalsSetOne}
                      </button>
                    )}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {proposals.size > MOST_ROWS && <p class="hint">{later.previewMore(f.count(proposals.size - MOST_ROWS))}</p>}
      {without.length > proposals.size && <p class="hint">{later.proposalsWithout(without.length - proposals.size)}</p>}
      <div role="status" data-testid="proposals-status">
        {progress ? (
          <p>{later.proposalsSetting(f.count(progress.done), f.count(progress.of))}</p>
        ) : (
          set.size > 0 && <p>{later.proposalsDone(set.size)}</p>
        )}
        {[...failed].slice(0, MOST_FAILURES).map(([domain, failure]) => (
          <p key={domain} class="field-error">
            <WhyFailed error={failure} within={(why) => later.proposalsFailed(domain, why)} />
          </p>
        ))}
        {failed.size > MOST_FAILURES && <p class="hint">{later.previewMore(f.count(failed.size - MOST_FAILURES))}</p>}
      </div>
      <div class="dialog-buttons">
        <span class="spacer" />
        <button type="button" class="button" onClick={onDone}>
          {words.close}
        </button>
        {mayManage.value && open.size > 0 && (
          <button
            type="button"
            class="button primary"
            disabled={progress !== null}
            data-testid="set-all-proposals"
            onClick={() => void run(open)}
          >
            {later.proposalsSetAll(open.size)}
          </button>
        )}
      </div>
    </>
  );
}

function proposalsOf(domains: readonly DomainReport[]): ReadonlyMap<string, Proposal> {
  return new Map(
    domains.flatMap((domain) => {
      const proposal = proposalFor(domain.summary);
      return proposal ? [[domain.domain, proposal] as const] : [];
    }),
  );
}

import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { DomainReport } from '../../api/types';
import { messages } from '../../i18n';
import { withoutObjective } from '../../objectives/proposal';
import { Later } from '../objectives/Later';

interface Props {
  client: Client;
  cluster: string;
  domains: readonly DomainReport[];
}

/** Says how many domains nobody has promised anything for, and offers proposals. */
export function PresetHint({ client, cluster, domains }: Props) {
  const words = messages.value;
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const count = withoutObjective(domains).length;
  return (
    <>
      {count > 0 && (
        <p class="status-hint" data-testid="preset-hint">
          {words.presetCount(count)}: {words.presetCountHint(count)}{' '}
          <button type="button" class="button small" data-testid="proposals" onClick={() => setOpen(true)}>
            {words.proposalsOpen}
          </button>
        </p>
      )}
      {isOpen && (
        <Later onFailure={close}>
          {({ ProposalsDialog }) => <ProposalsDialog client={client} cluster={cluster} onClose={close} />}
        </Later>
      )}
    </>
  );
}

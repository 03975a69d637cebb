import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import * as api from '../../api/incidents';
import type { IncidentAnswer } from '../../api/types';
import { messages } from '../../i18n';
import { explainFailure } from '../../i18n/said/failures';
import { refresh } from '../../state/refresh';
import { endIfRejected, mayManage } from '../../state/session';
import { toast } from '../../state/toasts';

/** The button for those who may, while nobody has acknowledged the incident. */
export function Acknowledge({ client, incident }: { client: Client; incident: IncidentAnswer }) {
  const words = messages.value;
  const [isSending, setSending] = useState(false);
  if (!mayManage.value || incident.status !== 'open') return null;
  const send = async (): Promise<void> => {
    setSending(true);
    try {
      await api.acknowledge(client, incident.cluster_id, incident.incident_id);
      toast((now) => now.acknowledged);
    } catch (error) {
      endIfRejected(error);
      const failure = error instanceof Error ? error : new Error(String(error));
      toast((now) => now.acknowledgeFailed(explainFailure(failure, now)));
    }
    setSending(false);
    refresh();
  };
  return (
    <button
      type="button"
      class="button primary"
      title={words.acknowledgeHow}
      disabled={isSending}
      data-testid="acknowledge"
      onClick={() => void send()}
    >
      {isSending ? words.acknowledging : words.acknowledge}
    </button>
  );
}

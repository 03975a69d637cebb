import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import { serverTime } from '../../api/clock';
import * as api from '../../api/notifications';
import { format } from '../../format';
import { messages } from '../../i18n';
import { MUTE_SECONDS, type MuteDraft, readMute } from '../../notifications/mute';
import { lastCluster } from '../../state/location';
import { clock } from '../../state/preferences';
import { session } from '../../state/session';
import { toast } from '../../state/toasts';
import { Dialog } from '../Dialog';
import { Field, Select } from '../Field';
import { FormFrame } from './FormFrame';
import { useSaving } from './useSaving';

const FIELDS: readonly (keyof MuteDraft)[] = ['cluster_id', 'domain', 'path_prefix', 'until', 'reason'];

export function MuteDialog({ client, onClose }: { client: Client; onClose: () => void }) {
  return (
    <Dialog title={messages.value.muteTitle} testId="mute-dialog" onClose={onClose}>
      {(close) => <MuteForm client={client} onDone={close} />}
    </Dialog>
  );
}

function MuteForm({ client, onDone }: { client: Client; onDone: () => void }) {
  const words = messages.value;
  const [draft, setDraft] = useState<MuteDraft>({
    cluster_id: lastCluster.value ?? session.value?.grant?.clusters[0] ?? '*',
    domain: '*',
    path_prefix: '',
    length: String(MUTE_SECONDS[1]),
    until: '',
    reason: '',
  });
  const [wasSent, setSent] = useState(false);
  const saving = useSaving(() => {
    toast((said) => said.muteAdded);
    onDone();
  });
  const { errors } = readMute(draft, words, serverTime(Date.now()), clock.value === 'utc');
  const change = (name: keyof MuteDraft) => (text: string) => {
    setDraft({ ...draft, [name]: text });
    saving.changed();
  };
  const field = (name: keyof MuteDraft, label: string, hint: string, type?: 'datetime-local') => (
    <Field
      name={name}
      label={label}
      hint={hint}
      type={type ?? 'text'}
      error={(wasSent ? errors.get(name) : undefined) ?? saving.refused.get(name)}
      value={draft[name]}
      onChange={change(name)}
    />
  );
  const submit = (): void => {
    setSent(true);
    const { body } = readMute(draft, words, serverTime(Date.now()), clock.value === 'utc');
    if (body) void saving.attempt(() => api.addMute(client, body));
  };
  const zone = clock.value === 'utc' ? words.clockUtc : words.clockLocal;
  return (
    <FormFrame saving={saving} fields={FIELDS} onSubmit={submit} onCancel={onDone}>
      <div class="target-fields">
        {field('cluster_id', words.muteCluster, words.muteClusterHint)}
        {field('domain', words.muteDomain, words.muteDomainHint)}
        {field('path_prefix', words.mutePath, words.mutePathHint)}
        <Select
          name="length"
          label={words.muteFor}
          value={draft.length}
          choices={[
            ...MUTE_SECONDS.map((seconds) => [String(seconds), format.value.duration(seconds)] as const),
            ['', words.muteCustom],
          ]}
          onChange={change('length')}
        />
        {draft.length === '' && field('until', words.muteAt, zone, 'datetime-local')}
      </div>
      {field('reason', words.muteReason, words.muteReasonHint)}
    </FormFrame>
  );
}

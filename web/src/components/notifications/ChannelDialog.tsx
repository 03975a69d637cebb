import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import * as api from '../../api/notifications';
import { CHANNEL_KINDS, type ChannelAnswer, type ChannelBody } from '../../api/types';
import { messages } from '../../i18n';
import { isLanguage, LANGUAGE_NAMES, LANGUAGES } from '../../i18n/languages';
import type { English } from '../../i18n/said/words';
import { CHANNEL_NAME, type ChannelDraft, fieldsOf, readSettings, settingsErrors } from '../../notifications/channel';
import { channelKindWord } from '../../notifications/words';
import { language } from '../../state/preferences';
import { toast } from '../../state/toasts';
import { Dialog } from '../Dialog';
import { Check, Field, Select } from '../Field';
import { FormFrame } from './FormFrame';
import { useSaving } from './useSaving';

interface Props {
  client: Client;
  /** Null for a new one. */
  channel: ChannelAnswer | null;
  taken: readonly string[];
  onClose: () => void;
}

export function ChannelDialog({ channel, onClose, ...rest }: Props) {
  const words = messages.value;
  return (
    <Dialog
      title={channel ? words.editChannel : words.addChannel}
      subject={channel?.name}
      testId="channel-dialog"
      onClose={onClose}
    >
      {(close) => <ChannelForm {...rest} channel={channel} onDone={close} />}
    </Dialog>
  );
}

/** Address and secrets of a stored channel are kept unless all of them are written again. */
function ChannelForm({ client, channel, taken, onDone }: Omit<Props, 'onClose'> & { onDone: () => void }) {
  const words = messages.value;
  const [name, setName] = useState(channel?.name ?? '');
  const [kind, setKind] = useState(channel?.kind ?? 'email');
  const [tongue, setTongue] = useState(channel?.language ?? language.value);
  const [isEnabled, setEnabled] = useState(channel?.is_enabled ?? true);
  const [isReplacing, setReplacing] = useState(channel === null);
  const [draft, setDraft] = useState<ChannelDraft>({});
  const [wasSent, setSent] = useState(false);
  const saving = useSaving(() => {
    toast((said) => said.channelSaved(name));
    onDone();
  });

  const writes = isReplacing || kind !== channel?.kind;
  const read = readSettings(kind, draft, words);
  const nameError = nameProblem();
  const refused = settingsErrors(saving.refused);
  const errors = new Map<string, string | English>([...refused, ...(wasSent && writes ? read.errors : [])]);
  const fields = fieldsOf(kind, words);
  const shown = ['name', ...(writes ? fields.map((field) => field.name) : [])];

  function nameProblem(): string | undefined {
    if (channel) return undefined;
    if (!CHANNEL_NAME.test(name)) return words.channelNameInvalid;
    return taken.includes(name) ? words.channelNameTaken : undefined;
  }
  const submit = (): void => {
    setSent(true);
    if (nameError || (writes && !read.settings)) return;
    const body: ChannelBody = {
      kind,
      language: tongue,
      is_enabled: isEnabled,
      settings: writes ? read.settings : null,
    };
    void saving.attempt(() => api.setChannel(client, name, body));
  };
  return (
    <FormFrame saving={{ ...saving, refused }} fields={shown} onSubmit={submit} onCancel={onDone}>
      <div class="target-fields">
        {!channel && (
          <Field
            name="name"
            label={words.channelName}
            hint={words.channelNameHint}
            error={wasSent ? (nameError ?? errors.get('name')) : undefined}
            value={name}
            onChange={setName}
          />
        )}
        <Select
          name="kind"
          label={words.channelKind}
          value={kind}
          choices={CHANNEL_KINDS.map((each) => [each, channelKindWord(each, words)])}
          onChange={(value) => {
            setKind(CHANNEL_KINDS.find((each) => each === value) ?? kind);
            setDraft({});
            setSent(false);
            saving.changed();
          }}
        />
        <Select
          name="language"
          label={words.channelLanguage}
          value={tongue}
          choices={LANGUAGES.map((each) => [each, LANGUAGE_NAMES[each]])}
          onChange={(value) => setTongue(isLanguage(value) ? value : tongue)}
        />
      </div>
      <fieldset class="setting-group">
        <legend class="field-label">{words.channelSecrets}</legend>
        {writes ? (
          fields.map((field) => (
            <Field
              key={`${kind} ${field.name}`}
              {...field}
              type={field.isSecret ? 'password' : 'text'}
              isList={field.isList ?? false}
              error={errors.get(field.name)}
              value={draft[field.name] ?? ''}
              onChange={(text) => {
                setDraft({ ...draft, [field.name]: text });
                saving.changed();
              }}
            />
          ))
        ) : (
          <p class="hint" data-testid="kept">
            {words.channelKept}
          </p>
        )}
        {channel && kind === channel.kind && (
          <button
            type="button"
            class="button small"
            data-testid="replace-secrets"
            onClick={() => setReplacing(!isReplacing)}
          >
            {isReplacing ? words.channelKeep : words.channelReplace}
          </button>
        )}
      </fieldset>
      <Check name="is_enabled" label={words.channelEnabled} isChecked={isEnabled} onChange={setEnabled} />
    </FormFrame>
  );
}

import { useState } from 'preact/hooks';
import type { Digest, NotificationsAnswer, QuietHours } from '../../api/types';
import { messages } from '../../i18n';
import { type Part, saveSettings } from '../../notifications/settings';
import { digestSentence, quietSentence } from '../../notifications/words';
import { mayManage } from '../../state/session';
import { toast } from '../../state/toasts';
import { Dialog } from '../Dialog';
import { Panel } from '../detail/Panel';
import { Check, Choices, Field } from '../Field';
import { FormFrame, SettingsConflict } from './FormFrame';
import type { SettingsProps } from './Rules';
import { useSaving } from './useSaving';

const NIGHT = { start: '22:00', end: '07:00' };

/** Quiet hours and the weekly digest. */
export function Timing(props: SettingsProps) {
  const words = messages.value;
  const [isEditing, setEditing] = useState(false);
  const { quiet_hours, digest } = props.settings;
  const aside = mayManage.value && (
    <button
      type="button"
      class="button small"
      aria-label={`${words.edit}: ${words.timing}`}
      data-testid="edit-timing"
      onClick={() => setEditing(true)}
    >
      {words.edit}
    </button>
  );
  return (
    <Panel title={words.timing} testId="timing" aside={aside}>
      <dl class="setting-facts">
        <dt>{words.quietHours}</dt>
        <dd data-testid="quiet-hours">{quietSentence(quiet_hours, words)}</dd>
        <dt>{words.digest}</dt>
        <dd data-testid="digest">{digestSentence(digest, words)}</dd>
      </dl>
      {isEditing && (
        <Dialog title={words.editTiming} testId="timing-dialog" onClose={() => setEditing(false)}>
          {(close) => <TimingForm {...props} onDone={close} />}
        </Dialog>
      )}
    </Panel>
  );
}

function TimingForm({ client, settings, channels, onDone }: SettingsProps & { onDone: () => void }) {
  const words = messages.value;
  const [seen, setSeen] = useState(settings);
  const [isQuiet, setQuiet] = useState(settings.quiet_hours !== null);
  const [hours, setHours] = useState<QuietHours>(settings.quiet_hours ?? { ...NIGHT, time_zone: browserZone() });
  const [digest, setDigest] = useState<Digest>(settings.digest);
  const saving = useSaving(() => {
    toast((said) => said.saved);
    onDone();
  });
  const part: Part = { quiet_hours: isQuiet ? hours : null, digest };
  const sentences = (of: Pick<NotificationsAnswer, 'quiet_hours' | 'digest'>): string[] => [
    `${words.quietHours}: ${quietSentence(of.quiet_hours, words)}`,
    `${words.digest}: ${digestSentence(of.digest, words)}`,
  ];
  const save = (base: NotificationsAnswer): void => {
    setSeen(base);
    void saving.attempt(() => saveSettings(client, base, part));
  };
  const clock = (name: string, label: string, value: string, onChange: (text: string) => void) => (
    <Field
      name={name}
      type="time"
      label={label}
      error={saving.refused.get(name) ?? (value ? undefined : words.fieldTime)}
      value={value}
      onChange={(text) => {
        onChange(text);
        saving.changed();
      }}
    />
  );
  const zone = (name: string, value: string, onChange: (text: string) => void) => (
    <Field
      name={name}
      label={words.timeZone}
      hint={words.timeZoneHint}
      error={saving.refused.get(name)}
      value={value}
      onChange={(text) => {
        onChange(text.trim());
        saving.changed();
      }}
    />
  );
  return (
    <FormFrame
      saving={saving}
      fields={[
        ...(isQuiet ? ['quiet_hours.start', 'quiet_hours.end', 'quiet_hours.time_zone'] : []),
        ...(digest.is_enabled ? ['digest.at', 'digest.time_zone', 'digest.channels'] : []),
      ]}
      onSubmit={() => {
        if ((!isQuiet || (hours.start && hours.end)) && digest.at) save(seen);
      }}
      onCancel={onDone}
    >
      <fieldset class="setting-group">
        <legend class="field-label">{words.quietHours}</legend>
        <p class="hint">{words.quietHoursHow}</p>
        <Check name="quiet" label={words.quietHoursKept} isChecked={isQuiet} onChange={setQuiet} />
        {isQuiet && (
          <div class="target-fields">
            {clock('quiet_hours.start', words.quietStart, hours.start, (start) => setHours({ ...hours, start }))}
            {clock('quiet_hours.end', words.quietEnd, hours.end, (end) => setHours({ ...hours, end }))}
            {zone('quiet_hours.time_zone', hours.time_zone, (time_zone) => setHours({ ...hours, time_zone }))}
          </div>
        )}
      </fieldset>
      <fieldset class="setting-group">
        <legend class="field-label">{words.digest}</legend>
        <Check
          name="digest"
          label={words.digestSent}
          isChecked={digest.is_enabled}
          onChange={(is_enabled) => setDigest({ ...digest, is_enabled })}
        />
        {digest.is_enabled && (
          <>
            <div class="target-fields">
              {clock('digest.at', words.digestAt, digest.at, (at) => setDigest({ ...digest, at }))}
              {zone('digest.time_zone', digest.time_zone, (time_zone) => setDigest({ ...digest, time_zone }))}
            </div>
            <Choices
              name="digest.channels"
              label={words.digestChannels}
              hint={words.digestChannelsHint}
              error={saving.refused.get('digest.channels')}
              values={[...new Set([...channels, ...digest.channels])]}
              chosen={digest.channels}
              word={(name) => name}
              onChange={(chosen) => setDigest({ ...digest, channels: chosen })}
            />
          </>
        )}
      </fieldset>
      {saving.conflict && (
        <SettingsConflict
          theirs={saving.conflict}
          sentences={sentences}
          yours={sentences({ quiet_hours: isQuiet ? hours : null, digest })}
          onTake={onDone}
          onKeep={() => saving.conflict && save(saving.conflict)}
        />
      )}
    </FormFrame>
  );
}

function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

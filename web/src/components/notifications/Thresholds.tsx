import { useState } from 'preact/hooks';
import type { NotificationsAnswer } from '../../api/types';
import { format } from '../../format';
import { type Messages, messages } from '../../i18n';
import { saveSettings } from '../../notifications/settings';
import { readThresholds, THRESHOLD_FIELDS, type ThresholdField, thresholdDraft } from '../../notifications/thresholds';
import { thresholdSentences } from '../../notifications/words';
import { mayManage } from '../../state/session';
import { toast } from '../../state/toasts';
import { Dialog } from '../Dialog';
import { Panel } from '../detail/Panel';
import { Field } from '../Field';
import { FormFrame, SettingsConflict } from './FormFrame';
import type { SettingsProps } from './Rules';
import { useSaving } from './useSaving';

/** What opens and ends incidents, in sentences. */
export function Thresholds(props: SettingsProps) {
  const words = messages.value;
  const [isEditing, setEditing] = useState(false);
  const aside = mayManage.value && (
    <button
      type="button"
      class="button small"
      aria-label={`${words.edit}: ${words.thresholds}`}
      data-testid="edit-thresholds"
      onClick={() => setEditing(true)}
    >
      {words.edit}
    </button>
  );
  return (
    <Panel title={words.thresholds} testId="thresholds" aside={aside}>
      <ul class="plain-list">
        {thresholdSentences(props.settings.thresholds, words, format.value).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {isEditing && (
        <Dialog title={words.editThresholds} testId="thresholds-dialog" onClose={() => setEditing(false)}>
          {(close) => <ThresholdsForm {...props} onDone={close} />}
        </Dialog>
      )}
    </Panel>
  );
}

const PREFIX = 'thresholds.';

function ThresholdsForm({ client, settings, onDone }: SettingsProps & { onDone: () => void }) {
  const words = messages.value;
  const [seen, setSeen] = useState(settings);
  const [draft, setDraft] = useState(() => thresholdDraft(settings.thresholds));
  const saving = useSaving(() => {
    toast((said) => said.saved);
    onDone();
  });
  const { thresholds, errors } = readThresholds(draft, words);
  const save = (base: NotificationsAnswer): void => {
    setSeen(base);
    if (thresholds) void saving.attempt(() => saveSettings(client, base, { thresholds }));
  };
  return (
    <FormFrame
      saving={saving}
      fields={THRESHOLD_FIELDS.map((field) => `${PREFIX}${field}`)}
      onSubmit={() => save(seen)}
      onCancel={onDone}
    >
      <div class="target-fields">
        {THRESHOLD_FIELDS.map((field) => (
          <Field
            key={field}
            name={`${PREFIX}${field}`}
            label={labelOf(field, words)}
            hint={field.endsWith('_reminder_seconds') ? words.reminderHint : undefined}
            error={errors.get(field) ?? saving.refused.get(`${PREFIX}${field}`)}
            value={draft[field]}
            onChange={(text) => {
              setDraft({ ...draft, [field]: text });
              saving.changed();
            }}
          />
        ))}
      </div>
      {saving.conflict && thresholds && (
        <SettingsConflict
          theirs={saving.conflict}
          sentences={(theirs) => thresholdSentences(theirs.thresholds, words, format.value)}
          yours={thresholdSentences(thresholds, words, format.value)}
          onTake={onDone}
          onKeep={() => saving.conflict && save(saving.conflict)}
        />
      )}
    </FormFrame>
  );
}

function labelOf(field: ThresholdField, words: Messages): string {
  const known: Record<ThresholdField, string> = {
    outage_share: words.outageShare,
    outage_requests: words.outageRequests,
    trickle_share: words.trickleShare,
    trickle_requests: words.trickleRequests,
    calm_seconds: words.calmMinutes,
    silent_seconds: words.silentMinutes,
    page_reminder_seconds: words.pageReminderHours,
    ticket_reminder_seconds: words.ticketReminderHours,
  };
  return known[field];
}

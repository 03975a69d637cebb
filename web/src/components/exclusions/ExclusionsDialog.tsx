import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { ObjectiveSubject } from '../../api/endpoints';
import * as api from '../../api/exclusions';
import type { ExclusionAnswer } from '../../api/types';
import { concerns } from '../../charts/excluded';
import { type ExclusionDraft, fieldTime, RECURRENCES, type Recurrence, readExclusion } from '../../exclusions/draft';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { ALL_CLUSTERS, type Level, levelOf, subjectAt, subjectName } from '../../objectives/levels';
import { browserTimeZone } from '../../objectives/period';
import { clock } from '../../state/preferences';
import { useResource } from '../../state/resource';
import { mayManageIn } from '../../state/session';
import { toast } from '../../state/toasts';
import { Dialog } from '../Dialog';
import { WhyFailed } from '../Failure';
import { Field, Select } from '../Field';
import { act } from '../notifications/act';
import { FormFrame } from '../notifications/FormFrame';
import { useSaving } from '../notifications/useSaving';
import { LevelChoice } from '../objectives/LevelChoice';
import { ExclusionList } from './ExclusionList';

interface Props {
  client: Client;
  /** What the page shows; the dialog may go up to its domain, its cluster and all clusters. */
  of: ObjectiveSubject;
  /** Unix seconds. */
  time: { from: number; to: number } | null;
  onClose: () => void;
}

/** What does not count for a subject, with the form of a new one. */
export function ExclusionsDialog({ client, of, time, onClose }: Props) {
  const words = messages.value;
  const said = laterMessages.value;
  const [level, setLevel] = useState<Level>(levelOf(of));
  const subject = subjectAt(level, of);
  const read = useResource(`exclusions ${of.cluster}`, (signal) => api.exclusions(client, of.cluster, signal));
  const isShown = (each: ExclusionAnswer): boolean =>
    subject.cluster === ALL_CLUSTERS ? each.cluster_id === ALL_CLUSTERS : concerns(each, subject);
  const remove = (each: ExclusionAnswer): void =>
    void act(
      () => api.removeExclusion(client, each.cluster_id, each.exclusion_id),
      () => laterMessages.value.undone,
    );
  return (
    <Dialog title={said.title} subject={subjectName(subject, words)} testId="exclusions-dialog" onClose={onClose}>
      {(close) => (
        <>
          <LevelChoice of={of} value={level} onChange={setLevel} />
          <p class="hint">{said.how}</p>
          {read.data ? (
            <ExclusionList exclusions={read.data.filter(isShown)} onRemove={remove} />
          ) : (
            read.error && (
              <p class="field-error" role="alert">
                <WhyFailed error={read.error} />
              </p>
            )
          )}
          {mayManageIn(subject.cluster) ? (
            <ExclusionForm client={client} subject={subject} time={time} onDone={close} />
          ) : (
            <p class="notice" data-testid="read-only">
              {said.allReadOnly}
            </p>
          )}
        </>
      )}
    </Dialog>
  );
}

const FIELDS: readonly (keyof ExclusionDraft)[] = ['from', 'to', 'rule', 'time_zone', 'reason'];

interface FormProps {
  client: Client;
  subject: ObjectiveSubject;
  time: Props['time'];
  onDone: () => void;
}

function ExclusionForm({ client, subject, time, onDone }: FormProps) {
  const words = messages.value;
  const said = laterMessages.value;
  const isUtc = clock.value === 'utc';
  const [draft, setDraft] = useState<ExclusionDraft>(() => ({
    from: time ? fieldTime(time.from, isUtc) : '',
    to: time ? fieldTime(time.to, isUtc) : '',
    recurs: 'once',
    rule: '',
    time_zone: isUtc ? 'UTC' : browserTimeZone(),
    reason: '',
  }));
  const [wasSent, setSent] = useState(false);
  const saving = useSaving(onDone);
  const { body, errors } = readExclusion(draft, said, words.fieldRequired, isUtc);
  const change = (part: Partial<ExclusionDraft>): void => {
    setDraft({ ...draft, ...part });
    saving.changed();
  };
  const field = (name: Exclude<keyof ExclusionDraft, 'recurs'>, label: string, hint?: string) => (
    <Field
      name={name}
      label={label}
      hint={hint}
      type={name === 'from' || name === 'to' ? 'datetime-local' : 'text'}
      error={(wasSent ? errors.get(name) : undefined) ?? saving.refused.get(name)}
      value={draft[name]}
      onChange={(text) => change({ [name]: text })}
    />
  );
  const send = async (): Promise<void> => {
    if (!body) return;
    const id = await api.addExclusion(client, subject, body);
    toast(
      () => laterMessages.value.added,
      () =>
        act(
          () => api.removeExclusion(client, subject.cluster, id),
          () => laterMessages.value.undone,
        ),
    );
  };
  const submit = (): void => {
    setSent(true);
    if (body) void saving.attempt(send);
  };
  const zone = isUtc ? words.clockUtc : words.clockLocal;
  return (
    <FormFrame saving={saving} fields={FIELDS} word={said.add} onSubmit={submit} onCancel={onDone}>
      <div class="target-fields">
        {field('from', said.from, zone)}
        {field('to', said.to, zone)}
        <Select
          name="recurs"
          label={said.recurs}
          value={draft.recurs}
          choices={RECURRENCES.map((each) => [each, said[each]] as const)}
          onChange={(value) => change({ recurs: value as Recurrence })}
        />
        {draft.recurs !== 'once' && field('time_zone', said.timeZone, said.timeZoneHint)}
        {draft.recurs === 'byRule' && field('rule', said.rule, said.ruleHint)}
      </div>
      {field('reason', said.reason, said.reasonHint)}
    </FormFrame>
  );
}

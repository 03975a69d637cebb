import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { NotificationsAnswer } from '../../api/types';
import { messages } from '../../i18n';
import { WhyFailed } from '../Failure';
import { Spoken } from '../Spoken';
import type { Saving } from './useSaving';

interface Props {
  saving: Saving;
  /** The fields that the form shows: what the API says of others is shown below. */
  fields: readonly string[];
  /** What the button says that sends it. */
  word?: string;
  onSubmit: () => void;
  onCancel: () => void;
  children: ComponentChildren;
}

/** A form in a dialog, with what was refused and its buttons. The first field that is wrong gets the focus. */
export function FormFrame({ saving, fields, word, onSubmit, onCancel, children }: Props) {
  const words = messages.value;
  const form = useRef<HTMLFormElement>(null);
  const { isSaving, refused } = saving;
  useEffect(() => focusOnError(form.current), [refused]);
  return (
    <form
      ref={form}
      class="target-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
        requestAnimationFrame(() => focusOnError(form.current));
      }}
    >
      {children}
      <FormFailure {...saving} fields={fields} />
      <div class="dialog-buttons">
        <span class="spacer" />
        <button type="button" class="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button type="submit" class="button primary" disabled={isSaving} data-testid="save">
          {isSaving ? words.saving : (word ?? words.save)}
        </button>
      </div>
    </form>
  );
}

type FailureProps = Pick<Saving, 'failure' | 'refused'> & Pick<Props, 'fields'>;

/** Why a form was not saved, except what is said at the fields that it shows. */
export function FormFailure({ failure, refused, fields }: FailureProps) {
  const others = [...refused].filter(([field]) => !fields.includes(field));
  if (!failure && !others.length) return null;
  return (
    <div class="field-error" role="alert" data-testid="form-failure">
      {failure && (
        <p>
          <WhyFailed error={failure} />
        </p>
      )}
      {others.map(([field, { english }]) => (
        <p key={field}>
          <Spoken words={{ english: `${field}: ${english}` }} />
        </p>
      ))}
    </div>
  );
}

function focusOnError(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

interface ConflictProps {
  theirs: NotificationsAnswer;
  /** The sentences that say what is set. */
  sentences: (settings: NotificationsAnswer) => readonly string[];
  yours: readonly string[];
  onTake: () => void;
  onKeep: () => void;
}

/** Shown when two people changed the same part: both, and a choice. */
export function SettingsConflict({ theirs, sentences, yours, onTake, onKeep }: ConflictProps) {
  const words = messages.value;
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.scrollIntoView({ block: 'center' }), []);
  return (
    <section ref={section} class="conflict" role="alert" data-testid="conflict">
      <h3>{words.settingsConflict}</h3>
      <Version title={words.conflictTheirs} sentences={sentences(theirs)} />
      <Version title={words.conflictYours} sentences={yours} />
      <div class="dialog-buttons">
        <button type="button" class="button" data-testid="take-theirs" onClick={onTake}>
          {words.settingsTakeTheirs}
        </button>
        <button type="button" class="button danger" data-testid="keep-mine" onClick={onKeep}>
          {words.settingsKeepMine}
        </button>
      </div>
    </section>
  );
}

function Version({ title, sentences }: { title: string; sentences: readonly string[] }) {
  return (
    <div>
      <strong>{title}</strong>
      <ol class="plain-list">
        {sentences.map((sentence, index) => (
          <li key={`${index} ${sentence}`}>{sentence}</li>
        ))}
      </ol>
    </div>
  );
}

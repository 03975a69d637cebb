import type { Client } from '../../api/client';
import { channels } from '../../api/notifications';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import type { English } from '../../i18n/said/words';
import type { Draft, Field } from '../../objectives/draft';
import { isCalendar, LENGTHS, lengthWord } from '../../objectives/period';
import { useResource } from '../../state/resource';
import { FieldError } from '../Spoken';

interface Props {
  client: Client;
  draft: Draft;
  errors: ReadonlyMap<Field, string | English>;
  /** Whether the objective has its name already, which never changes. */
  isNamed: boolean;
  isDisabled: boolean;
  onChange: (field: Field, text: string) => void;
}

export function Fields(props: Props) {
  const words = messages.value;
  const later = laterMessages.value;
  return (
    <fieldset class="target-fields" disabled={props.isDisabled}>
      <legend class="visually-hidden">{words.objective}</legend>
      <FieldInput
        {...props}
        field="availability"
        label={later.objectiveAvailabilityField}
        hint={later.objectiveAvailabilityHint}
      />
      <PeriodSelect {...props} />
      {isCalendar(props.draft.period) && (
        <FieldInput
          {...props}
          field="time_zone"
          isText={true}
          label={later.objectiveTimeZoneField}
          hint={later.objectiveTimeZoneHint}
        />
      )}
      <FieldInput {...props} field="p95_latency" label={later.objectiveP95Field} hint={later.objectiveP95Hint} />
      <FieldInput
        {...props}
        field="minimum_requests"
        label={later.objectiveMinimumField}
        hint={later.objectiveMinimumHint}
      />
      <fieldset class="latency-objective">
        <legend class="field-label">{words.latencyObjective}</legend>
        <p class="hint">{later.latencyObjectiveHint}</p>
        <FieldInput {...props} field="latency_objective.share" label={later.latencyShareField} />
        <FieldInput {...props} field="latency_objective.threshold" label={later.latencyThresholdField} />
      </fieldset>
      {!props.isNamed && (
        <FieldInput
          {...props}
          field="name"
          isText={true}
          label={later.objectiveNameField}
          hint={later.objectiveNameHint}
        />
      )}
      <FieldInput
        {...props}
        field="owner"
        isText={true}
        label={later.objectiveOwnerField}
        hint={later.objectiveOwnerHint}
      />
      <ChannelSelect {...props} />
    </fieldset>
  );
}

/** A period that may not be set any more is shown, and only as what to change from. */
function PeriodSelect(props: Props) {
  const words = messages.value;
  return (
    <FieldSelect
      {...props}
      field="period"
      label={laterMessages.value.objectivePeriodField}
      values={LENGTHS}
      word={(each) => lengthWord(each, words)}
    />
  );
}

/** A channel that does not exist is shown, and only as what to change from: annotations and files may name one. */
function ChannelSelect({ client, ...props }: Props) {
  const later = laterMessages.value;
  const { data } = useResource('channels', (signal) => channels(client, signal));
  const known = data?.map((each) => each.name);
  const word = (name: string): string => {
    if (!name) return later.objectiveChannelRules;
    return !known || known.includes(name) ? name : later.objectiveChannelGone(name);
  };
  return (
    <FieldSelect
      {...props}
      client={client}
      field="channel"
      label={later.objectiveChannelField}
      hint={later.objectiveChannelHint}
      values={['', ...(known ?? [])]}
      word={word}
    />
  );
}

interface SelectProps extends Props {
  field: Field;
  label: string;
  hint?: string;
  values: readonly string[];
  word: (value: string) => string;
}

/** A value that cannot be chosen is shown, and cannot be chosen again. */
function FieldSelect({ field, label, hint, values, word, draft, errors, onChange }: SelectProps) {
  const id = `objective-${field}`;
  const error = errors.get(field);
  const value = draft[field];
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div class="target-field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <select
        id={id}
        name={field}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={described || undefined}
        onChange={(event) => onChange(field, event.currentTarget.value)}
      >
        {!values.includes(value) && (
          <option value={value} disabled={true}>
            {word(value)}
          </option>
        )}
        {values.map((each) => (
          <option key={each} value={each}>
            {word(each)}
          </option>
        ))}
      </select>
      {error && <FieldError id={id} name={field} words={error} />}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

interface FieldProps extends Props {
  field: Field;
  label: string;
  hint?: string;
  isText?: boolean;
}

/** A field with its error, which screen readers announce with the field. */
function FieldInput({ field, label, hint, isText, draft, errors, onChange }: FieldProps) {
  const id = `objective-${field.replace(/\W|_/g, '-')}`;
  const error = errors.get(field);
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div class="target-field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        name={field}
        type="text"
        inputMode={isText ? 'text' : 'decimal'}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={draft[field]}
        aria-invalid={error !== undefined}
        aria-describedby={described || undefined}
        onInput={(event) => onChange(field, event.currentTarget.value)}
      />
      {error && <FieldError id={id} name={field} words={error} />}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

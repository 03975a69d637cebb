import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import type { Draft, Field, FieldErrors } from '../../objectives/draft';
import { isCalendar, LENGTHS, lengthWord } from '../../objectives/period';

interface Props {
  draft: Draft;
  errors: FieldErrors;
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
    </fieldset>
  );
}

/** A period that may not be set any more is shown, and only as what to change from. */
function PeriodSelect({ draft, errors, onChange }: Props) {
  const words = messages.value;
  const later = laterMessages.value;
  const id = 'objective-period';
  const error = errors.get('period');
  const isOld = !LENGTHS.some((each) => each === draft.period);
  return (
    <div class="target-field">
      <label class="field-label" for={id}>
        {later.objectivePeriodField}
      </label>
      <select
        id={id}
        name="period"
        value={draft.period}
        aria-invalid={error !== undefined}
        aria-describedby={error && `${id}-error`}
        onChange={(event) => onChange('period', event.currentTarget.value)}
      >
        {isOld && (
          <option value={draft.period} disabled={true}>
            {lengthWord(draft.period, words)}
          </option>
        )}
        {LENGTHS.map((each) => (
          <option key={each} value={each}>
            {lengthWord(each, words)}
          </option>
        ))}
      </select>
      {error && <FieldError id={id} name="period" text={error} />}
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
      {error && <FieldError id={id} name={field} text={error} />}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

function FieldError({ id, name, text }: { id: string; name: Field; text: string }) {
  return (
    <p id={`${id}-error`} class="field-error" data-testid={`error-${name}`}>
      {text}
    </p>
  );
}

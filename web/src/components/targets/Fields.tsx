import { messages } from '../../i18n';
import type { Draft, Field, FieldErrors } from '../../targets/draft';

interface Props {
  draft: Draft;
  errors: FieldErrors;
  isDisabled: boolean;
  onChange: (field: Field, text: string) => void;
}

export function Fields(props: Props) {
  const words = messages.value;
  return (
    <fieldset class="target-fields" disabled={props.isDisabled}>
      <legend class="visually-hidden">{words.target}</legend>
      <FieldInput
        {...props}
        field="availability"
        label={words.targetAvailabilityField}
        hint={words.targetAvailabilityHint}
      />
      <FieldInput {...props} field="p95_latency" label={words.targetP95Field} hint={words.targetP95Hint} />
      <fieldset class="target-objective">
        <legend class="field-label">{words.targetObjective}</legend>
        <p class="hint" id="objective-hint">
          {words.targetObjectiveHint}
        </p>
        <FieldInput {...props} field="latency_objective.share" label={words.targetShareField} />
        <FieldInput {...props} field="latency_objective.threshold" label={words.targetThresholdField} />
      </fieldset>
      <FieldInput {...props} field="minimum_requests" label={words.targetMinimumField} hint={words.targetMinimumHint} />
    </fieldset>
  );
}

interface FieldProps extends Props {
  field: Field;
  label: string;
  hint?: string;
}

/** A number field with its error, which screen readers announce with the field. */
function FieldInput({ field, label, hint, draft, errors, onChange }: FieldProps) {
  const id = `target-${field.replace('.', '-')}`;
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
        inputMode="decimal"
        autocomplete="off"
        value={draft[field]}
        aria-invalid={error !== undefined}
        aria-describedby={described || undefined}
        onInput={(event) => onChange(field, event.currentTarget.value)}
      />
      {error && (
        <p id={`${id}-error`} class="field-error" data-testid={`error-${field}`}>
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

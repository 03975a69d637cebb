import type { ComponentChildren } from 'preact';
import type { English } from '../i18n/said/words';
import { FieldError } from './Spoken';

const TYPES = {
  text: { type: 'text' },
  password: { type: 'password' },
  time: { type: 'time' },
  'datetime-local': { type: 'datetime-local' },
} as const;

interface Props {
  /** As in the API, which names it in its errors. */
  name: string;
  label: string;
  hint?: string | undefined;
  error?: string | English | undefined;
  value: string;
  onChange: (text: string) => void;
  type?: keyof typeof TYPES;
  /** A field of several lines. */
  isList?: boolean;
}

/** A field with its hint and its error, which screen readers announce with it. */
export function Field({ name, label, hint, error, value, onChange, type = 'text', isList }: Props) {
  const id = `field-${name.replace(/\W/g, '-')}`;
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  const common = {
    id,
    name,
    value,
    autocomplete: 'off' as const,
    autocapitalize: 'none' as const,
    spellcheck: false,
    'aria-invalid': error !== undefined,
    'aria-describedby': described || undefined,
  };
  return (
    <div class="target-field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {isList ? (
        <textarea {...common} rows={3} onInput={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <input {...common} {...TYPES[type]} onInput={(event) => onChange(event.currentTarget.value)} />
      )}
      {error !== undefined && <FieldError id={id} name={name} words={error} />}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<T extends string> {
  name: string;
  label: string;
  hint?: string;
  error?: string | English | undefined;
  values: readonly T[];
  chosen: readonly T[];
  word: (value: T) => string;
  onChange: (chosen: T[]) => void;
}

/** Any number of a few values. */
export function Choices<T extends string>({
  name,
  label,
  hint,
  error,
  values,
  chosen,
  word,
  onChange,
}: ChoiceProps<T>) {
  const id = `field-${name.replace(/\W/g, '-')}`;
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <fieldset class="choices" aria-describedby={described || undefined}>
      <legend class="field-label">{label}</legend>
      <div class="choices-row">
        {values.map((value) => (
          <Check
            key={value}
            name={`${name}-${value}`}
            label={word(value)}
            isChecked={chosen.includes(value)}
            onChange={(on) => onChange(values.filter((each) => (each === value ? on : chosen.includes(each))))}
          />
        ))}
      </div>
      {error !== undefined && <FieldError id={id} name={name} words={error} />}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </fieldset>
  );
}

interface CheckProps {
  name: string;
  label: ComponentChildren;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
}

export function Check({ name, label, isChecked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        name={name}
        checked={isChecked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

interface SelectProps {
  name: string;
  label: string;
  value: string;
  choices: readonly (readonly [value: string, word: string])[];
  onChange: (value: string) => void;
}

export function Select({ name, label, value, choices, onChange }: SelectProps) {
  return (
    <label class="target-field">
      <span class="field-label">{label}</span>
      <select name={name} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {choices.map(([each, word]) => (
          <option key={each} value={each}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}

import type { ComponentChildren } from 'preact';
import type { English } from '../i18n/said/words';
import { FieldError } from './Spoken';

const TYPES = {
  text: { type: 'text' },
  password: { type: 'password' },
  time: { type: 'time' },
  'datetime-local': { type: 'datetime-local' },
} as const;

/** What an input says of itself to those who do not see it. */
interface Described {
  id: string;
  name: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

interface FrameProps {
  /** As in the API, which names it in its errors. */
  name: string;
  label: string;
  hint?: string | undefined;
  error?: string | English | undefined;
}

/** The label of an input, its error and its hint, which screen readers announce with it. */
function Frame({ name, label, hint, error, input }: FrameProps & { input: (of: Described) => ComponentChildren }) {
  const id = idOf(name);
  return (
    <div class="target-field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {input({ id, name, 'aria-invalid': error !== undefined, 'aria-describedby': describedBy(id, { hint, error }) })}
      <Remarks id={id} name={name} hint={hint} error={error} />
    </div>
  );
}

function idOf(name: string): string {
  return `field-${name.replace(/\W/g, '-')}`;
}

type Remarked = Pick<FrameProps, 'hint' | 'error'>;

function describedBy(id: string, { hint, error }: Remarked): string | undefined {
  return [error !== undefined && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;
}

function Remarks({ id, name, hint, error }: Remarked & { id: string; name: string }) {
  return (
    <>
      {error !== undefined && <FieldError id={id} name={name} words={error} />}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </>
  );
}

interface Props extends FrameProps {
  value: string;
  onChange: (text: string) => void;
  type?: keyof typeof TYPES;
  isNumber?: boolean;
  /** A field of several lines. */
  isList?: boolean;
}

/** A field that people type into. */
export function Field({ value, onChange, type = 'text', isNumber, isList, ...frame }: Props) {
  const common = { value, autocomplete: 'off' as const, autocapitalize: 'none' as const, spellcheck: false };
  return (
    <Frame
      {...frame}
      input={(described) =>
        isList ? (
          <textarea {...common} {...described} rows={3} onInput={(event) => onChange(event.currentTarget.value)} />
        ) : (
          <input
            {...common}
            {...described}
            {...TYPES[type]}
            inputMode={isNumber ? 'decimal' : undefined}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )
      }
    />
  );
}

interface ChoiceProps<T extends string> extends FrameProps {
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
  const id = idOf(name);
  return (
    <fieldset class="choices" aria-describedby={describedBy(id, { hint, error })}>
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
      <Remarks id={id} name={name} hint={hint} error={error} />
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

interface SelectProps extends FrameProps {
  value: string;
  choices: readonly (readonly [value: string, word: string])[];
  /** Says a value that is none of the choices: it is shown, and cannot be chosen again. */
  gone?: (value: string) => string;
  onChange: (value: string) => void;
}

/** One of a few values. */
export function Select({ value, choices, gone, onChange, ...frame }: SelectProps) {
  const isGone = gone !== undefined && !choices.some(([each]) => each === value);
  return (
    <Frame
      {...frame}
      input={(described) => (
        <select {...described} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {isGone && (
            <option value={value} disabled={true}>
              {gone(value)}
            </option>
          )}
          {choices.map(([each, word]) => (
            <option key={each} value={each}>
              {word}
            </option>
          ))}
        </select>
      )}
    />
  );
}

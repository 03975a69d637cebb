import type { IncidentFilter } from '../../api/incidents';
import { INCIDENT_KINDS, INCIDENT_STATUSES, SEVERITIES } from '../../api/types';
import { messages } from '../../i18n';
import { incidentStatusWord, kindWord, severityWord } from '../../incidents/words';
import { go } from '../../state/location';
import type { IncidentsRoute } from '../../state/route';
import { CloseIcon } from '../icons';

/** Filters by status, kind, severity and domain. What is chosen is in the address. */
export function Filters({ route }: { route: IncidentsRoute }) {
  const words = messages.value;
  const { filter } = route;
  const change = (to: Partial<IncidentFilter>): void =>
    go({ ...route, filter: { ...filter, ...to } }, { replace: true });
  return (
    <div class="toolbar">
      <Chips
        label={words.status}
        values={INCIDENT_STATUSES}
        chosen={filter.statuses}
        word={(status) => incidentStatusWord(status, words)}
        onChange={(statuses) => change({ statuses })}
      />
      <Chips
        label={words.filterSeverity}
        values={SEVERITIES}
        chosen={filter.severities}
        word={(severity) => severityWord(severity, words)}
        onChange={(severities) => change({ severities })}
      />
      <span class="spacer" />
      <label class="sort">
        <span class="filter-label">{words.filterKind}</span>
        <select
          data-testid="filter-kind"
          value={filter.kinds[0] ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget;
            change({ kinds: INCIDENT_KINDS.filter((kind) => kind === value) });
          }}
        >
          <option value="">{words.filterAny}</option>
          {INCIDENT_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {kindWord(kind, words)}
            </option>
          ))}
        </select>
      </label>
      <DomainField value={filter.domain} onChange={(domain) => change({ domain })} />
    </div>
  );
}

interface ChipsProps<T extends string> {
  label: string;
  values: readonly T[];
  chosen: readonly T[];
  word: (value: T) => string;
  onChange: (chosen: T[]) => void;
}

function Chips<T extends string>({ label, values, chosen, word, onChange }: ChipsProps<T>) {
  return (
    <fieldset class="status-filter">
      <legend class="visually-hidden">{label}</legend>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          class="chip"
          aria-pressed={chosen.includes(value)}
          data-testid={`filter-${value}`}
          onClick={() => onChange(values.filter((each) => (each === value) !== chosen.includes(each)))}
        >
          {word(value)}
        </button>
      ))}
    </fieldset>
  );
}

/** A domain is asked for when it is complete, not at each letter. */
function DomainField({ value, onChange }: { value: string | null; onChange: (domain: string | null) => void }) {
  const words = messages.value;
  return (
    <span class="domain-filter">
      <input
        key={value}
        type="text"
        inputMode="url"
        spellcheck={false}
        autocapitalize="none"
        data-testid="filter-domain"
        aria-label={words.filterDomain}
        placeholder={words.filterDomain}
        defaultValue={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value.trim() || null)}
      />
      {value !== null && (
        <button
          type="button"
          class="button icon-button small"
          aria-label={words.clearSearch}
          onClick={() => onChange(null)}
        >
          <CloseIcon />
        </button>
      )}
    </span>
  );
}

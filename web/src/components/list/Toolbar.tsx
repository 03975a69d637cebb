import { useEffect, useRef } from 'preact/hooks';
import type { DomainReport } from '../../api/types';
import { type Messages, messages, statusWord } from '../../i18n';
import { CHOICES, type Choice, countByChoice, type Filter, WORSE_PATHS } from '../../list/filter';
import { SORTS, type Sort } from '../../list/sort';
import { go } from '../../state/location';
import type { ListRoute } from '../../state/route';
import { CloseIcon, SearchIcon } from '../icons';
import { StatusShape } from '../StatusMark';

interface Props {
  route: ListRoute;
  domains: readonly DomainReport[];
  filter: Filter;
  onExpandAll: (all: boolean) => void;
}

/** Search, filter, order. What is chosen is in the address. */
export function Toolbar({ route, domains, filter, onExpandAll }: Props) {
  const words = messages.value;
  const counts = countByChoice(domains, filter);
  const change = (to: Partial<ListRoute>): void => go({ ...route, ...to }, { replace: true });
  const toggle = (status: Choice): void =>
    change({
      statuses: CHOICES.filter((each) => (each === status) !== route.statuses.includes(each)),
    });
  return (
    <div class="toolbar">
      <SearchField value={route.search} onChange={(search) => change({ search })} />
      <fieldset class="status-filter">
        <legend class="visually-hidden">{words.filterByStatus}</legend>
        {CHOICES.filter((status) => counts.get(status) || route.statuses.includes(status)).map((status) => (
          <button
            key={status}
            type="button"
            class="chip"
            aria-pressed={route.statuses.includes(status)}
            data-testid={`filter-${status}`}
            onClick={() => toggle(status)}
          >
            {status !== WORSE_PATHS && <StatusShape status={status} />}
            {status === WORSE_PATHS ? words.filterWorsePaths : statusWord(status, words)}
            <span class="chip-count">{counts.get(status) ?? 0}</span>
          </button>
        ))}
      </fieldset>
      <span class="spacer" />
      <label class="sort">
        <span class="visually-hidden">{words.sortBy}</span>
        <select
          data-testid="sort"
          value={route.sort}
          onChange={(event) => {
            const sort = SORTS.find((each) => each === event.currentTarget.value);
            if (sort) change({ sort });
          }}
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {sortWord(sort, words)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="button" onClick={() => onExpandAll(true)}>
        {words.expandAll}
      </button>
      <button type="button" class="button" onClick={() => onExpandAll(false)}>
        {words.collapseAll}
      </button>
    </div>
  );
}

/** The search field. `/` focuses it from anywhere; Escape clears it. */
function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const words = messages.value;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);
  return (
    <div class="search" role="search">
      <SearchIcon />
      <input
        ref={field}
        type="text"
        inputMode="search"
        enterkeyhint="search"
        spellcheck={false}
        autocapitalize="none"
        aria-label={words.searchLabel}
        placeholder={words.searchPlaceholder}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onChange('');
        }}
      />
      {value ? (
        <button
          type="button"
          class="button icon-button small"
          aria-label={words.clearSearch}
          onClick={() => onChange('')}
        >
          <CloseIcon />
        </button>
      ) : (
        <kbd aria-hidden="true">/</kbd>
      )}
    </div>
  );
}

function sortWord(sort: Sort, words: Messages): string {
  const known: Record<Sort, string> = {
    worst: words.sortWorst,
    '-worst': words.sortBest,
    name: words.sortName,
    '-name': words.sortNameBackwards,
    availability: words.sortAvailability,
    '-availability': words.sortAvailabilityHighest,
    p95: words.sortP95,
    '-p95': words.sortP95Fastest,
    errors: words.sortErrors,
    '-errors': words.sortErrorsLowest,
    requests: words.sortRequests,
    '-requests': words.sortRequestsFewest,
    budget: words.sortBudget,
    '-budget': words.sortBudgetMost,
  };
  return known[sort];
}

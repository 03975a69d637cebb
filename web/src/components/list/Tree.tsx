import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { TimeRange } from '../../api/types';
import { messages } from '../../i18n';
import type { Row } from '../../list/rows';
import { orderOf, type Sort, type SortKey } from '../../list/sort';
import { isNarrow } from '../../state/appearance';
import { go } from '../../state/location';
import { SortButton } from '../SortButton';
import { detailOf, moveTo } from './navigation';
import { placeIn, remember } from './place';
import { TreeRow } from './TreeRow';
import { useWindow } from './useWindow';

interface Props {
  client: Client;
  cluster: string;
  range: TimeRange;
  /** The end of the figures. */
  asOf: string;
  /** The end of what is final. */
  bookedUntil: string | null;
  rows: readonly Row[];
  sort: Sort;
  onSort: (key: SortKey) => void;
  onToggle: (domain: string) => void;
}

const COLUMNS = [
  ['name', 'name'],
  ['status', 'worst'],
  ['availability', 'availability'],
  ['p95', 'p95'],
  ['errors', 'errors'],
  ['rate', 'requests'],
  ['budget', 'budget'],
] as const;

type Heights = (row: Row) => number;

const WIDE_PIXELS: Record<Row['kind'], number> = { domain: 62, route: 52, heading: 84, service: 52 };
const NARROW_PIXELS: Record<Row['kind'], number> = { domain: 166, route: 158, heading: 124, service: 152 };
const wide: Heights = (row) => WIDE_PIXELS[row.kind];
const narrow: Heights = (row) => NARROW_PIXELS[row.kind];

/** The tree as a treegrid. One row has the focus, arrow keys move it, and only visible rows are rendered. */
export function Tree({ client, cluster, range, asOf, bookedUntil, rows, sort, onSort, onToggle }: Props) {
  const words = messages.value;
  const columns = {
    name: words.domain,
    status: words.status,
    availability: words.availability,
    p95: words.p95,
    errors: words.errorRate,
    rate: words.requestsPerSecond,
    budget: words.budgetLeft,
  };
  const body = useRef<HTMLDivElement | null>(null);
  const shouldFocus = useRef(false);
  const [activeKey, setActiveKey] = useState(() => placeIn(cluster)?.activeKey ?? null);
  const shown = useWindow(body, rows, isNarrow.value ? narrow : wide);
  const active = Math.max(
    0,
    rows.findIndex((row) => row.key === activeKey),
  );

  // A layout effect, because a pending passive effect of the previous render would focus the old row.
  useLayoutEffect(() => {
    if (!shouldFocus.current) return;
    shouldFocus.current = false;
    body.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus({ preventScroll: true });
  });

  const latestKey = useRef(activeKey);
  latestKey.current = activeKey;
  useEffect(() => {
    const place = placeIn(cluster);
    if (place) requestAnimationFrame(() => window.scrollTo(0, place.scrollY));
  }, [cluster]);
  // A layout effect, because the page is shorter once it renders without the tree, and the scroll position is lost.
  useLayoutEffect(() => {
    return () => remember(cluster, { activeKey: latestKey.current, scrollY: window.scrollY });
  }, [cluster]);

  const open = (row: Row): void => {
    const detail = detailOf(row, cluster, range);
    if (detail) go(detail);
  };
  const focus = (index: number): void => {
    const row = rows[index];
    if (!row) return;
    shouldFocus.current = true;
    setActiveKey(row.key);
    shown.reveal(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[active];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = moveTo(event.key, rows, active);
    if (step === null) return;
    event.preventDefault();
    if (step === 'open') open(row);
    else if (step === 'toggle') row.kind === 'domain' && onToggle(row.domain.domain);
    else focus(step);
  };

  const visible = rows.slice(shown.first, shown.last).map((row, offset) => ({ row, index: shown.first + offset }));
  const activeRow = rows[active];
  if (activeRow && (active < shown.first || active >= shown.last)) visible.push({ row: activeRow, index: active });

  return (
    <div
      class="tree"
      role="treegrid"
      aria-label={words.treeLabel}
      aria-describedby="tree-help"
      aria-rowcount={rows.length + 1}
    >
      <p id="tree-help" class="visually-hidden">
        {words.keyboardHelp}
      </p>
      <div role="rowgroup" class="tree-head">
        <div role="row" class="tree-columns" aria-rowindex={1}>
          {COLUMNS.map(([name, key]) => (
            <Column key={name} name={name} sortKey={key} word={columns[name]} sort={sort} onSort={onSort} />
          ))}
          <div role="columnheader" class="cell cell-trend">
            {words.trend}
          </div>
        </div>
      </div>
      <div
        role="rowgroup"
        class="tree-body"
        ref={body}
        style={{ height: `${shown.total}px` }}
        onKeyDown={onKeyDown}
        data-testid="tree-body"
      >
        {visible.map(({ row, index }) => (
          <TreeRow
            key={row.key}
            client={client}
            cluster={cluster}
            range={range}
            asOf={asOf}
            bookedUntil={bookedUntil}
            row={row}
            rowIndex={index + 2}
            top={shown.topOf(index)}
            height={shown.topOf(index + 1) - shown.topOf(index)}
            isActive={index === active}
            onOpen={() => open(row)}
            onToggle={onToggle}
            onFocus={() => setActiveKey(row.key)}
          />
        ))}
      </div>
    </div>
  );
}

interface ColumnProps {
  name: string;
  word: string;
  sortKey: SortKey;
  sort: Sort;
  onSort: (key: SortKey) => void;
}

function Column({ name, word, sortKey, sort, onSort }: ColumnProps) {
  const order = orderOf(sort, sortKey);
  return (
    <div role="columnheader" class={`cell cell-${name}`} aria-sort={order ?? 'none'} data-testid={`column-${name}`}>
      {isNarrow.value ? word : <SortButton word={word} order={order} onPress={() => onSort(sortKey)} />}
    </div>
  );
}

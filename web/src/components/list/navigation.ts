/** Keyboard navigation of the tree, after the ARIA treegrid pattern with row focus. */
import type { TimeRange } from '../../api/types';
import type { Row } from '../../list/rows';
import type { DetailRoute } from '../../state/route';

const PAGE = 10;

/** The row to move to, the action for this row, or null for a key without a meaning. */
export function moveTo(key: string, rows: readonly Row[], active: number): number | 'open' | 'toggle' | null {
  const row = rows[active];
  switch (key) {
    case 'ArrowDown':
      return Math.min(active + 1, rows.length - 1);
    case 'ArrowUp':
      return Math.max(active - 1, 0);
    case 'PageDown':
      return Math.min(active + PAGE, rows.length - 1);
    case 'PageUp':
      return Math.max(active - PAGE, 0);
    case 'Home':
      return 0;
    case 'End':
      return rows.length - 1;
    case 'ArrowRight':
      if (row?.kind !== 'domain') return null;
      return row.isExpanded ? active + 1 : 'toggle';
    case 'ArrowLeft':
      if (row?.kind === 'domain') return row.isExpanded ? 'toggle' : null;
      return row?.kind === 'route' ? parentOf(rows, active) : null;
    case 'Enter':
      return 'open';
    case ' ':
      return row?.kind === 'domain' ? 'toggle' : null;
    default:
      return null;
  }
}

/** The route that a row opens. Series without a route have no detail page. */
export function detailOf(row: Row, cluster: string, range: TimeRange): DetailRoute | null {
  if (row.kind !== 'domain' && row.kind !== 'route') return null;
  const path = row.kind === 'route' ? row.route.path_prefix : null;
  return { page: 'detail', cluster, domain: row.domain.domain, path, range, window: null };
}

function parentOf(rows: readonly Row[], index: number): number {
  for (let at = index; at >= 0; at -= 1) if (rows[at]?.kind === 'domain') return at;
  return index;
}

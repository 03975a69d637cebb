import { messages } from '../i18n';
import type { Order } from '../list/sort';

interface Props {
  word: string;
  /** Null if something else is sorted by. */
  order: Order | null;
  onPress: () => void;
  /** Whether the button says its order to screen readers. The header of a column has `aria-sort` for that. */
  isAlone?: boolean;
}

/** Sorts by a column, and turns the order round when pressed again. An arrow says in which order it is. */
export function SortButton({ word, order, onPress, isAlone = false }: Props) {
  const words = messages.value;
  const says = order === 'ascending' ? words.sortedAscending : words.sortedDescending;
  return (
    <button type="button" class="sort-button" data-order={order ?? 'none'} onClick={onPress}>
      {word}
      <svg class="sort-arrow" width="8" height="10" viewBox="0 0 8 10" aria-hidden="true" focusable="false">
        <path d={order === 'descending' ? 'M4 8.5.5 2h7z' : 'M4 1.5 7.5 8h-7z'} />
      </svg>
      {isAlone && order && <span class="visually-hidden">{says}</span>}
    </button>
  );
}

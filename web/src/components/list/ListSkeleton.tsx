import { messages } from '../../i18n';

const CARDS = [1, 2, 3, 4, 5];
const ROWS = [1, 2, 3, 4, 5, 6, 7];

/** Placeholder while the list loads. */
export function ListSkeleton() {
  return (
    <div class="page" role="status" aria-label={messages.value.loadingList} data-testid="loading">
      <div class="cards" aria-hidden="true">
        {CARDS.map((card) => (
          <div key={card} class="card">
            <span class="bone bone-short" />
            <span class="bone bone-figure" />
          </div>
        ))}
      </div>
      <div class="tree" aria-hidden="true">
        {ROWS.map((row) => (
          <div key={row} class="skeleton-row">
            <span class="bone" />
            <span class="bone bone-short" />
            <span class="bone bone-short" />
          </div>
        ))}
      </div>
    </div>
  );
}

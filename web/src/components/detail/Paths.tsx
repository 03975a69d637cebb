import { useState } from 'preact/hooks';
import type { Burning, DomainDetail, Metrics, Status } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { orderOf, pressed, type Sort, sortRoutes } from '../../list/sort';
import { type DetailRoute, formatRoute } from '../../state/route';
import { BurnMark } from '../BurnMark';
import { SortButton } from '../SortButton';
import { StatusMark } from '../StatusMark';

/** Links to the domain and its paths. */
export function Paths({ route, domain }: { route: DetailRoute; domain: DomainDetail }) {
  const words = messages.value;
  const [sort, setSort] = useState<Sort>('name');
  const headers = [
    ['name', words.pathsHeading],
    ['availability', words.availability],
  ] as const;
  return (
    <nav class="paths panel" aria-label={words.pathsHeading}>
      {domain.routes.length > 1 && (
        <div class="paths-head">
          {headers.map(([key, word]) => (
            <SortButton
              key={key}
              word={word}
              order={orderOf(sort, key)}
              isAlone={true}
              onPress={() => setSort(pressed(sort, key))}
            />
          ))}
        </div>
      )}
      <ul>
        <Entry
          route={route}
          path={null}
          name={words.wholeDomain}
          status={domain.status}
          burning={domain.burning}
          metrics={domain.summary}
        />
        {sortRoutes(domain.routes, sort).map((each) => (
          <Entry
            key={each.path_prefix}
            route={route}
            path={each.path_prefix}
            name={each.path_prefix}
            status={each.status}
            burning={each.burning}
            metrics={each.current}
          />
        ))}
      </ul>
    </nav>
  );
}

interface EntryProps {
  route: DetailRoute;
  path: string | null;
  name: string;
  status: Status;
  burning: Burning | null;
  metrics: Metrics;
}

function Entry({ route, path, name, status, burning, metrics }: EntryProps) {
  const f = format.value;
  return (
    <li>
      <a
        href={formatRoute({ ...route, path })}
        aria-current={route.path === path ? 'page' : undefined}
        data-testid="path"
      >
        <StatusMark status={status} withWord={false} />
        <span class={path === null ? 'paths-name' : 'paths-name route-name'}>{name}</span>
        <BurnMark severity={burning} withWord={false} />
        <span class="paths-figure">{f.availability(metrics.availability)}</span>
      </a>
    </li>
  );
}

import { describe, expect, it } from 'vitest';
import { STATUSES } from '../src/api/types';
import { sparkOf } from '../src/charts/spark';
import { burningIn, burningPaths } from '../src/list/burning';
import { CHOICES, countByChoice, type Filter, find, serviceKeyIn, WORSE_PATHS } from '../src/list/filter';
import { type Row, rowsOf } from '../src/list/rows';
import { orderOf, pressed, SORTS, type Sort, worseRoutes } from '../src/list/sort';
import { inSight, layOut, totalHeight } from '../src/list/windowing';
import { formatRoute, parseRoute } from '../src/state/route';
import { domain, gap, mapping, metrics, point, route, service } from './samples';

const ALL: Filter = { search: '', statuses: [] };
const name = (row: Row): string => {
  if (row.kind === 'domain') return row.domain.domain;
  if (row.kind === 'route') return `  ${row.route.path_prefix}`;
  return row.kind === 'service' ? `? ${row.service.service_key}` : '?';
};

const SHOP = domain('shop.example.com', {
  status: 'healthy',
  routes: [route('/'), route('/checkout', { status: 'critical', error_budget_remaining: -2 })],
});
const WIKI = domain('wiki.example.com', { status: 'warning', error_budget_remaining: 0.9 });
const DOCS = domain('docs.example.com', { routes: [route('/'), route('/api')] });
const QUIET = domain('old.example.com', {
  status: 'no_traffic',
  error_budget_remaining: null,
  summary: metrics({ availability: null, p95_latency: null, error_rate: null, requests_per_sec: 0 }),
  routes: [route('/', { status: 'no_traffic' })],
});
const ANY = domain('*');
const TREE = { domains: [ANY, DOCS, QUIET, SHOP, WIKI], unattributed: [service('legacy-8080@kubernetes')] };

const listed = (sort: Sort, filter = ALL, open: readonly string[] = []): string[] =>
  rowsOf(TREE, filter, sort, (domain) => open.includes(domain)).map(name);

describe('the order of the list', () => {
  it('has the worst first, by a domain itself or one of its routes, and what has no traffic last', () => {
    expect(listed('worst').slice(0, 5)).toEqual([
      'shop.example.com',
      'wiki.example.com',
      'docs.example.com',
      '*',
      'old.example.com',
    ]);
  });

  it('by name has the domain of rules without a host last', () => {
    expect(listed('name').slice(0, 5).at(-1)).toBe('*');
  });

  it('has what has no value last, whichever way the others go', () => {
    for (const sort of ['availability', 'p95', 'errors', 'budget'] as const) {
      expect(listed(sort).slice(0, 5).at(-1)).toBe('old.example.com');
    }
  });

  it('has series that no route claims after all domains', () => {
    expect(listed('name').slice(5)).toEqual(['?', '? legacy-8080@kubernetes']);
  });

  it('orders the routes of a domain in the same way', () => {
    expect(listed('worst', ALL, ['shop.example.com']).slice(0, 3)).toEqual(['shop.example.com', '  /checkout', '  /']);
  });
});

describe('the search', () => {
  it('finds a domain by a part of its name, in any case', () => {
    expect(listed('name', { search: 'WIKI', statuses: [] })).toEqual(['wiki.example.com']);
  });

  it('finds a path, shows it, and leaves out the others of its domain', () => {
    expect(listed('name', { search: '/check', statuses: [] })).toEqual(['shop.example.com', '  /checkout']);
    expect(listed('name', { search: 'docs.example.com/api', statuses: [] })).toEqual(['docs.example.com', '  /api']);
  });

  it('finds what the API knows under a service key', () => {
    const search = 'docs-svc-80@kubernetes';
    expect(listed('name', { search, statuses: [] })).toEqual([]);
    const routed = [mapping(search, 'docs.example.com', '/api')];
    expect(listed('name', { search, statuses: [], routed })).toEqual(['docs.example.com', '  /api']);
  });

  it('takes for a service key only what has a provider', () => {
    expect(serviceKeyIn(' shop-web-80@kubernetescrd ')).toBe('shop-web-80@kubernetescrd');
    for (const text of ['', 'shop', 'shop.example.com/@me', 'a b@kubernetes', '@kubernetes', 'shop@']) {
      expect(serviceKeyIn(text)).toBeNull();
    }
  });
});

describe('the filter by status', () => {
  it('finds a domain by its own status, not by that of a route', () => {
    expect(listed('name', { search: '', statuses: ['critical'] })).toEqual([]);
    expect(listed('name', { search: '', statuses: ['no_traffic'] })).toEqual(['old.example.com']);
    expect(listed('name', { search: '', statuses: ['no_traffic', 'warning'] })).toEqual([
      'old.example.com',
      'wiki.example.com',
    ]);
  });

  it('finds apart what has a path that is worse than its domain, and shows which', () => {
    expect(listed('name', { search: '', statuses: [WORSE_PATHS] })).toEqual(['shop.example.com', '  /checkout']);
    expect(listed('name', { search: '', statuses: ['healthy', WORSE_PATHS] })).toContain('shop.example.com');
  });

  it.each(['', 'example', '/check', 'wiki', 'nowhere'])('lists as many domains as it says, with “%s”', (search) => {
    const counts = countByChoice(TREE.domains, { search, statuses: [] });
    for (const choice of CHOICES) {
      expect(find(TREE.domains, { search, statuses: [choice] })).toHaveLength(counts.get(choice) ?? 0);
    }
    const ofStatuses = STATUSES.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);
    expect(ofStatuses, 'each domain once').toBe(find(TREE.domains, { search, statuses: [] }).length);
  });

  it('counts a healthy domain with two paths that warn as healthy, and once more apart', () => {
    const paths = [route('/'), route('/a', { status: 'warning' }), route('/b', { status: 'warning' })];
    const four = [domain('a', { routes: paths }), domain('b'), domain('c'), domain('d', { status: 'warning' })];
    expect([...countByChoice(four, ALL)]).toEqual([
      ['healthy', 3],
      [WORSE_PATHS, 1],
      ['warning', 1],
    ]);
    expect(four.map(worseRoutes)).toEqual([2, 0, 0, 0]);
  });
});

describe('the headers of the columns', () => {
  it('begin with what most people look for, and turn the order round', () => {
    expect([orderOf('worst', 'worst'), orderOf('worst', 'name')]).toEqual(['descending', null]);
    expect([pressed('worst', 'name'), pressed('name', 'name'), pressed('-name', 'name')]).toEqual([
      'name',
      '-name',
      'name',
    ]);
    expect([orderOf('name', 'name'), orderOf('-name', 'name')]).toEqual(['ascending', 'descending']);
    expect([orderOf('errors', 'errors'), orderOf('-errors', 'errors')]).toEqual(['descending', 'ascending']);
  });

  it('turn everything round except what has no value, and the domain of rules without a host', () => {
    expect(listed('-name').slice(0, 5)).toEqual([
      'wiki.example.com',
      'shop.example.com',
      'old.example.com',
      'docs.example.com',
      '*',
    ]);
    expect(listed('-worst').slice(0, 5).at(-1)).toBe('old.example.com');
    expect(listed('-worst').indexOf('shop.example.com')).toBeGreaterThan(listed('-worst').indexOf('wiki.example.com'));
    for (const sort of ['-availability', '-p95', '-errors', '-budget'] as const) {
      expect(listed(sort).slice(0, 5).at(-1)).toBe('old.example.com');
    }
    expect(listed('-budget').indexOf('wiki.example.com')).toBe(3);
  });

  it.each(SORTS)('keep %s in the address', (sort) => {
    const address = formatRoute({ page: 'list', cluster: 'a', range: '1d', search: '', statuses: [], sort });
    expect(parseRoute(address)).toMatchObject({ sort });
  });
});

describe('a row', () => {
  it('knows its place among its siblings', () => {
    const rows = rowsOf(TREE, ALL, 'name', (domain) => domain === 'shop.example.com');
    const checkout = rows.find((row) => row.kind === 'route' && row.route.path_prefix === '/checkout');
    expect(checkout).toMatchObject({ position: 2, size: 2 });
  });
});

describe('what burns now', () => {
  const paths = [route('/'), route('/a', { burning: 'ticket' }), route('/b', { burning: 'page' })];

  it('is the most severe of a domain and its paths', () => {
    expect(burningIn(SHOP)).toBeNull();
    expect(burningIn(domain('a', { burning: 'ticket' }))).toBe('ticket');
    expect(burningIn(domain('a', { routes: paths.slice(0, 2) }))).toBe('ticket');
    expect(burningIn(domain('a', { burning: 'ticket', routes: paths }))).toBe('page');
  });

  it('is counted by path only in a domain that does not burn itself', () => {
    expect(burningPaths(domain('a', { routes: paths }))).toBe(2);
    expect(burningPaths(domain('a', { burning: 'page', routes: paths }))).toBe(0);
  });

  it('does not change the order', () => {
    const burning = { ...WIKI, domain: 'z.example.com', burning: 'page' as const };
    const rows = rowsOf({ domains: [burning, WIKI], unattributed: [] }, ALL, 'worst', () => false);
    expect(rows.map(name)).toEqual(['wiki.example.com', 'z.example.com']);
  });
});

describe('windowing', () => {
  const rows = Array.from({ length: 6_000 }, (_, index) => index);
  const layout = layOut(rows, (index) => (index % 6 ? 50 : 60));

  it('draws only the rows in sight, of thousands', () => {
    const [first, last] = inSight(layout, 100_000, 100_900, 300);
    expect(last - first).toBeLessThan(40);
    expect(layout.offsets[first]).toBeLessThanOrEqual(99_700);
    expect(layout.offsets[last]).toBeGreaterThanOrEqual(101_200);
  });

  it('draws from the first row, and to the last', () => {
    expect(inSight(layout, -500, 400, 0)[0]).toBe(0);
    expect(inSight(layout, totalHeight(layout) - 10, totalHeight(layout) + 900, 0)[1]).toBe(6_000);
    expect(
      inSight(
        layOut([], () => 1),
        0,
        900,
        300,
      ),
    ).toEqual([0, 0]);
  });
});

describe('a sparkline', () => {
  it('sums points that share its room, and keeps gaps', () => {
    const points = [point(0), point(300, { total_requests: 900, requests_per_sec: 3 }), gap(600), gap(900)];
    expect(sparkOf(points, () => 0.99, 2)).toEqual([
      { rate: 2, isBelow: false },
      { rate: null, isBelow: false },
    ]);
  });

  it('is level where the rate was, though its last point is shorter than the others', () => {
    const hours = Array.from({ length: 168 }, (_, hour) =>
      point(hour * 3600, { seconds: 3600, total_requests: 36_000, requests_per_sec: 10 }),
    );
    const points = [...hours, point(168 * 3600, { seconds: 300, total_requests: 3_000, requests_per_sec: 10 })];
    expect(new Set(sparkOf(points, () => 0.95, 48).map((each) => each.rate))).toEqual(new Set([10]));
  });

  it('has the rate of what counts where a part is excluded', () => {
    const inPart = point(300, { total_requests: 100, requests_per_sec: 1, excluded_seconds: 200 });
    const whole = (at: number) => point(at, { total_requests: 0, requests_per_sec: 0, excluded_seconds: 300 });
    const points = [point(0), inPart, point(600), whole(900), whole(1200), whole(1500)];
    expect(sparkOf(points, () => 0.99, 3).map((each) => each.rate)).toEqual([1, 1, 0]);
  });

  it('marks where availability was under its target', () => {
    const points = [point(0, { total_errors: 6 }), point(300)];
    expect(sparkOf(points, () => 0.99, 2).map((each) => each.isBelow)).toEqual([true, false]);
  });

  it('judges each time by what held then', () => {
    const points = [point(0, { total_errors: 6 }), point(300, { total_errors: 6 })];
    const targetAt = (at: number): number => (at < 300 ? 0.9 : 0.99);
    expect(sparkOf(points, targetAt, 2).map((each) => each.isBelow)).toEqual([false, true]);
  });
});

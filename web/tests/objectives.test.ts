import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { bodyOf, draftOf, readDraft } from '../src/objectives/draft';
import { followedBeside, heldTarget, named, objectivesOf } from '../src/objectives/followed';
import { isSlow, shareUnder, statusUnder } from '../src/objectives/judge';
import { lengthWord, periodWord, proposedName } from '../src/objectives/period';
import { previewOf, standingsOf } from '../src/objectives/preview';
import { LADDER, proposalFor, proposedBody, withoutObjective } from '../src/objectives/proposal';
import { domain, metrics, objective, route, TARGET } from './samples';

const BODY = { availability: 0.999, p95_latency: 300, latency_objective: null, minimum_requests: 100 };

describe('the rules of status and budget', () => {
  it.each([
    [0, 0, null, 'no_traffic'],
    [10_000, 11, 50, 'critical'],
    [10_000, 10, 50, 'healthy'],
    [100, 0, 300, 'healthy'],
    [100, 0, 300.1, 'warning'],
    [100, 50, 900, 'critical'],
    [100, 0, null, 'healthy'],
  ] as const)('%s requests with %s errors and P95 %s stand as the API says', (requests, errors, p95, status) => {
    const judged = metrics({ total_requests: requests, total_errors: errors, p95_latency: p95 });
    expect(statusUnder(judged, BODY, null)).toBe(status);
  });

  it('know no slow P95 where nothing is promised about it', () => {
    const free = { ...BODY, p95_latency: null };
    expect(statusUnder(metrics({ p95_latency: 9000 }), free, null)).toBe('healthy');
    expect(statusUnder(metrics({ p95_latency: 9000, latency_lower_bounds: ['p95_latency'] }), free, null)).toBe(
      'healthy',
    );
    expect([isSlow(300.1, BODY), isSlow(300, BODY), isSlow(null, BODY), isSlow(9000, free)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('warn where a latency objective is missed, and not where it is not known', () => {
    const well = metrics({ p95_latency: 10 });
    expect(statusUnder(well, BODY, { share: 0.9, measured_threshold: 100, is_met: false })).toBe('warning');
    expect(statusUnder(well, BODY, { share: null, measured_threshold: 100, is_met: null })).toBe('healthy');
  });

  it('do not know a P95 in the open bucket below its target, nor an objective below the lowest bound', () => {
    const patient = { ...BODY, p95_latency: 10_000 };
    const slow = metrics({ p95_latency: 5000, latency_lower_bounds: ['p95_latency'] });
    expect(statusUnder(slow, patient, null)).toBe('unknown');
    expect(statusUnder(slow, BODY, null)).toBe('warning');
    const well = metrics({ p95_latency: 10 });
    expect(statusUnder(well, BODY, { share: null, measured_threshold: null, is_met: null })).toBe('unknown');
  });

  it('measure an objective at the bucket bound under its threshold', () => {
    const buckets = [
      { le: '0.1', count: 90 },
      { le: '0.3', count: 99 },
      { le: '+Inf', count: 100 },
    ];
    expect(shareUnder(buckets, { share: 0.99, threshold: 450 })).toEqual({
      share: 0.99,
      measured_threshold: 300,
      is_met: true,
    });
    expect(shareUnder(buckets, { share: 0.95, threshold: 299 })).toEqual({
      share: 0.9,
      measured_threshold: 100,
      is_met: false,
    });
    expect(shareUnder(buckets, { share: 0.95, threshold: 50 })).toEqual({
      share: null,
      measured_threshold: null,
      is_met: null,
    });
    expect(
      shareUnder(
        [
          { le: '0.1', count: 0 },
          { le: '+Inf', count: 0 },
        ],
        { share: 0.9, threshold: 100 },
      ),
    ).toEqual({
      share: null,
      measured_threshold: 100,
      is_met: null,
    });
  });
});

describe('a preview', () => {
  const own = { ...TARGET, source: 'route' as const };
  const bad = metrics({ availability: 0.995, total_errors: 432 });
  const shop = domain('shop.example.com', {
    summary: bad,
    error_budget_remaining: 0.5,
    routes: [
      route('/', { current: bad, error_budget_remaining: 0.5 }),
      route('/own', { current: bad, error_budget_remaining: 0.5, targets: { '1d': own, '7d': TARGET, '30d': TARGET } }),
    ],
  });
  const docs = domain('docs.example.com');
  const standings = standingsOf([shop, docs], '1d');
  const unknown = () => null;

  it('of a cluster holds for all but what has nearer targets', () => {
    const preview = previewOf(standings, 'cluster', { domain: 'shop.example.com', path: null }, BODY, unknown);
    expect(preview).toMatchObject({ affected: 4, keepTheirOwn: 1, statusChanges: 2 });
    expect(preview.effects.map(({ standing, status }) => [standing.domain, standing.path, status])).toEqual([
      ['shop.example.com', null, 'critical'],
      ['shop.example.com', '/', 'critical'],
    ]);
    expect(preview.effects[0]?.budget).toBeCloseTo(-4);
  });

  it('of all clusters gives way to what is set for the cluster, too', () => {
    const above = (source: 'all' | 'cluster') =>
      domain('shop.example.com', { targets: { '1d': { ...TARGET, source }, '7d': TARGET, '30d': TARGET } });
    const of = { domain: 'shop.example.com', path: null };
    const preview = (source: 'all' | 'cluster', level: 'all' | 'cluster') =>
      previewOf(standingsOf([above(source), docs], '1d'), level, of, BODY, unknown);
    expect(preview('cluster', 'all')).toMatchObject({ affected: 3, keepTheirOwn: 1 });
    expect(preview('all', 'all')).toMatchObject({ affected: 4, keepTheirOwn: 0 });
    expect(preview('all', 'cluster')).toMatchObject({ affected: 4, keepTheirOwn: 0 });
  });

  it('of a domain leaves the other domains alone', () => {
    const preview = previewOf(standings, 'domain', { domain: 'docs.example.com', path: null }, BODY, unknown);
    expect(preview).toMatchObject({ affected: 2, keepTheirOwn: 0, statusChanges: 0, effects: [] });
  });

  it('of a route is of that route, whatever it had before', () => {
    const preview = previewOf(standings, 'route', { domain: 'shop.example.com', path: '/own' }, BODY, unknown);
    expect(preview).toMatchObject({ affected: 1, statusChanges: 1 });
  });

  it('shows a budget that changes where the status stays', () => {
    const body = { ...BODY, availability: 0.98 };
    const preview = previewOf(standings, 'route', { domain: 'shop.example.com', path: '/' }, body, unknown);
    expect(preview.statusChanges).toBe(0);
    expect(preview.effects[0]?.budget).toBeCloseTo(0.75);
  });

  it('says where a latency objective could not be measured', () => {
    const body = { ...BODY, availability: 0.99, latency_objective: { share: 0.99, threshold: 100 } };
    const of = { domain: 'docs.example.com', path: '/' };
    expect(previewOf(standings, 'route', of, body, unknown).withoutLatency).toBe(true);
    const missed = () => ({ share: 0.5, measured_threshold: 100, is_met: false });
    expect(previewOf(standings, 'route', of, body, missed)).toMatchObject({
      withoutLatency: false,
      statusChanges: 1,
    });
  });
});

describe('the objective that is followed', () => {
  const all = [
    objective({ domain: null, name: 'all', availability: 0.97 }),
    objective({ name: 'weekly', availability: 0.95, is_followed: false }),
    objective({ name: 'zeal', availability: 0.98 }),
    objective({ path_prefix: '/api', availability: 0.999 }),
  ];
  const answer = { cluster_id: 'production', preset: TARGET, objectives: all };
  const subject = { cluster: 'production', domain: 'shop.example.com', path: '/api' };
  const whole = { ...subject, path: null };

  it('is the one of the nearest subject that has any', () => {
    expect(heldTarget(answer, subject)).toMatchObject({ availability: 0.999, source: 'route' });
    expect(heldTarget(answer, { ...subject, path: '/' })).toMatchObject({ availability: 0.98, source: 'domain' });
    expect(heldTarget(answer, { ...subject, domain: 'docs.example.com' })).toMatchObject({
      availability: 0.97,
      source: 'cluster',
    });
    expect(heldTarget({ ...answer, objectives: [] }, subject)).toEqual(TARGET);
  });

  it('comes first among those of exactly its subject', () => {
    expect(objectivesOf(all, whole).map((each) => each.name)).toEqual(['zeal', 'weekly']);
    expect(objectivesOf(all, { ...whole, domain: null }).map((each) => each.name)).toEqual(['all']);
    expect(named(all, whole, 'weekly')?.availability).toBe(0.95);
    expect(named(all, whole, 'all')).toBeNull();
  });

  it('is the strongest origin, and of equal ones the marked one', () => {
    const [page, file, annotation] = (['page', 'file', 'annotation'] as const).map((origin) => objective({ origin }));
    expect(followedBeside([], 'page')).toBe(true);
    expect(
      followedBeside(
        [page].flatMap((each) => each ?? []),
        'page',
      ),
    ).toBe('if marked');
    expect(
      followedBeside(
        [page, file].flatMap((each) => each ?? []),
        'page',
      ),
    ).toBe(false);
    expect(
      followedBeside(
        [page].flatMap((each) => each ?? []),
        'file',
      ),
    ).toBe(true);
    expect(
      followedBeside(
        [annotation].flatMap((each) => each ?? []),
        'file',
      ),
    ).toBe(false);
  });
});

describe('an objective as it is typed', () => {
  const saved = objective({ availability: 0.99999, latency_objective: { share: 0.999, threshold: 250 } });
  const draft = draftOf(saved);

  it('comes back as it was saved', () => {
    const { is_followed, origin, ...typed } = bodyOf(saved) ?? {};
    expect([is_followed, origin]).toEqual([true, 'page']);
    expect(readDraft(draft, [], en)).toEqual({ typed, errors: new Map() });
    expect(draft.availability).toBe('99.999');
  });

  it('may have separators of thousands, except in per cent', () => {
    const grouped = { ...draft, p95_latency: '1,500', minimum_requests: '10,000', availability: '99,999' };
    expect(readDraft(grouped, [], en).typed).toMatchObject({
      p95_latency: 1500,
      minimum_requests: 10_000,
      availability: 0.99999,
    });
    expect(readDraft({ ...grouped, minimum_requests: '1 000 000' }, [], en).typed?.minimum_requests).toBe(1_000_000);
    expect(readDraft({ ...grouped, minimum_requests: '1,00' }, [], en).typed?.minimum_requests).toBe(1);
    expect(readDraft({ ...grouped, minimum_requests: '10,000,0' }, [], en).errors.has('minimum_requests')).toBe(true);
  });

  it('may have a decimal comma', () => {
    expect(readDraft({ ...draft, availability: '99,5' }, [], en).typed?.availability).toBe(0.995);
  });

  it('may promise nothing about latency', () => {
    const free = { ...draft, p95_latency: ' ', 'latency_objective.share': '', 'latency_objective.threshold': '' };
    expect(readDraft(free, [], en).typed).toMatchObject({ p95_latency: null, latency_objective: null });
    expect(draftOf(objective({ p95_latency: null })).p95_latency).toBe('');
  });

  it('has a time zone only if its period is of the calendar', () => {
    const month = { ...draft, period: 'month', time_zone: 'Asia/Tokyo' };
    expect(readDraft(month, [], en).typed).toMatchObject({ period: 'month', time_zone: 'Asia/Tokyo' });
    expect(readDraft({ ...month, period: '7d' }, [], en).typed).toMatchObject({ period: '7d', time_zone: 'UTC' });
    expect(readDraft({ ...month, time_zone: 'Mars/Olympus' }, [], en).errors.get('time_zone')).toBe(en.fieldTimeZone);
    expect(draftOf(objective({ period: 'week', time_zone: 'Asia/Tokyo' })).time_zone).toBe('Asia/Tokyo');
  });

  it('says what is wrong with each field', () => {
    const wrong = {
      ...draft,
      name: 'Monthly!',
      availability: '100',
      p95_latency: 'fast',
      minimum_requests: '1.5',
      'latency_objective.share': '99',
      'latency_objective.threshold': '',
      owner: 'x'.repeat(201),
    };
    const { typed, errors } = readDraft(wrong, [], en);
    expect(typed).toBeNull();
    expect([...errors.keys()].sort()).toEqual([
      'availability',
      'latency_objective.threshold',
      'minimum_requests',
      'name',
      'owner',
      'p95_latency',
    ]);
  });

  it('has a name of its own, and a period longer than a day', () => {
    expect(readDraft(draft, [{ name: 'monthly' }], en).errors.get('name')).toBe(en.fieldNameTaken);
    const day = draftOf(objective({ name: '1d', period: '1d' }));
    expect(readDraft(day, [], en).errors.get('period')).toBe(en.fieldPeriod);
    expect(readDraft({ ...day, period: '7d' }, [], en).typed?.period).toBe('7d');
  });

  it('keeps the channel that its incidents are told to', () => {
    const told = draftOf(objective({ channel: 'on-call' }));
    expect(readDraft(told, [], en).typed?.channel).toBe('on-call');
    expect(readDraft({ ...told, channel: '' }, [], en).typed?.channel).toBe('');
    expect(bodyOf(objective({ channel: 'on-call' }))?.channel).toBe('on-call');
  });

  it('is sent back only if the page may set it', () => {
    expect(bodyOf(objective({ period: '1d' }))).toBeNull();
    expect(bodyOf(objective({ origin: 'annotation' }))).toBeNull();
    expect(bodyOf(objective({ origin: 'file' }))?.origin).toBe('file');
  });
});

describe('a period', () => {
  it('has a word, and a time zone if it is of the calendar', () => {
    expect(periodWord({ period: '30d', time_zone: 'UTC' }, en)).toBe('the last 30 days');
    expect(periodWord({ period: 'month', time_zone: 'Europe/Berlin' }, en)).toBe('the calendar month (Europe/Berlin)');
    expect(lengthWord('1d', en)).toBe('the last day');
    expect(lengthWord('fortnight', en)).toBe('fortnight');
  });

  it('proposes a name that is free', () => {
    expect(proposedName('week', [])).toBe('weekly');
    expect(proposedName('30d', [{ name: 'monthly' }, { name: 'monthly-2' }])).toBe('monthly-3');
    expect(proposedName('1d', [])).toBe('objective');
  });
});

describe('a proposal', () => {
  const seen = (total_requests: number, total_errors: number, range: [number, number | null] | null = [100, 300]) => ({
    total_requests,
    total_errors,
    p95_latency_range: range,
  });

  it.each([
    [9, 0, undefined],
    [10, 0, 0.9],
    [99, 0, 0.98],
    [100, 0, 0.99],
    [100, 1, 0.98],
    [1000, 4, 0.995],
    [1000, 5, 0.99],
    [1000, 99, 0.9],
    [1000, 100, undefined],
    [99_999, 0, 0.9999],
    [100_000, 0, 0.99999],
    [0, 0, undefined],
  ])('of %s requests of which %s failed is %s, which one more error would have kept', (requests, errors, wanted) => {
    expect(proposalFor(seen(requests, errors))?.availability).toBe(wanted);
  });

  it('never allows less than what failed and one more, whatever the figures', () => {
    for (let requests = 1; requests < 3000; requests += 7) {
      for (const errors of [0, 1, Math.floor(requests / 100), Math.floor(requests / 10)]) {
        const found = proposalFor(seen(requests, errors))?.availability;
        const kept = LADDER.filter(
          (step) => (errors + 1) * 100_000 <= requests * (100_000 - Math.round(step * 100_000)),
        );
        expect(found).toBe(kept.at(-1));
      }
    }
  });

  it('says how long everything may fail in a month', () => {
    expect(proposalFor(seen(1000, 4))?.outage_seconds).toBe(216 * 60);
    expect(proposalFor(seen(100_000, 0))?.outage_seconds).toBeCloseTo(25.92);
  });

  it('promises a P95 only where its bucket has an upper bound', () => {
    expect(proposalFor(seen(1000, 0))?.p95_latency).toBe(300);
    expect(proposalFor(seen(1000, 0, [5000, null]))?.p95_latency).toBeNull();
    expect(proposalFor(seen(1000, 0, null))?.p95_latency).toBeNull();
    expect(proposedBody({ availability: 0.995, p95_latency: null, outage_seconds: 1 })).toEqual({
      availability: 0.995,
      p95_latency: null,
      period: '30d',
    });
  });

  it('is for domains that nobody has promised anything for', () => {
    const held = {
      name: 'all',
      period: '30d' as const,
      time_zone: 'UTC',
      owner: '',
      origin: 'page' as const,
      since: '',
    };
    const domains = [domain('shop.example.com'), domain('docs.example.com', { objective: held })];
    expect(withoutObjective(domains).map((each) => each.domain)).toEqual(['shop.example.com']);
  });
});

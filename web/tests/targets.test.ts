import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { draftOf, readDraft } from '../src/targets/draft';
import { effective } from '../src/targets/effective';
import { shareUnder, statusUnder } from '../src/targets/objectives';
import { previewOf, standingsOf } from '../src/targets/preview';
import { domain, metrics, route, TARGET } from './samples';

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
    expect(previewOf(standings, 'route', of, body, unknown).withoutObjective).toBe(true);
    const missed = () => ({ share: 0.5, measured_threshold: 100, is_met: false });
    expect(previewOf(standings, 'route', of, body, missed)).toMatchObject({
      withoutObjective: false,
      statusChanges: 1,
    });
  });
});

describe('the target that holds', () => {
  const saved = (domain: string | null, path_prefix: string | null, availability: number) => ({
    cluster_id: 'c',
    domain,
    path_prefix,
    time_range: '1d' as const,
    availability,
    p95_latency: 200,
    latency_objective: null,
    minimum_requests: 5,
    version: 1,
    set_by: 'mira',
    set_at: '2026-11-24T00:00:00Z',
  });
  const answer = {
    cluster_id: 'c',
    default: TARGET,
    targets: [saved(null, null, 0.97), saved('shop.example.com', null, 0.98), saved('shop.example.com', '/api', 0.999)],
  };
  const subject = { cluster: 'c', domain: 'shop.example.com', path: '/api', range: '1d' as const };

  it('is the nearest one', () => {
    expect(effective(answer, subject)).toMatchObject({ availability: 0.999, source: 'route' });
    expect(effective(answer, { ...subject, path: '/' })).toMatchObject({ availability: 0.98, source: 'domain' });
    expect(effective(answer, { ...subject, domain: 'docs.example.com' })).toMatchObject({
      availability: 0.97,
      source: 'cluster',
    });
    expect(effective(answer, { ...subject, range: '7d' })).toMatchObject({ source: 'default' });
  });
});

describe('a target as it is typed', () => {
  it('comes back as it was saved', () => {
    const target = { ...BODY, availability: 0.99999, latency_objective: { share: 0.999, threshold: 250 } };
    expect(readDraft(draftOf(target), en)).toEqual({ body: target, errors: new Map() });
    expect(draftOf(target).availability).toBe('99.999');
  });

  it('may have separators of thousands, except in per cent', () => {
    const draft = { ...draftOf(BODY), p95_latency: '1,500', minimum_requests: '10,000', availability: '99,999' };
    expect(readDraft(draft, en).body).toMatchObject({
      p95_latency: 1500,
      minimum_requests: 10_000,
      availability: 0.99999,
    });
    expect(readDraft({ ...draft, minimum_requests: '1 000 000' }, en).body?.minimum_requests).toBe(1_000_000);
    expect(readDraft({ ...draft, minimum_requests: '1,00' }, en).body?.minimum_requests).toBe(1);
    expect(readDraft({ ...draft, minimum_requests: '10,000,0' }, en).errors.has('minimum_requests')).toBe(true);
  });

  it('may have a decimal comma', () => {
    expect(readDraft({ ...draftOf(BODY), availability: '99,5' }, en).body?.availability).toBe(0.995);
  });

  it('says what is wrong with each field', () => {
    const draft = {
      ...draftOf(BODY),
      availability: '100',
      p95_latency: 'fast',
      minimum_requests: '1.5',
      'latency_objective.share': '99',
    };
    const { body, errors } = readDraft(draft, en);
    expect(body).toBeNull();
    expect([...errors.keys()].sort()).toEqual([
      'availability',
      'latency_objective.threshold',
      'minimum_requests',
      'p95_latency',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { StatusChange } from '../src/api/types';
import { barsOf, placeOf } from '../src/charts/histogram';
import { observedWindow } from '../src/charts/observed';
import { extentOf, isolated, seriesOf, upToOne } from '../src/charts/series';
import { stretchesOf } from '../src/charts/strip';
import { zoomTo } from '../src/charts/zoom';
import { gap, point } from './samples';

describe('a series', () => {
  it('keeps what was not seen as a gap', () => {
    const series = seriesOf([point(0, { p95_latency: 40 }), gap(300), point(600, { p95_latency: 60 })], 'p95_latency');
    expect(series.values).toEqual([40, null, 60]);
    expect(series.times).toEqual([150, 450, 750]);
  });

  it('keeps a point without requests as a gap of what has no value', () => {
    const idle = point(0, { availability: null, requests_per_sec: 0 });
    expect(seriesOf([idle], 'availability').values).toEqual([null]);
    expect(seriesOf([idle], 'requests_per_sec').values).toEqual([0]);
  });

  it('has no extent where nothing was seen', () => {
    expect(extentOf([null, null])).toBeNull();
    expect(extentOf([null, 3, 1, null])).toEqual({ low: 1, high: 3, last: 1 });
  });

  it('shows a value between two gaps as a dot', () => {
    expect(isolated([1, null, 2, null, 3, 4])).toEqual([0, 2]);
  });

  it('of availability goes up to 100 % and under its target', () => {
    const [low, high] = upToOne([1, 0.999], 0.99);
    expect(high).toBe(1);
    expect(low).toBeLessThan(0.99);
  });
});

describe('the window that is drawn', () => {
  const gaps = (count: number) => Array.from({ length: count }, (_, index) => gap(index * 300));
  const window = { from: 0, to: 100 * 300 };

  it('is all of it, gaps and all', () => {
    expect(
      observedWindow(window, [...gaps(40), ...Array.from({ length: 60 }, (_, i) => point((40 + i) * 300))]),
    ).toEqual(window);
    expect(observedWindow(window, gaps(100))).toEqual(window);
  });

  it('of a cluster that is new leaves half of the room to what was seen', () => {
    const points = [...gaps(80), ...Array.from({ length: 20 }, (_, i) => point((80 + i) * 300))];
    expect(observedWindow(window, points)).toEqual({ from: 60 * 300, to: window.to });
    expect(observedWindow(window, [...gaps(99), point(99 * 300)])).toEqual({ from: 88 * 300, to: window.to });
  });
});

describe('a zoom', () => {
  it('asks for whole points', () => {
    expect(zoomTo(1_010, 4_090, 300)).toEqual({ from: 900, to: 4_200 });
    expect(zoomTo(7_100, 20_000, 3_600)).toEqual({ from: 6_900, to: 20_100 });
  });

  it('asks for enough of them to draw a line', () => {
    const { from, to } = zoomTo(10_000, 10_020, 300);
    expect(to - from).toBeGreaterThanOrEqual(900);
    expect(from).toBeLessThan(10_000);
    expect(to).toBeGreaterThan(10_020);
  });
});

describe('a histogram', () => {
  const buckets = [
    { le: '0.1', count: 0 },
    { le: '0.3', count: 60 },
    { le: '1.2', count: 90 },
    { le: '5.0', count: 90 },
    { le: '+Inf', count: 100 },
  ];

  it('shows each bucket by itself, without the empty ones at its ends', () => {
    expect(barsOf(buckets)).toEqual([
      { low: 100, high: 300, count: 60 },
      { low: 300, high: 1200, count: 30 },
      { low: 1200, high: 5000, count: 0 },
      { low: 5000, high: null, count: 10 },
    ]);
    expect(barsOf([{ le: '+Inf', count: 0 }])).toEqual([]);
  });

  it('places a percentile within its bucket', () => {
    const bars = barsOf(buckets);
    expect(placeOf(bars, 200)).toBeCloseTo(0.125);
    expect(placeOf(bars, 5000)).toBeCloseTo(0.75);
    expect(placeOf(bars, 50)).toBeNull();
  });
});

describe('a status strip', () => {
  const change = (at: number, old_status: StatusChange['old_status'], new_status: StatusChange['new_status']) => ({
    at: new Date(at * 1000).toISOString(),
    domain: 'shop.example.com',
    path_prefix: null,
    time_range: '1d' as const,
    old_status,
    new_status,
    availability: null,
    p95_latency: null,
    error_budget_remaining: null,
  });
  const window = { from: 0, to: 100 };

  it('is of one piece where nothing changed', () => {
    expect(stretchesOf([], 'healthy', window, 0)).toEqual([{ from: 0, to: 100, status: 'healthy' }]);
  });

  it('is cut at each change', () => {
    const changes = [change(70, 'critical', 'healthy'), change(40, 'healthy', 'critical')];
    expect(stretchesOf(changes, 'healthy', window, 0)).toEqual([
      { from: 0, to: 40, status: 'healthy' },
      { from: 40, to: 70, status: 'critical' },
      { from: 70, to: 100, status: 'healthy' },
    ]);
  });

  it('does not claim to know what was before anything was seen', () => {
    expect(stretchesOf([], 'healthy', window, 60)).toEqual([
      { from: 0, to: 60, status: 'unwatched' },
      { from: 60, to: 100, status: 'healthy' },
    ]);
    expect(stretchesOf([], 'no_traffic', window, null)).toEqual([{ from: 0, to: 100, status: 'unwatched' }]);
  });

  it('says how it stood in a window that is over', () => {
    expect(stretchesOf([change(150, 'warning', 'healthy')], 'healthy', window, 0)).toEqual([
      { from: 0, to: 100, status: 'warning' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { countedAfterGaps, isPartlyObserved, latePointsOf } from '../src/charts/gaps';
import { type Mark, marksAt } from '../src/charts/marks';
import { marksOf } from '../src/components/detail/marks';
import { count } from '../src/format/numbers';
import { en } from '../src/i18n/en';
import { gap, point } from './samples';

const POINTS = [
  point(0),
  gap(300),
  point(600, { requests_after_gap: 3500, errors_after_gap: 120 }),
  { ...gap(900), requests_after_gap: 5, errors_after_gap: 0 },
];

describe('requests of a gap', () => {
  it('are found in the points that they were counted in, seen or not', () => {
    expect(latePointsOf(POINTS)).toEqual([
      { from: 600, to: 900, requests: 3500, errors: 120 },
      { from: 900, to: 1200, requests: 5, errors: 0 },
    ]);
    expect(countedAfterGaps(POINTS)).toEqual({ requests: 3505, errors: 120 });
    expect(countedAfterGaps([point(0), gap(300)])).toBeNull();
  });

  it('are said in words', () => {
    expect(marksOf(POINTS, en, { count: (value) => count(value, 'en') })[0]?.text).toBe(
      'After a gap: 3,500 requests, 120 failed',
    );
  });

  it('are marked at least eight pixels wide, so that they can be seen and pointed at', () => {
    const plot = { valToPos: (time: number) => time / 300 } as unknown as Parameters<typeof marksAt>[0];
    const marks: Mark[] = [{ from: 3000, to: 3300, text: 'a' }];
    expect([6, 7, 10.5, 14, 15].map((left) => marksAt(plot, marks, left)[0]?.text)).toEqual([
      undefined,
      'a',
      'a',
      'a',
      undefined,
    ]);
  });
});

describe('coverage', () => {
  it('deserves a hint where something is missing, not for the time between two snapshots', () => {
    expect(isPartlyObserved(1, 0)).toBe(false);
    expect(isPartlyObserved(0.9993, 0)).toBe(false);
    expect(isPartlyObserved(0.993, 0)).toBe(true);
    expect(isPartlyObserved(0.9999, 1)).toBe(true);
  });
});

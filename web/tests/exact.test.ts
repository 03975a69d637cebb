import { describe, expect, it } from 'vitest';
import { sparkOf } from '../src/charts/spark';
import { budgetLeft, hasShare, isBelowTarget } from '../src/objectives/exact';
import { shareUnder, statusUnder } from '../src/objectives/judge';
import { metrics, point, TARGET } from './samples';

/** Every target with at most five decimals, as the number that the API sends. */
const targets = Array.from({ length: 49_998 }, (_, index) => (99_999 - index) / 100_000);

describe('a share exactly at its target', () => {
  it('meets it, and one failed request more does not', () => {
    for (const target of targets) {
      const errors = 100_000 - Math.round(target * 100_000);
      if (isBelowTarget(100_000, errors, target)) expect.fail(`${target} with ${errors} errors`);
      if (!isBelowTarget(100_000, errors + 1, target)) expect.fail(`${target} with ${errors + 1} errors`);
      if (!hasShare(100_000 - errors, 100_000, target)) expect.fail(`${target} of ${errors}`);
      if (hasShare(99_999 - errors, 100_000, target)) expect.fail(`${target} of ${errors} and one more`);
    }
  });

  it('spends the budget exactly', () => {
    for (const target of targets) {
      const errors = 100_000 - Math.round(target * 100_000);
      if (budgetLeft(100_000, errors, target) !== 0) expect.fail(`${target} with ${errors} errors`);
    }
    expect([budgetLeft(1000, 0, 0.99), budgetLeft(1000, 5, 0.99), budgetLeft(1000, 20, 0.99)]).toEqual([1, 0.5, -1]);
    expect(budgetLeft(0, 0, 0.99)).toBeNull();
  });

  it('is not marked in a trend, nor critical in a preview', () => {
    for (const target of targets.filter((_, index) => index % 7 === 0)) {
      const total_errors = 100_000 - Math.round(target * 100_000);
      const seen = { total_requests: 100_000, total_errors };
      const drawn = sparkOf([point(0, seen)], () => target, 48);
      if (drawn[0]?.isBelow) expect.fail(`${target} is marked`);
      const body = { ...TARGET, availability: target };
      const status = statusUnder(metrics({ ...seen, availability: 1 - total_errors / 100_000 }), body, null);
      if (status !== 'healthy') expect.fail(`${target} is ${status}`);
    }
    expect(sparkOf([point(0, { total_requests: 100, total_errors: 6 })], () => 0.95, 48)[0]?.isBelow).toBe(true);
  });

  it('meets a latency objective', () => {
    const buckets = [
      { le: '0.1', count: 7 },
      { le: '+Inf', count: 10 },
    ];
    expect(shareUnder(buckets, { share: 0.7, threshold: 100 }).is_met).toBe(true);
    expect(shareUnder(buckets, { share: 0.70001, threshold: 100 }).is_met).toBe(false);
  });
});

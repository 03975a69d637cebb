import { describe, expect, it } from 'vitest';
import { offsetSeconds, tickLabel, timeTicks } from '../src/charts/axis';

const HOUR = 3_600;
const DAY = 86_400;
const at = (text: string): number => Date.parse(text) / 1000;

describe('ticks of the time axis', () => {
  it('lie on whole hours of UTC', () => {
    const { at: ticks, step } = timeTicks(at('2026-11-24T00:10:00Z'), at('2026-11-24T23:50:00Z'), 8, 'UTC');
    expect(step).toBe(3 * HOUR);
    expect(ticks[0]).toBe(at('2026-11-24T03:00:00Z'));
    expect(ticks.at(-1)).toBe(at('2026-11-24T21:00:00Z'));
  });

  it('lie on midnight of the zone that is shown', () => {
    const { at: ticks } = timeTicks(at('2026-11-17T00:00:00Z'), at('2026-11-24T00:00:00Z'), 8, 'Asia/Shanghai');
    expect(ticks).toContain(at('2026-11-17T16:00:00Z'));
    expect(ticks.every((tick) => (tick + 8 * HOUR) % DAY === 0)).toBe(true);
  });

  it('lie on midnight before and after the clocks change', () => {
    const { at: ticks } = timeTicks(at('2026-10-23T00:00:00Z'), at('2026-10-28T00:00:00Z'), 6, 'Europe/Berlin');
    expect(ticks).toEqual(
      [
        '2026-10-23T22:00:00Z',
        '2026-10-24T22:00:00Z',
        '2026-10-25T23:00:00Z',
        '2026-10-26T23:00:00Z',
        '2026-10-27T23:00:00Z',
      ].map(at),
    );
  });

  it('lie on whole hours of a zone that is half an hour off', () => {
    const { at: ticks } = timeTicks(at('2026-11-24T00:00:00Z'), at('2026-11-24T06:00:00Z'), 6, 'Asia/Kolkata');
    expect(ticks[0]).toBe(at('2026-11-24T00:30:00Z'));
  });

  it('are never more than fit', () => {
    for (const seconds of [50, 3_000, DAY, 7 * DAY, 30 * DAY, 90 * DAY]) {
      const { at: ticks } = timeTicks(at('2026-08-01T00:00:00Z'), at('2026-08-01T00:00:00Z') + seconds, 6, 'UTC');
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  });
});

describe('the label of a tick', () => {
  it('is the time of day, and the day at midnight of the zone', () => {
    expect(tickLabel(at('2026-11-24T06:00:00Z'), 3 * HOUR, 'en', 'UTC')).toBe('06:00');
    expect(tickLabel(at('2026-11-24T00:00:00Z'), 3 * HOUR, 'en', 'UTC')).toBe('Nov 24');
    expect(tickLabel(at('2026-11-24T16:00:00Z'), 3 * HOUR, 'zh-Hans', 'Asia/Shanghai')).toBe('11月25日');
  });

  it('has seconds where ticks are that near', () => {
    expect(tickLabel(at('2026-11-24T06:00:30Z'), 30, 'en', 'UTC')).toBe('06:00:30');
  });
});

describe('the offset of a zone', () => {
  it('follows the clocks', () => {
    expect(offsetSeconds(at('2026-07-01T00:00:00Z'), 'Europe/Berlin')).toBe(2 * HOUR);
    expect(offsetSeconds(at('2026-12-01T00:00:00Z'), 'Europe/Berlin')).toBe(HOUR);
    expect(offsetSeconds(at('2026-12-01T00:00:00Z'), 'UTC')).toBe(0);
  });
});

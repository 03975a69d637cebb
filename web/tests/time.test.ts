import { describe, expect, it } from 'vitest';
import { duration, moment, outage } from '../src/format/time';

const AT = Date.parse('2026-11-24T23:30:00Z');

describe('a moment', () => {
  it('is in UTC where that is chosen, with 24 hours', () => {
    expect(moment(AT, 'en', 'UTC')).toBe('Nov 24, 2026, 23:30');
    expect(moment(Date.parse('2026-11-24T00:05:00Z'), 'en', 'UTC')).toBe('Nov 24, 2026, 00:05');
  });

  it('is in the words of its language', () => {
    expect(moment(AT, 'zh-Hans', 'UTC')).toBe('2026年11月24日 23:30');
    expect(moment(AT, 'ja', 'UTC')).toContain('2026/11/24');
  });
});

describe('how long an outage may last', () => {
  it.each([
    [12_960, '216 minutes'],
    [259_200, '4,320 minutes'],
    [600, '10 minutes'],
    [259.2, '4 min 19 sec'],
    [25.92, '26 sec'],
  ])('of %s seconds is %s', (seconds, text) => {
    expect(outage(seconds, 'en')).toBe(text);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 sec'],
    [-5, '0 sec'],
    [59.6, '1 min'],
    [100, '1 min 40 sec'],
    [1_200, '20 min'],
    [4_800, '1 hr 20 min'],
    [7_200, '2 hr'],
    [90_000, '1 day 1 hr'],
    [2_592_000, '30 days'],
  ])('of %s seconds is %s', (seconds, text) => {
    expect(duration(seconds, 'en')).toBe(text);
  });

  it('is in the words of its language', () => {
    expect(duration(4_800, 'zh-Hans')).toBe('1小时 20分钟');
  });
});

import { describe, expect, it } from 'vitest';
import * as numbers from '../src/format/numbers';

const EN = 'en';

describe('availability', () => {
  it('is a dash where nothing was seen, never 0 or 100 %', () => {
    expect(numbers.availability(null, EN)).toBe('—');
  });

  it('is 100 % only where no request failed', () => {
    expect(numbers.availability(1, EN)).toBe('100%');
    expect(numbers.availability(0.99996, EN)).toBe('99.996%');
    expect(numbers.availability(1 - 1e-7, EN)).toBe('99.99999%');
    expect(numbers.availability(1 - 1e-12, EN)).not.toBe('100%');
  });

  it('is 0 % only where every request failed', () => {
    expect(numbers.availability(0, EN)).toBe('0%');
    expect(numbers.availability(1e-6, EN)).not.toMatch(/^0(\.0+)?%$/);
  });

  it('has two decimals where they tell enough', () => {
    expect(numbers.availability(0.999, EN)).toBe('99.90%');
    expect(numbers.availability(0.98694, EN)).toBe('98.69%');
  });
});

describe('an error rate', () => {
  it('is 0 % only where no request failed', () => {
    expect(numbers.errorRate(0, EN)).toBe('0%');
    expect(numbers.errorRate(0.00004, EN)).toBe('0.004%');
    expect(numbers.errorRate(0.0131, EN)).toBe('1.31%');
    expect(numbers.errorRate(null, EN)).toBe('—');
  });
});

describe('a target', () => {
  it('has no more decimals than it was set with', () => {
    expect(numbers.targetAvailability(0.95, EN)).toBe('95%');
    expect(numbers.targetAvailability(0.999, EN)).toBe('99.9%');
    expect(numbers.targetAvailability(0.99999, EN)).toBe('99.999%');
  });
});

describe('what is left of a budget', () => {
  it('tells a little from nothing, and nearly all from all', () => {
    expect(numbers.budget(1, EN)).toBe('100%');
    expect(numbers.budget(0.999, EN)).toBe('>\u00a099%');
    expect(numbers.budget(0.004, EN)).toBe('<\u00a01%');
    expect(numbers.budget(0, EN)).toBe('0%');
    expect(numbers.budget(-1.5, EN)).toBe('−150%');
    expect(numbers.budget(null, EN)).toBe('—');
  });
});

describe('a latency', () => {
  it('is in milliseconds, and in seconds from ten of them on', () => {
    expect(numbers.latency(95.2, EN)).toBe('95\u00a0ms');
    expect(numbers.latency(1136, EN)).toBe('1,136\u00a0ms');
    expect(numbers.latency(12_340, EN)).toBe('12.3\u00a0s');
    expect(numbers.latency(4.26, EN)).toBe('4.3\u00a0ms');
  });

  it('says that it may be longer where it is a lower bound', () => {
    expect(numbers.latency(5000, EN, { isLowerBound: true })).toBe('>\u00a05,000\u00a0ms');
  });

  it('is a dash where nothing was seen', () => {
    expect(numbers.latency(null, EN, { isLowerBound: true })).toBe('—');
  });
});

describe('requests a second', () => {
  it('keep what tells apart', () => {
    expect(numbers.rate(0, EN)).toBe('0');
    expect(numbers.rate(0.004, EN)).toBe('<\u00a00.01');
    expect(numbers.rate(6.3, EN)).toBe('6.30');
    expect(numbers.rate(12.34, EN)).toBe('12.3');
    expect(numbers.rate(1234.5, EN)).toBe('1,235');
  });
});

describe('a difference', () => {
  it('has its sign, and none for zero', () => {
    const text = (value: number): string => numbers.points(value, EN);
    expect(numbers.signed(0.0131, text)).toBe('+1.31');
    expect(numbers.signed(-0.00004, text)).toBe('−0.004');
    expect(numbers.signed(0, text)).toBe('0');
  });
});

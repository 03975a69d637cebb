/** The formatters for the current language and time zone. */
import { computed } from '@preact/signals';
import { LANGUAGE_TAGS } from '../i18n/languages';
import { clock, language } from '../state/preferences';
import * as numbers from './numbers';
import * as time from './time';

export const locale = computed(() => LANGUAGE_TAGS[language.value]);
export const zone = computed<time.Zone>(() => (clock.value === 'utc' ? 'UTC' : undefined));

export const format = computed(() => {
  const l = locale.value;
  const z = zone.value;
  return {
    availability: (ratio: number | null) => numbers.availability(ratio, l),
    errorRate: (ratio: number | null) => numbers.errorRate(ratio, l),
    target: (ratio: number) => numbers.targetAvailability(ratio, l),
    budget: (ratio: number | null) => numbers.budget(ratio, l),
    latency: (ms: number | null, isLowerBound = false) => numbers.latency(ms, l, { isLowerBound }),
    latencyTick: (ms: number) => numbers.latencyTick(ms, l),
    number: (value: number) => numbers.number(value, l),
    rate: (perSecond: number | null) => numbers.rate(perSecond, l),
    count: (value: number | null) => numbers.count(value, l),
    shortCount: (value: number | null) => numbers.shortCount(value, l),
    factor: (value: number | null) => numbers.factor(value, l),
    points: (difference: number) => numbers.points(difference, l),
    signed: numbers.signed,
    moment: (at: number) => time.moment(at, l, z),
    timeOfDay: (at: number) => time.timeOfDay(at, l, z),
    day: (at: number) => time.day(at, l, z),
    outage: (seconds: number) => time.outage(seconds, l),
    duration: (seconds: number) => time.duration(seconds, l),
  };
});

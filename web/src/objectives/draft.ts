/** An objective being edited: text that may be invalid. */
import type { LatencyObjective, ObjectiveAnswer, ObjectiveBody, Target } from '../api/types';
import type { Messages } from '../i18n';
import { browserTimeZone, isCalendar, isSettable, isTimeZone } from './period';

/** Named like the fields in the API's errors. */
export type Field =
  | 'name'
  | 'period'
  | 'time_zone'
  | 'availability'
  | 'p95_latency'
  | 'latency_objective.share'
  | 'latency_objective.threshold'
  | 'minimum_requests'
  | 'owner'
  | 'channel';

export const FIELDS: readonly Field[] = [
  'name',
  'period',
  'time_zone',
  'availability',
  'p95_latency',
  'latency_objective.share',
  'latency_objective.threshold',
  'minimum_requests',
  'owner',
  'channel',
];

/** Fields in per cent. In the others a comma before three digits separates thousands. */
const PERCENTS: ReadonlySet<Field> = new Set<Field>(['availability', 'latency_objective.share']);
const THOUSANDS = /^\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?$/;
const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const LONGEST_OWNER = 200;

export type Draft = Readonly<Record<Field, string>>;
export type FieldErrors = ReadonlyMap<Field, string>;

type Promised = Pick<Target, 'availability' | 'p95_latency' | 'latency_objective' | 'minimum_requests'>;
export type Identity = Pick<ObjectiveAnswer, 'name' | 'period' | 'time_zone' | 'owner' | 'channel'>;

export function draftOf(of: Promised & Identity): Draft {
  const objective = of.latency_objective;
  return {
    name: of.name,
    period: of.period,
    time_zone: isCalendar(of.period) ? of.time_zone : browserTimeZone(),
    availability: percentText(of.availability),
    p95_latency: of.p95_latency === null ? '' : String(of.p95_latency),
    'latency_objective.share': objective ? percentText(objective.share) : '',
    'latency_objective.threshold': objective ? String(objective.threshold) : '',
    minimum_requests: String(of.minimum_requests),
    owner: of.owner,
    channel: of.channel,
  };
}

/** What a draft says, without what belongs to the objective and is not typed. */
export type Typed = Omit<ObjectiveBody, 'is_followed' | 'origin'>;

export interface Read {
  /** Null if a field is invalid. */
  typed: Typed | null;
  errors: FieldErrors;
}

/** The bounds are those of the API, which also validates. A latency objective is complete or empty. */
export function readDraft(draft: Draft, others: readonly Pick<ObjectiveAnswer, 'name'>[], words: Messages): Read {
  const errors = new Map<Field, string>();
  const numberOf = (field: Field, isValid: (value: number) => boolean, otherwise: string): number => {
    const value = parseNumber(draft[field], PERCENTS.has(field));
    if (Number.isNaN(value)) errors.set(field, words.fieldNumber);
    else if (!isValid(value)) errors.set(field, otherwise);
    return value;
  };
  const isLatency = (value: number): boolean => value > 0 && value <= 600_000;
  const latencyBounds = words.fieldAbove('0', '600000');

  const name = draft.name.trim();
  if (!NAME.test(name)) errors.set('name', words.fieldName);
  else if (others.some((each) => each.name === name)) errors.set('name', words.fieldNameTaken);
  const period = isSettable(draft.period) ? draft.period : null;
  if (!period) errors.set('period', words.fieldPeriod);
  const zone = isCalendar(draft.period) ? draft.time_zone.trim() : 'UTC';
  if (!isTimeZone(zone)) errors.set('time_zone', words.fieldTimeZone);
  const availability = numberOf(
    'availability',
    (value) => value >= 50 && value <= 99.999,
    words.fieldBetween('50', '99.999'),
  );
  const p95 = draft.p95_latency.trim() ? numberOf('p95_latency', isLatency, latencyBounds) : null;
  const minimum = numberOf(
    'minimum_requests',
    (value) => Number.isInteger(value) && value >= 0 && value <= 1_000_000,
    words.fieldWhole('0', '1000000'),
  );
  let objective: LatencyObjective | null = null;
  if (draft['latency_objective.share'].trim() || draft['latency_objective.threshold'].trim()) {
    const share = numberOf(
      'latency_objective.share',
      (value) => value > 0 && value < 100,
      words.fieldBetween('0', '100'),
    );
    objective = { share: ratio(share), threshold: numberOf('latency_objective.threshold', isLatency, latencyBounds) };
  }
  const owner = draft.owner.trim();
  if (owner.length > LONGEST_OWNER) errors.set('owner', words.fieldLong(String(LONGEST_OWNER)));
  if (errors.size || !period) return { typed: null, errors };
  const typed: Typed = {
    availability: ratio(availability),
    period,
    time_zone: zone,
    p95_latency: p95,
    latency_objective: objective,
    minimum_requests: minimum,
    owner,
    channel: draft.channel,
  };
  return { typed, errors };
}

/** `10,000` is ten thousand, and `99,9` is 99.9. NaN for what is no number. */
function parseNumber(text: string, isPercent: boolean): number {
  const bare = text.trim();
  if (!bare) return Number.NaN;
  const isGrouped = !isPercent && THOUSANDS.test(bare);
  return Number(isGrouped ? bare.replace(/[,\s]/g, '') : bare.replace(',', '.'));
}

/** The saved objective as a request body. Null if its period is one that nobody may set. */
export function bodyOf(saved: ObjectiveAnswer): ObjectiveBody | null {
  const { availability, p95_latency, latency_objective, minimum_requests, owner, channel, is_followed } = saved;
  const { period, time_zone, origin } = saved;
  if (!isSettable(period) || origin === 'annotation') return null;
  return {
    availability,
    p95_latency,
    latency_objective,
    minimum_requests,
    owner,
    channel,
    is_followed,
    period,
    time_zone,
    origin,
  };
}

/** Rounds floating-point noise: 99.9 / 100 is 0.9990000000000001. */
function ratio(percent: number): number {
  return Number((percent / 100).toPrecision(12));
}

function percentText(value: number): string {
  return String(Number((value * 100).toPrecision(12)));
}

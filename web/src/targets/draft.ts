/** A target being edited: text that may be invalid. */
import type { LatencyObjective, Target, TargetBody } from '../api/types';
import type { Messages } from '../i18n';

/** Named like the fields in the API's errors. */
export type Field =
  | 'availability'
  | 'p95_latency'
  | 'latency_objective.share'
  | 'latency_objective.threshold'
  | 'minimum_requests';

export const FIELDS: readonly Field[] = [
  'availability',
  'p95_latency',
  'latency_objective.share',
  'latency_objective.threshold',
  'minimum_requests',
];

/** Fields in per cent. In the others a comma before three digits separates thousands. */
const PERCENTS: ReadonlySet<Field> = new Set<Field>(['availability', 'latency_objective.share']);
const THOUSANDS = /^\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?$/;

export type Draft = Readonly<Record<Field, string>>;
export type FieldErrors = ReadonlyMap<Field, string>;

type Values = Pick<Target, 'availability' | 'p95_latency' | 'latency_objective' | 'minimum_requests'>;

export function draftOf(target: Values): Draft {
  const objective = target.latency_objective;
  return {
    availability: percentText(target.availability),
    p95_latency: String(target.p95_latency),
    'latency_objective.share': objective ? percentText(objective.share) : '',
    'latency_objective.threshold': objective ? String(objective.threshold) : '',
    minimum_requests: String(target.minimum_requests),
  };
}

export interface Read {
  /** Null if a field is invalid. */
  body: TargetBody | null;
  errors: FieldErrors;
}

/** The bounds are those of the API, which also validates. An objective is complete or empty. */
export function readDraft(draft: Draft, words: Messages): Read {
  const errors = new Map<Field, string>();
  const numberOf = (field: Field, isValid: (value: number) => boolean, otherwise: string): number => {
    const value = parseNumber(draft[field], PERCENTS.has(field));
    if (Number.isNaN(value)) errors.set(field, words.fieldNumber);
    else if (!isValid(value)) errors.set(field, otherwise);
    return value;
  };
  const isLatency = (value: number): boolean => value > 0 && value <= 600_000;
  const latencyBounds = words.fieldAbove('0', '600000');

  const availability = numberOf(
    'availability',
    (value) => value >= 50 && value <= 99.999,
    words.fieldBetween('50', '99.999'),
  );
  const p95 = numberOf('p95_latency', isLatency, latencyBounds);
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
  if (errors.size) return { body: null, errors };
  const body: TargetBody = {
    availability: ratio(availability),
    p95_latency: p95,
    latency_objective: objective,
    minimum_requests: minimum,
  };
  return { body, errors };
}

/** `10,000` is ten thousand, and `99,9` is 99.9. NaN for what is no number. */
function parseNumber(text: string, isPercent: boolean): number {
  const bare = text.trim();
  if (!bare) return Number.NaN;
  const isGrouped = !isPercent && THOUSANDS.test(bare);
  return Number(isGrouped ? bare.replace(/[,\s]/g, '') : bare.replace(',', '.'));
}

/** The saved target as a request body. */
export function bodyOf(target: Values): TargetBody {
  const { availability, p95_latency, latency_objective, minimum_requests } = target;
  return { availability, p95_latency, latency_objective, minimum_requests };
}

/** Rounds floating-point noise: 99.9 / 100 is 0.9990000000000001. */
function ratio(percent: number): number {
  return Number((percent / 100).toPrecision(12));
}

function percentText(value: number): string {
  return String(Number((value * 100).toPrecision(12)));
}

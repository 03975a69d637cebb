/** Shares compared as integers, as the server does: 0.95 is 95 of 100, and 5 errors of 100 requests meet it. */

interface Fraction {
  part: bigint;
  of: bigint;
}

const DAY_SECONDS = 86_400;
const known = new Map<number, Fraction>();

/** Whether more requests failed than the target allows. */
export function isBelowTarget(requests: number, errors: number, target: number): boolean {
  const { part, of } = fractionOf(target);
  return BigInt(errors) * of > BigInt(requests) * (of - part);
}

/** Whether at least this share of the requests was served well. */
export function hasShare(well: number, requests: number, share: number): boolean {
  const { part, of } = fractionOf(share);
  return BigInt(well) * of >= BigInt(requests) * part;
}

/** The share of the error budget that is left: exactly 0 if as many failed as may. Null without requests. */
export function budgetLeft(requests: number, errors: number, target: number): number | null {
  if (!requests) return null;
  const { part, of } = fractionOf(target);
  const allowed = BigInt(requests) * (of - part);
  return Number(allowed - BigInt(errors) * of) / Number(allowed);
}

/** How long everything may fail in this many days at an even rate, in seconds: 12,960 in 30 days of 0.995. */
export function allowedSeconds(target: number, days: number): number {
  const { part, of } = fractionOf(target);
  return Number(of - part) * ((days * DAY_SECONDS) / Number(of));
}

/** A ratio exactly as it is written. */
function fractionOf(ratio: number): Fraction {
  const found = known.get(ratio) ?? read(ratio);
  known.set(ratio, found);
  return found;
}

function read(ratio: number): Fraction {
  const [mantissa = '', exponent = ''] = ratio.toExponential().split('e');
  const [whole = '', decimals = ''] = mantissa.split('.');
  const places = decimals.length - Number(exponent);
  const digits = BigInt(whole + decimals);
  return places < 0 ? { part: digits * 10n ** BigInt(-places), of: 1n } : { part: digits, of: 10n ** BigInt(places) };
}

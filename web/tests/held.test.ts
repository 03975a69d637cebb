import { describe, expect, it } from 'vitest';
import type { ObjectiveAnswer, ObjectiveChange } from '../src/api/types';
import { changesWithin, heldAt, heldOver } from '../src/objectives/held';
import { objective, TARGET } from './samples';

const SHOP = { cluster: 'production', domain: 'shop.example.com', path: null };
const at = (minute: number): string => new Date(minute * 60_000).toISOString();

function change(minute: number, before: ObjectiveAnswer | null, after: ObjectiveAnswer | null): ObjectiveChange {
  return { at: at(minute), by: 'ops', before, after, excluded: null, included: null };
}

/** The availability that held, each from a minute on. */
function held(
  objectives: ObjectiveAnswer[],
  changes: ObjectiveChange[],
  subject: Parameters<typeof heldOver>[1] = SHOP,
) {
  const answer = { cluster_id: 'production', preset: TARGET, objectives };
  return heldOver({ answer, changes }, subject).map(({ since, target }) => [
    since === null ? null : since / 60,
    target.availability,
  ]);
}

const old = objective({ availability: 0.99, version: 1 });
const now = objective({ availability: 0.999, version: 2 });

describe('what held over time', () => {
  it('is what is followed now where nothing changed', () => {
    expect(held([now], [])).toEqual([[null, 0.999]]);
    expect(held([], [])).toEqual([[null, 0.99]]);
  });

  it('is the preset before the first objective, and again once it is deleted', () => {
    const preset = TARGET.availability;
    const changes = [change(30, now, null), change(20, old, now), change(10, null, old)];
    const strict = { ...TARGET, availability: 0.95 };
    const answer = { cluster_id: 'production', preset: strict, objectives: [] };
    const found = heldOver({ answer, changes }, SHOP);
    expect(preset).toBe(0.99);
    expect(found.map(({ since, target }) => [since, target.availability])).toEqual([
      [null, 0.95],
      [600, 0.99],
      [1200, 0.999],
      [1800, 0.95],
    ]);
    expect(found.map(({ objective: of, by }) => [of?.name ?? null, by])).toEqual([
      [null, null],
      ['monthly', 'ops'],
      ['monthly', 'ops'],
      [null, 'ops'],
    ]);
  });

  it('is found for each time', () => {
    const answer = { cluster_id: 'production', preset: TARGET, objectives: [now] };
    const found = heldOver({ answer, changes: [change(20, old, now)] }, SHOP);
    expect([0, 1199, 1200, 9999].map((time) => heldAt(found, time)?.target.availability)).toEqual([
      0.99, 0.99, 0.999, 0.999,
    ]);
    expect(changesWithin(found, { from: 0, to: 2000 }).map(({ since }) => since)).toEqual([1200]);
    expect(changesWithin(found, { from: 1200, to: 2000 })).toEqual([]);
  });

  it('changes with what is above the subject, until it has an objective of its own', () => {
    const cluster = objective({ domain: null, name: 'all', availability: 0.9, version: 1 });
    expect(held([cluster], [change(10, null, cluster)], { ...SHOP, path: '/pay' })).toEqual([
      [null, 0.99],
      [10, 0.9],
    ]);
    expect(held([cluster, now], [change(20, null, now), change(10, null, cluster)])).toEqual([
      [null, 0.99],
      [10, 0.9],
      [20, 0.999],
    ]);
  });

  it('tells what is set for all clusters from what is set for the cluster, though both have one name', () => {
    const all = objective({ cluster_id: '*', domain: null, name: 'usual', availability: 0.9, version: 1 });
    const own = objective({ domain: null, name: 'usual', availability: 0.95, version: 1 });
    const stricter = { ...all, availability: 0.98, version: 2 };
    expect(held([own, stricter], [change(20, null, own), change(15, all, stricter), change(10, null, all)])).toEqual([
      [null, 0.99],
      [10, 0.9],
      [15, 0.98],
      [20, 0.95],
    ]);
    expect(held([stricter], [change(20, own, null), change(10, null, stricter)])).toEqual([
      [null, 0.95],
      [20, 0.98],
    ]);
  });

  it('is not changed by objectives of others, nor by what nobody follows', () => {
    const other = objective({ domain: 'blog.example.com', availability: 0.9 });
    const path = objective({ path_prefix: '/pay', availability: 0.9 });
    const week = objective({ name: 'weekly', period: '7d', availability: 0.9, is_followed: false });
    const changes = [change(30, null, week), change(20, null, path), change(10, null, other)];
    expect(held([now, week, path, other], changes)).toEqual([[null, 0.999]]);
  });

  it('moves with the mark, whose two changes at the same moment are one', () => {
    const month = objective({ is_followed: true, version: 1 });
    const unmarked = { ...month, is_followed: false, version: 2 };
    const week = objective({ name: 'weekly', period: '7d', availability: 0.95, is_followed: true, version: 2 });
    const changes = [change(20, month, unmarked), change(20, { ...week, is_followed: false, version: 1 }, week)];
    expect(held([unmarked, week], changes)).toEqual([
      [null, 0.999],
      [20, 0.95],
    ]);
  });

  it('takes an objective for marked only where its period would not make it the followed one', () => {
    const week = objective({ name: 'weekly', period: '7d', availability: 0.95, is_followed: true });
    const month = objective({ is_followed: false });
    expect(held([week], [change(20, month, null)])).toEqual([
      [null, 0.999],
      [20, 0.95],
    ]);
    expect(held([week, month], [])).toEqual([[null, 0.95]]);
  });

  it('is what Kubernetes says, whatever is marked', () => {
    const annotated = objective({ name: 'kubernetes', origin: 'annotation', period: '7d', availability: 0.9 });
    expect(held([annotated, { ...now, is_followed: false }], [change(10, null, annotated)])).toEqual([
      [null, 0.999],
      [10, 0.9],
    ]);
  });

  it('ignores times that were excluded, and who owns an objective', () => {
    const owned = { ...now, owner: 'Ada', version: 3 };
    const excluded = { ...change(30, null, null), excluded: null };
    expect(held([owned], [excluded, change(20, now, owned)])).toEqual([[null, 0.999]]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ExclusionAnswer } from '../src/api/types';
import { excludedTimes } from '../src/charts/excluded';
import { type ExclusionDraft, fieldTime, readExclusion } from '../src/exclusions/draft';
import { en } from '../src/i18n/later/en';
import { gap, point } from './samples';

const SHOP = { domain: 'shop.example.com', path: null };
const time = (seconds: number): string => new Date(seconds * 1000).toISOString();

function exclusion(from: number, to: number, parts: Partial<ExclusionAnswer> = {}): ExclusionAnswer {
  return {
    cluster_id: 'production',
    exclusion_id: 'a',
    domain: 'shop.example.com',
    path_prefix: null,
    from: time(from),
    to: time(to),
    rule: '',
    time_zone: 'UTC',
    reason: 'DDoS',
    set_by: 'ops',
    set_at: time(0),
    ...parts,
  };
}

const excluded = (at: number, seconds = 300) => ({ ...gap(at), excluded_seconds: seconds });

describe('excluded times', () => {
  it('are the points of which something does not count, those with the same reasons together', () => {
    const points = [point(0), excluded(300), excluded(600, 200), point(900), excluded(1200)];
    const found = excludedTimes(points, [exclusion(300, 800), exclusion(1200, 1500, { reason: 'racks' })], SHOP);
    expect(found).toEqual([
      { from: 300, to: 900, seconds: 500, reasons: ['DDoS'] },
      { from: 1200, to: 1500, seconds: 300, reasons: ['racks'] },
    ]);
    expect(excludedTimes([point(0), point(300)], [], SHOP)).toEqual([]);
  });

  it('name what recurs only where nothing happens once', () => {
    const weekly = exclusion(0, 300, { rule: 'FREQ=WEEKLY', reason: 'backups' });
    const found = excludedTimes([excluded(300), excluded(900)], [exclusion(300, 600), weekly], SHOP);
    expect(found.map(({ reasons }) => reasons)).toEqual([['DDoS'], ['backups']]);
  });

  it('are of the subject, of what is above it, and of its parts', () => {
    const all = [
      exclusion(0, 300, { cluster_id: '*', domain: null, reason: 'all' }),
      exclusion(0, 300, { domain: null, reason: 'cluster' }),
      exclusion(0, 300, { reason: 'domain' }),
      exclusion(0, 300, { path_prefix: '/pay', reason: 'path' }),
      exclusion(0, 300, { path_prefix: '/', reason: 'other path' }),
      exclusion(0, 300, { domain: 'blog.example.com', reason: 'other domain' }),
    ];
    const reasons = (subject: { domain: string; path: string | null }) =>
      excludedTimes([excluded(0)], all, subject)[0]?.reasons;
    expect(reasons(SHOP)).toEqual(['all', 'cluster', 'domain', 'other path (/)', 'path (/pay)']);
    expect(reasons({ ...SHOP, path: '/pay' })).toEqual(['all', 'cluster', 'domain', 'path']);
  });
});

const DRAFT: ExclusionDraft = {
  from: '2026-11-27T14:00',
  to: '2026-11-27T15:10',
  recurs: 'once',
  rule: '',
  time_zone: 'Europe/Berlin',
  reason: ' DDoS ',
};

describe('the form of a time that does not count', () => {
  const read = (parts: Partial<ExclusionDraft>) => readExclusion({ ...DRAFT, ...parts }, en, 'required', true);

  it('is sent as the API has it', () => {
    expect(read({}).body).toEqual({
      from: '2026-11-27T14:00:00.000Z',
      to: '2026-11-27T15:10:00.000Z',
      reason: 'DDoS',
      rule: '',
      time_zone: 'UTC',
    });
    expect(read({ recurs: 'weekly' }).body).toMatchObject({ rule: 'FREQ=WEEKLY', time_zone: 'Europe/Berlin' });
    expect(read({ recurs: 'byRule', rule: ' FREQ=WEEKLY;BYDAY=SU ' }).body?.rule).toBe('FREQ=WEEKLY;BYDAY=SU');
  });

  it('says which field is wrong', () => {
    const wrong = (parts: Partial<ExclusionDraft>): string[] => [...read(parts).errors.keys()];
    expect(wrong({ from: '', reason: ' ' })).toEqual(['from', 'reason']);
    expect(wrong({ to: DRAFT.from })).toEqual(['to']);
    expect(wrong({ to: '2026-12-30T14:00' })).toEqual(['to']);
    expect(wrong({ recurs: 'byRule' })).toEqual(['rule']);
    expect(read({ reason: '' }).body).toBeNull();
  });

  it('begins with a time as its fields have it', () => {
    const seconds = Date.parse('2026-11-27T14:00:00Z') / 1000;
    expect(fieldTime(seconds, true)).toBe('2026-11-27T14:00');
    expect(Date.parse(fieldTime(seconds, false)) / 1000).toBe(seconds);
  });
});

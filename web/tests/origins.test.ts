import { describe, expect, it, vi } from 'vitest';
import { en } from '../src/i18n/en';
import { ja } from '../src/i18n/ja';
import { zh } from '../src/i18n/zh';
import { disagreementOf } from '../src/objectives/origins';
import { objective } from './samples';

const annotated = objective({ name: 'kubernetes', origin: 'annotation', period: 'month' });
const unfollowed = { is_followed: false } as const;
const file = objective({ ...unfollowed, origin: 'file', period: 'month' });

/** Which origin holds, and the names of what promises something else. */
function found(...objectives: Parameters<typeof disagreementOf>[0][number][]) {
  const { holds, others } = disagreementOf(objectives) ?? {};
  return holds && [holds.origin, others?.map((each) => `${each.origin} ${each.name}`)];
}

describe('the origins of a subject’s objectives', () => {
  it('agree where there is one, or none', () => {
    expect(found()).toBeUndefined();
    expect(found(annotated)).toBeUndefined();
    expect(found(objective(), objective({ ...unfollowed, name: 'weekly', period: '7d' }))).toBeUndefined();
  });

  it('agree where they promise the same, whoever owns it and whatever raises an alert', () => {
    expect(found(annotated, { ...file, name: 'other', owner: 'ops', minimum_requests: 1 })).toBeUndefined();
  });

  it.each([
    { availability: 0.995 },
    { p95_latency: null },
    { latency_objective: { share: 0.99, threshold: 300 } },
    { period: '30d' },
    { time_zone: 'Asia/Tokyo' },
  ] as const)('disagree where one promises %o', (other) => {
    expect(found({ ...file, ...other }, annotated)).toEqual(['annotation', ['file monthly']]);
  });

  it('agree about an objective that one of them has among others', () => {
    const weekly = objective({ ...unfollowed, name: 'weekly', period: '7d', origin: 'file' });
    expect(found(annotated, weekly, file)).toBeUndefined();
    expect(found(annotated, weekly)).toEqual(['annotation', ['file weekly']]);
  });

  it('each speak with the objective that they would have followed', () => {
    const short = objective({ ...unfollowed, name: 'weekly', period: '7d' });
    const long = objective({ ...unfollowed, name: 'quarterly', period: 'quarter' });
    const page = objective({ ...unfollowed, period: '28d' });
    expect(found(annotated, short, long, page, { ...file, availability: 0.9 })).toEqual([
      'annotation',
      ['file monthly', 'page quarterly'],
    ]);
  });

  it('are told in words: which holds, and what the others promise', async () => {
    vi.stubGlobal('navigator', { languages: ['en'] });
    const { disagreementText, othersText } = await import('../src/components/objectives/words');
    vi.unstubAllGlobals();
    const some = { p95_latency: null };
    const told = disagreementOf([
      { ...annotated, ...some },
      { ...file, ...some, availability: 0.995 },
      objective({ ...some, ...unfollowed, availability: 0.95 }),
    ]);
    if (!told) throw new Error('they disagree');
    expect(disagreementText(told, en)).toBe(
      'Kubernetes holds: 99.9% in the calendar month (UTC). The file promises 99.5% in the calendar month (UTC). ' +
        'The page promises 95% in the last 30 days.',
    );
    expect(disagreementText(told, en).endsWith(othersText(told.others, en))).toBe(true);
    for (const words of [zh, ja]) {
      const text = disagreementText(told, words);
      for (const part of ['Kubernetes', words.originFile, words.originPage, '99.9%', '99.5%', '95%']) {
        expect(text).toContain(part);
      }
    }
  });
});

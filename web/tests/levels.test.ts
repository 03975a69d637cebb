import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { en } from '../src/i18n/en';
import { heldTarget, objectivesOf } from '../src/objectives/followed';
import { ALL_CLUSTERS, LEVELS, levelOf, levelsOf, levelWord, subjectAt, subjectName } from '../src/objectives/levels';
import { objective, TARGET } from './samples';

const CLUSTER = { cluster: 'production', domain: null, path: null };
const DOMAIN = { ...CLUSTER, domain: 'shop.example.com' };
const PATH = { ...DOMAIN, path: '/pay' };
const ALL = { ...CLUSTER, cluster: ALL_CLUSTERS };

beforeEach(() => {
  vi.stubGlobal('navigator', { languages: ['en'] });
  vi.stubGlobal('document', { baseURI: 'https://example.com/' });
});
afterEach(() => vi.unstubAllGlobals());

describe('the levels of a subject', () => {
  it('go from all clusters down to what it is', () => {
    expect([ALL, CLUSTER, DOMAIN, PATH].map(levelOf)).toEqual(LEVELS);
    expect([ALL, CLUSTER, DOMAIN, PATH].map((subject) => levelsOf(subject).at(-1))).toEqual(LEVELS);
    expect(levelsOf(PATH)).toEqual(LEVELS);
    expect(levelsOf(ALL)).toEqual(['all']);
  });

  it('each have a subject of their own, and its name', () => {
    expect(LEVELS.map((level) => subjectAt(level, PATH))).toEqual([ALL, CLUSTER, DOMAIN, PATH]);
    expect([ALL, CLUSTER, DOMAIN, PATH].map((subject) => subjectName(subject, en))).toEqual([
      'All clusters',
      'production',
      'shop.example.com',
      'shop.example.com/pay',
    ]);
  });

  it('have a word, and one for whence an objective comes', async () => {
    const { sourceWord } = await import('../src/i18n');
    expect(new Set(LEVELS.map((level) => levelWord(level, en))).size).toBe(LEVELS.length);
    expect(new Set(LEVELS.map((level) => sourceWord(level, en))).size).toBe(LEVELS.length);
    expect([levelWord('all', en), sourceWord('all', en)]).toEqual(['All clusters', 'The objective of all clusters']);
  });
});

describe('what is set for all clusters', () => {
  const everywhere = objective({ cluster_id: ALL_CLUSTERS, domain: null, name: 'usual', availability: 0.97 });
  const own = objective({ domain: null, name: 'usual', availability: 0.98 });

  it('is not of the cluster, though both are of no domain', () => {
    expect(objectivesOf([everywhere, own], CLUSTER)).toEqual([own]);
    expect(objectivesOf([everywhere, own], ALL)).toEqual([everywhere]);
  });

  it('gives way to what is set for the cluster, and holds before the preset', () => {
    const judged = (...objectives: (typeof own)[]) => {
      const { availability, source } = heldTarget({ cluster_id: 'production', preset: TARGET, objectives }, PATH);
      return [availability, source];
    };
    expect(judged()).toEqual([0.99, 'preset']);
    expect(judged(everywhere)).toEqual([0.97, 'all']);
    expect(judged(everywhere, own)).toEqual([0.98, 'cluster']);
  });
});

describe('a token', () => {
  it.each([
    ['manage', [], [true, true]],
    ['manage', ['production'], [true, false]],
    ['read', [], [false, false]],
  ] as const)(
    'of scope %s for %j may set things for a cluster, and for all of them: %j',
    async (scope, clusters, may) => {
      const { mayManageIn, session } = await import('../src/state/session');
      const { Client } = await import('../src/api/client');
      const client = new Client(new URL('https://example.com/'), 'token');
      session.value = { client, grant: { scope, clusters: [...clusters], label: 'mira', expires_at: null } };
      expect(['production', ALL_CLUSTERS].map(mayManageIn)).toEqual(may);
      session.value = { client, grant: null };
      expect(mayManageIn(ALL_CLUSTERS)).toBe(false);
    },
  );
});

import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { INCIDENT_KINDS, type IncidentAnswer, type IncidentKind } from '../src/api/types';
import { incidentAt, placesOf } from '../src/charts/incidents';
import * as numbers from '../src/format/numbers';
import { printable } from '../src/format/printable';
import { duration, moment } from '../src/format/time';
import { en, type Messages } from '../src/i18n/en';
import { ja } from '../src/i18n/ja';
import { zh } from '../src/i18n/zh';
import { tellingFigure, windowAround } from '../src/incidents/around';
import {
  changeWord,
  type Formats,
  kindWord,
  lengthOf,
  sentenceOf,
  severityWord,
  subjectName,
} from '../src/incidents/words';
import { incident } from './samples';

const LANGUAGES = [
  ['en', en],
  ['zh', zh],
  ['ja', ja],
] as const;
const NOW = Date.parse('2026-11-27T10:40:00Z');
const HOUR = 3_600;

function formats(locale: string): Formats {
  return {
    count: (value) => numbers.count(value, locale),
    errorRate: (ratio) => numbers.errorRate(ratio, locale),
    number: (value) => numbers.number(value, locale),
    target: (ratio) => numbers.targetAvailability(ratio, locale),
    moment: (at) => moment(at, locale, 'UTC'),
    duration: (seconds) => duration(seconds, locale),
  };
}

const NOBODY = { domain: null, pod: null, certificate: null };
/** One of each kind, with the figures that its sentence must say. */
const EACH: readonly [string, IncidentAnswer, readonly string[]][] = [
  ['outage', incident(), ['9,120', '12,034', '75.79']],
  ['burn', incident({ kind: 'burn', requests: 1000, errors: 7 }), ['7', '1,000', '0.70']],
  ['trickle', incident({ kind: 'trickle', requests: 20, errors: 19 }), ['19', '20', '95.00']],
  ['latency', incident({ kind: 'latency', requests: 50, errors: 9, latency_threshold: 300 }), ['9', '50', '300']],
  ['silent cluster', incident({ kind: 'silent', subject: NOBODY }), ['production']],
  ['silent pod', incident({ kind: 'silent', subject: { ...NOBODY, pod: 'traefik/a-1' } }), ['traefik/a-1']],
  ['silent domain', incident({ kind: 'silent' }), ['shop.example.com']],
  ['budget', incident({ kind: 'budget', threshold: 0.9 }), ['90', '30']],
  [
    'certificate',
    incident({
      kind: 'certificate',
      subject: { ...NOBODY, certificate: '*.example.com' },
      expires_at: '2026-12-04T10:40:00Z',
    }),
    ['*.example.com', '7'],
  ],
  [
    'expired certificate',
    incident({
      kind: 'certificate',
      subject: { ...NOBODY, certificate: 'old.example' },
      expires_at: '2026-11-20T10:40:00Z',
    }),
    ['old.example'],
  ],
];

describe.each(LANGUAGES)('in %s', (language, words) => {
  it('there is a sample of each kind', () => {
    expect(new Set(EACH.map(([, { kind }]) => kind))).toEqual(new Set(INCIDENT_KINDS));
  });

  it.each(EACH)('the sentence of %s says its figures', (_, given, figures) => {
    const sentence = sentenceOf(given, words, formats(language), NOW);
    for (const figure of figures) expect(sentence).toContain(figure);
    expect(sentence).not.toMatch(/null|undefined|NaN/);
  });

  it('no two sentences are the same', () => {
    const sentences = EACH.map(([, given]) =>
      sentenceOf({ ...given, errors: 7, requests: 9 }, words, formats(language), NOW),
    );
    expect(new Set(sentences).size).toBe(EACH.length);
  });

  it('says the same as the messages do', () => {
    const said = wordsOfMessages(language);
    for (const kind of INCIDENT_KINDS) expect(kindWord(kind, words)).toBe(said.get(kind));
    expect(severityWord('page', words)).toBe(said.get('page'));
    expect(severityWord('ticket', words)).toBe(said.get('ticket'));
    for (const [key, text] of Object.entries(templates(words))) expect(text).toBe(said.get(key));
  });
});

/** The texts of `slo/notifications/words` by their keys. */
function wordsOfMessages(language: string): Map<string, string> {
  const file = new URL(`../../layers/slo/slo/notifications/words/${language}.py`, import.meta.url);
  const lines = readFileSync(file, 'utf-8').matchAll(/^ {4}"(\w+)": "(.*)",$/gm);
  return new Map([...lines].map(([, key = '', text = '']) => [key, text]));
}

/** The page's sentences with the names of the messages' values in them. */
function templates(words: Messages): Record<string, string> {
  const counts = ['{requests}', '{errors}', '{share}'] as const;
  return {
    outage_sentence: words.outageSentence(...counts),
    burn_sentence: words.burnSentence(...counts),
    trickle_sentence: words.trickleSentence(...counts),
    latency_sentence: words.latencySentence(...counts, '{threshold}'),
    silent_cluster_sentence: words.silentClusterSentence('{cluster}'),
    silent_pod_sentence: words.silentPodSentence('{pod}'),
    silent_domain_sentence: words.silentDomainSentence('{domain}'),
    budget_sentence: words.budgetSentence('{used}', '{period}'),
    target_value: words.incidentTarget('{availability}', '{period}'),
    period_days: words.incidentDays('{days}'),
    period_week: words.periodWeek,
    period_month: words.periodMonth,
    period_quarter: words.periodQuarter,
    certificate_sentence: words.certificateSentence('{certificate}', '{time}', '{duration}'),
    expired_sentence: words.expiredSentence('{certificate}', '{time}'),
    acknowledged: words.isAcknowledged,
    resolved: words.isResolved,
    escalated: words.stepEscalated,
    budget_left: words.incidentBudgetLeft,
    budget_spent: words.incidentBudgetSpent,
    acknowledged_by: words.acknowledgedBy,
    routes_title: words.failingRoutes('{count}'),
    worst_routes_title: words.worstRoutes('{count}'),
    changes_title: words.changedBefore,
    domains_title: words.certificateDomains,
  };
}

describe('an incident', () => {
  it('is named by its domain and path, its pod, its certificate or its cluster', () => {
    expect(subjectName(incident())).toBe('shop.example.com');
    expect(subjectName(incident({ path_prefix: '/api' }))).toBe('shop.example.com/api');
    expect(subjectName(incident({ subject: { ...NOBODY, pod: 'a/b' } }))).toBe('a/b');
    expect(subjectName(incident({ subject: { ...NOBODY, certificate: 'c' } }))).toBe('c');
    expect(subjectName(incident({ subject: NOBODY }))).toBe('production');
  });

  it('lasts until it is resolved, or until now', () => {
    expect(lengthOf(incident(), NOW)).toBe(40 * 60);
    expect(lengthOf(incident({ resolved_at: '2026-11-27T10:15:00Z' }), NOW)).toBe(15 * 60);
    expect(lengthOf(incident({ since: '2026-11-27T10:41:00Z' }), NOW)).toBe(0);
  });

  it('of a certificate that was renewed in time never says that it has expired', () => {
    const renewed = incident({
      kind: 'certificate',
      subject: { ...NOBODY, certificate: 'c' },
      expires_at: '2026-11-27T10:30:00Z',
      resolved_at: '2026-11-27T10:20:00Z',
    });
    expect(sentenceOf(renewed, en, formats('en'), NOW)).toContain('expires at');
  });

  it('says how a route changed', () => {
    expect((['appeared', 'vanished', 'changed'] as const).map((what) => changeWord(what, en))).toEqual([
      'new',
      'gone',
      'other service',
    ]);
  });
});

describe('the chart around an incident', () => {
  const since = Date.parse('2026-11-27T10:00:00Z') / 1000;

  it('goes from an hour before to an hour after, and never into the future', () => {
    expect(windowAround(incident(), NOW / 1000)).toEqual({ from: since - HOUR, to: NOW / 1000 });
    const over = incident({ resolved_at: '2026-11-27T10:15:00Z' });
    expect(windowAround(over, NOW / 1000)).toEqual({ from: since - HOUR, to: NOW / 1000 });
    expect(windowAround(over, NOW / 1000 + 9 * HOUR)).toEqual({ from: since - HOUR, to: since + 900 + HOUR });
  });

  it('is no longer than the API allows', () => {
    const { from, to } = windowAround(incident(), since + 200 * 24 * HOUR);
    expect(to - from).toBeLessThan(90 * 24 * HOUR);
    expect(to).toBe(since + 200 * 24 * HOUR);
  });

  it('shows the figure that tells of it', () => {
    const figures = (kind: IncidentKind) => tellingFigure(incident({ kind }));
    expect(INCIDENT_KINDS.map(figures)).toEqual([
      'error_rate',
      'error_rate',
      'error_rate',
      'p95_latency',
      'requests_per_sec',
      'error_budget_remaining',
      null,
    ]);
    expect(tellingFigure(incident({ kind: 'silent', subject: NOBODY }))).toBeNull();
  });
});

describe('incidents on a strip', () => {
  const at = (time: string): number => Date.parse(`2026-11-27T${time}:00Z`) / 1000;
  const first = incident({ incident_id: 'a', since: '2026-11-27T08:00:00Z', resolved_at: '2026-11-27T09:00:00Z' });
  const open = incident({ incident_id: 'b' });

  it('are within its window, the earliest first', () => {
    const window = { from: at('08:30'), to: at('11:00') };
    expect(
      placesOf([open, first], window).map(({ incident: { incident_id: id }, from, to }) => [id, from, to]),
    ).toEqual([
      ['a', at('08:30'), at('09:00')],
      ['b', at('10:00'), at('11:00')],
    ]);
    const other = incident({ incident_id: 'c', since: '2026-11-27T10:10:00Z' });
    expect(placesOf([other, open, first], window).map(({ lane }) => lane)).toEqual([0, 0, 1]);
    expect(placesOf([open, first], { from: at('09:10'), to: at('09:50') })).toEqual([]);
  });

  it('are found by a time', () => {
    expect(incidentAt([first, open], at('08:10'))?.incident_id).toBe('a');
    expect(incidentAt([first, open], at('09:30'))).toBeNull();
    expect(incidentAt([first, open], at('23:00'))?.incident_id).toBe('b');
  });
});

describe('what is open', () => {
  beforeEach(() => {
    vi.resetModules();
    vi.stubGlobal('navigator', { onLine: true, languages: ['en'] });
    vi.stubGlobal('window', new EventTarget());
    vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false, baseURI: 'https://example.com/' }));
    return () => vi.unstubAllGlobals();
  });
  const answer = (open: number, ...incidents: IncidentAnswer[]) => ({
    cluster_id: 'production',
    open,
    incidents,
    next_cursor: null,
  });

  it('links a domain and its paths to the incident, and no other', async () => {
    const state = await import('../src/state/incidents');
    const one = incident({ incident_id: 'one', path_prefix: '/api' });
    const over = incident({ incident_id: 'two', status: 'resolved', subject: { ...NOBODY, domain: 'old.example' } });
    state.noteIncidents(answer(1, one, over));
    const link = '#/clusters/production/incidents/one';
    expect(state.openCount('production')).toBe(1);
    expect(state.openIncidentLink('production', 'shop.example.com')).toBe(link);
    expect(state.openIncidentLink('production', 'shop.example.com', '/api')).toBe(link);
    expect(state.openIncidentLink('production', 'shop.example.com', '/')).toBeNull();
    expect(state.openIncidentLink('production', 'old.example')).toBeNull();
    expect(state.openIncidentLink('staging', 'shop.example.com')).toBeNull();
    expect(state.openCount('staging')).toBeNull();
  });

  it('is kept of other domains when one is read', async () => {
    const state = await import('../src/state/incidents');
    const other = incident({ incident_id: 'other', subject: { ...NOBODY, domain: 'api.example.com' } });
    state.noteIncidents(answer(2, incident(), other));
    state.noteIncidents(answer(1), 'shop.example.com');
    expect(state.openIncidentLink('production', 'shop.example.com')).toBeNull();
    expect(state.openIncidentLink('production', 'api.example.com')).not.toBeNull();
    state.noteOpenCount(answer(7));
    expect(state.openCount('production')).toBe(7);
    state.forgetIncidents();
    expect(state.openCount('production')).toBeNull();
  });
});

describe('a text that somebody typed', () => {
  it('is shown with escapes for what hides or turns text', () => {
    expect(printable('a\u202eb\u0007c\nd')).toBe('a\\u202eb\\u0007c\\u000ad');
    expect(printable('<b>Müller 東京 👍</b>')).toBe('<b>Müller 東京 👍</b>');
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../src/api/client';
import * as incidents from '../src/api/incidents';
import * as api from '../src/api/notifications';
import { CHANNEL_KINDS, type NotificationsAnswer, type Rule } from '../src/api/types';
import { en } from '../src/i18n/en';
import { ja } from '../src/i18n/ja';
import { inEnglish } from '../src/i18n/said/words';
import { zh } from '../src/i18n/zh';
import { CHANNEL_NAME, fieldsOf, readSettings, settingsErrors } from '../src/notifications/channel';
import { type MuteDraft, readMute } from '../src/notifications/mute';
import { moved, namesIn, SettingsConflictError, saveSettings } from '../src/notifications/settings';
import { testOutcome } from '../src/notifications/test';
import { readThresholds, THRESHOLD_FIELDS, thresholdDraft } from '../src/notifications/thresholds';
import {
  aboutChange,
  channelKindWord,
  digestSentence,
  healthOf,
  muteSubject,
  quietSentence,
  resultWord,
  ruleSentence,
  thresholdSentences,
} from '../src/notifications/words';
import { channel, delivery } from './samples';

const LANGUAGES = [
  ['en', en],
  ['zh', zh],
  ['ja', ja],
] as const;
const NOW = Date.parse('2026-11-27T10:00:00Z');
const EVERYTHING: Rule = { clusters: [], domains: [], kinds: [], severities: [], channels: [] };
const THRESHOLDS = {
  outage_share: 0.5,
  outage_requests: 10,
  trickle_share: 0.8,
  trickle_requests: 20,
  calm_seconds: 600,
  silent_seconds: 300,
  page_reminder_seconds: 14_400,
  ticket_reminder_seconds: 0,
};
const SETTINGS: NotificationsAnswer = {
  version: 4,
  rules: [],
  quiet_hours: null,
  digest: { is_enabled: true, at: '08:00', time_zone: 'UTC', channels: [] },
  thresholds: THRESHOLDS,
};

interface Call {
  method: string;
  path: string;
  ifMatch: string | undefined;
  body: unknown;
}

/** Answers one after the other; what was asked is kept. */
function answering(...answers: [status: number, body: unknown][]): { client: Client; calls: Call[] } {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit & { headers: Record<string, string> }) => {
    const { pathname, search } = new URL(url);
    const body: unknown = init.body ? JSON.parse(String(init.body)) : null;
    calls.push({
      method: init.method ?? 'GET',
      path: `${pathname.replace('/api/v2/slo', '')}${search}`,
      ifMatch: init.headers['If-Match'],
      body,
    });
    const [status, answer] = answers.shift() ?? [500, { title: 'one call too many', status: 500, detail: '' }];
    return new Response(status === 204 ? null : JSON.stringify(answer), { status });
  });
  return { client: new Client(new URL('https://abc.example.com/'), 'islo_x'), calls };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a rule', () => {
  const rule: Rule = {
    clusters: ['prod-*'],
    domains: ['*.example.com'],
    kinds: ['outage', 'burn'],
    severities: ['page'],
    channels: ['ops', 'mail'],
  };

  it.each(LANGUAGES)('is one sentence with all that it says, in %s', (_, words) => {
    const sentence = ruleSentence(rule, words);
    for (const part of ['prod-*', '*.example.com', words.kindOutage, words.kindBurn, 'ops', 'mail']) {
      expect(sentence).toContain(part);
    }
    expect(sentence.toLowerCase()).toContain(words.severityPage.toLowerCase());
    expect(ruleSentence(EVERYTHING, words)).toContain(words.ruleTellsNobody);
    expect(ruleSentence(EVERYTHING, words)).toContain(words.ruleEverything);
  });

  it('reads well', () => {
    expect(ruleSentence(rule, en)).toBe(
      'Every page of the kind Outage or Error budget burns in prod-* for *.example.com goes to ops, mail.',
    );
    expect(ruleSentence(EVERYTHING, en)).toBe('Every incident is told to nobody.');
  });

  it('moves up and down, and not out of the list', () => {
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c']);
  });

  it('takes names between commas, spaces or lines', () => {
    expect(namesIn(' a, b\n*.c ,')).toEqual(['a', 'b', '*.c']);
    expect(namesIn('  ')).toEqual([]);
  });
});

describe('settings', () => {
  const rules = [{ ...EVERYTHING, channels: ['ops'] }];

  it('are saved with the version that was seen, and only the changed part is changed', async () => {
    const { client, calls } = answering([200, SETTINGS]);
    await saveSettings(client, SETTINGS, { rules });
    const { version: _, ...others } = SETTINGS;
    expect(calls).toEqual([{ method: 'PUT', path: '/notifications', ifMatch: '"4"', body: { ...others, rules } }]);
  });

  it('keep what somebody else has changed elsewhere meanwhile', async () => {
    const theirs = { ...SETTINGS, version: 5, quiet_hours: { start: '22:00', end: '07:00', time_zone: 'UTC' } };
    const conflict = { title: '', status: 412, detail: 'changed' };
    const { client, calls } = answering([412, conflict], [200, theirs], [200, theirs]);
    await saveSettings(client, SETTINGS, { rules });
    expect(calls.at(-1)).toMatchObject({ ifMatch: '"5"', body: { rules, quiet_hours: theirs.quiet_hours } });
  });

  it('are not overwritten where somebody else has changed the same part', async () => {
    const theirs = { ...SETTINGS, version: 5, rules: [EVERYTHING] };
    const { client, calls } = answering([412, { title: '', status: 412, detail: 'changed' }], [200, theirs]);
    const error = await saveSettings(client, SETTINGS, { rules }).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(SettingsConflictError);
    expect((error as SettingsConflictError).theirs).toEqual(theirs);
    expect(calls.map((call) => call.method)).toEqual(['PUT', 'GET']);
  });

  it.each(LANGUAGES)('are said in sentences, in %s', (_, words) => {
    const quiet = quietSentence({ start: '22:00', end: '07:00', time_zone: 'Asia/Tokyo' }, words);
    for (const part of ['22:00', '07:00', 'Asia/Tokyo']) expect(quiet).toContain(part);
    expect(quietSentence(null, words)).toBe(words.quietHoursNone);
    expect(digestSentence(SETTINGS.digest, words)).toContain(words.digestToAll);
    expect(digestSentence({ ...SETTINGS.digest, channels: ['ops'] }, words)).toContain('ops');
    expect(digestSentence({ ...SETTINGS.digest, is_enabled: false }, words)).toBe(words.digestNone);
    const limits = thresholdSentences(THRESHOLDS, words, {
      count: String,
      target: (ratio) => `${ratio * 100}%`,
      duration: (seconds) => `${seconds}s`,
    });
    expect(limits.join()).toMatch(/50%.*80%.*600s.*300s.*14400s/s);
    expect(limits.join()).toContain(words.never);
  });
});

describe('a channel', () => {
  const FILLED: Record<string, Record<string, string>> = {
    email: { to: 'a@example.com\nb@example.com', from: 'slo@example.com' },
    webhook: { url: 'https://example.com/hook', secrets: 'whsec_a\nwhsec_b\n' },
    eventbridge: { bus: 'default' },
    pagerduty: { routing_key: 'k', url: '' },
    slack: { token: 'xoxb-1', channel: 'C1', url: ' ' },
    apprise: { urls: 'ntfy://example.com/topic' },
  };

  it.each(CHANNEL_KINDS)('of the kind %s sends what was filled in, and nothing else', (kind) => {
    const { settings, errors } = readSettings(kind, FILLED[kind] ?? {}, en);
    expect(errors.size).toBe(0);
    const expected: Record<string, unknown> = {
      email: { to: ['a@example.com', 'b@example.com'], from: 'slo@example.com' },
      webhook: { url: 'https://example.com/hook', secrets: ['whsec_a', 'whsec_b'] },
      eventbridge: { bus: 'default' },
      pagerduty: { routing_key: 'k' },
      slack: { token: 'xoxb-1', channel: 'C1' },
      apprise: { urls: ['ntfy://example.com/topic'] },
    };
    expect(settings).toEqual(expected[kind]);
  });

  it.each(CHANNEL_KINDS)('of the kind %s names what is missing', (kind) => {
    const required = fieldsOf(kind, en)
      .filter((field) => field.isRequired)
      .map((field) => field.name);
    const { settings, errors } = readSettings(kind, {}, en);
    expect([...errors.keys()]).toEqual(required);
    expect(settings === null).toBe(required.length > 0);
  });

  it.each(LANGUAGES)('has a word for its kind, and for each field, in %s', (_, words) => {
    expect(new Set(CHANNEL_KINDS.map((kind) => channelKindWord(kind, words))).size).toBe(CHANNEL_KINDS.length);
    for (const kind of CHANNEL_KINDS) for (const { label } of fieldsOf(kind, words)) expect(label.trim()).not.toBe('');
  });

  it('shows what the API refuses at its field, with the number of the line', () => {
    const refused = new Map([
      ['settings.url', 'no'],
      ['settings.secrets[1]', 'short'],
      ['settings', 'too large'],
      ['name', 'bad'],
    ]);
    expect([...settingsErrors(inEnglish(refused))]).toEqual([
      ['url', { english: 'no' }],
      ['secrets', { english: '2: short' }],
      ['settings', { english: 'too large' }],
      ['name', { english: 'bad' }],
    ]);
  });

  it('keeps its secrets unless they are written again', async () => {
    const { client, calls } = answering([200, channel()], [201, channel()]);
    await api.setChannel(client, 'on-call', { kind: 'slack', language: 'ja', is_enabled: true, settings: null });
    expect(calls[0]).toMatchObject({ method: 'PUT', path: '/channels/on-call', body: { settings: null } });
  });

  it('has a name that the API takes', () => {
    expect(['a', 'on-call', '0'.repeat(63)].every((name) => CHANNEL_NAME.test(name))).toBe(true);
    expect(['', '-a', 'a-', 'A', 'a b', 'a\n', '0'.repeat(64)].some((name) => CHANNEL_NAME.test(name))).toBe(false);
  });

  const health = (parts: Parameters<typeof channel>[0]) =>
    healthOf(channel(parts), en, (seconds) => `${seconds / 60} min`, NOW);

  it('says whether it works', () => {
    expect(health({ last_delivered_at: '2026-11-27T09:57:00Z' })).toEqual({
      tone: 'healthy',
      word: 'works',
      detail: 'last delivered 3 min ago',
    });
    expect(
      health({ failing_since: '2026-11-27T09:50:00Z', last_delivered_at: '2026-11-27T09:30:00Z', last_error: 'x' }),
    ).toEqual({ tone: 'critical', word: 'failing for 10 min', detail: 'last delivered 30 min ago' });
    expect(health({})).toMatchObject({ tone: 'neutral', word: 'not used yet' });
    expect(health({ is_enabled: false, failing_since: '2026-11-27T09:50:00Z' })).toMatchObject({ word: 'off' });
  });
});

describe('a test of a channel', () => {
  const sent: [number, unknown] = [202, { order_id: 'test.1' }];
  const deliveries = (...all: ReturnType<typeof delivery>[]): [number, unknown] => [200, { deliveries: all }];
  const other = delivery({ order_id: 'test.0', status: 'failed' });

  async function run(...answers: [number, unknown][]) {
    vi.useFakeTimers();
    const { client, calls } = answering(sent, ...answers);
    const news: string[] = [];
    const outcome = testOutcome(client, 'on-call', new AbortController().signal, ({ last_error }) =>
      news.push(last_error ?? ''),
    );
    outcome.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(120_000);
    return { outcome: await outcome, calls, news };
  }

  it('waits for its own delivery, and tells of each attempt', async () => {
    const retrying = delivery({ status: 'retrying', last_error: 'HTTP 503' });
    const { outcome, calls, news } = await run(deliveries(other), deliveries(retrying, other), deliveries(delivery()));
    expect(outcome?.status).toBe('delivered');
    expect(news).toEqual(['HTTP 503']);
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /channels/on-call/test',
      ...Array.from({ length: 3 }, () => 'GET /deliveries?channel=on-call&limit=20'),
    ]);
  });

  it('does not wait for ever', async () => {
    const { outcome, calls } = await run(...Array.from({ length: 40 }, () => deliveries(other)));
    expect(outcome).toBeNull();
    expect(calls.length).toBe(31);
  });

  it('fails if it cannot be sent', async () => {
    const { client } = answering([409, { title: '', status: 409, detail: 'The channel is disabled.' }]);
    const outcome = testOutcome(client, 'on-call', new AbortController().signal, () => undefined);
    await expect(outcome).rejects.toThrow('The channel is disabled.');
  });
});

describe('thresholds', () => {
  it('are what they were if nothing is typed', () => {
    expect(readThresholds(thresholdDraft(THRESHOLDS), en).thresholds).toEqual(THRESHOLDS);
    const odd = { ...THRESHOLDS, outage_share: 0.07, calm_seconds: 90, page_reminder_seconds: 1800 };
    expect(readThresholds(thresholdDraft(odd), en).thresholds).toEqual(odd);
  });

  it('are typed in per cent, minutes and hours', () => {
    expect(thresholdDraft(THRESHOLDS)).toMatchObject({
      outage_share: '50',
      calm_seconds: '10',
      page_reminder_seconds: '4',
      ticket_reminder_seconds: '0',
    });
  });

  it.each([
    ['outage_share', '4', 'Between 5 and 100.'],
    ['outage_requests', '1.5', 'whole number'],
    ['outage_requests', '0', 'whole number'],
    ['silent_seconds', '2', 'Between 3 and 1440.'],
    ['calm_seconds', 'soon', 'number'],
    ['page_reminder_seconds', '', 'number'],
  ] as const)('%s may not be %j', (field, text, message) => {
    const { thresholds, errors } = readThresholds({ ...thresholdDraft(THRESHOLDS), [field]: text }, en);
    expect(thresholds).toBeNull();
    expect([...errors.keys()]).toEqual([field]);
    expect(errors.get(field)).toContain(message);
  });

  it('are all in the form', () => {
    expect([...THRESHOLD_FIELDS].sort()).toEqual(Object.keys(THRESHOLDS).sort());
  });
});

describe('a mute', () => {
  const draft: MuteDraft = {
    cluster_id: 'production',
    domain: '',
    path_prefix: ' ',
    length: '3600',
    until: '',
    reason: ' Migration ',
  };

  it('ends after a length, or at a time in the time zone of the page', () => {
    expect(readMute(draft, en, NOW, true).body).toEqual({
      cluster_id: 'production',
      domain: '*',
      path_prefix: null,
      until: '2026-11-27T11:00:00.000Z',
      reason: 'Migration',
    });
    const at = { ...draft, length: '', until: '2026-11-28T09:30' };
    expect(readMute(at, en, NOW, true).body?.until).toBe('2026-11-28T09:30:00.000Z');
  });

  it('needs a reason, and an end that is to come within a year', () => {
    expect([...readMute({ ...draft, reason: ' ' }, en, NOW, true).errors.keys()]).toEqual(['reason']);
    for (const until of ['', '2026-11-27T09:00', '2028-01-01T00:00']) {
      expect([...readMute({ ...draft, length: '', until }, en, NOW, true).errors.keys()]).toEqual(['until']);
    }
  });

  it('is named by its subject', () => {
    const mute = { mute_id: '1', until: '', reason: '', muted_by: '', muted_at: '' };
    expect(muteSubject({ ...mute, cluster_id: '*', domain: 'a.example', path_prefix: '/x' }, en)).toBe(
      'all: a.example/x',
    );
  });
});

describe('words', () => {
  it('say what became of a delivery', () => {
    expect(resultWord(delivery(), en)).toBe('delivered');
    expect(resultWord(delivery({ attempts: 3 }), en)).toBe('delivered at attempt 3');
    expect(resultWord(delivery({ status: 'retrying' }), en)).toBe('not yet, after 1 attempt');
    expect(resultWord(delivery({ status: 'failed', attempts: 30 }), en)).toBe('given up after 30 attempts');
  });

  it('say which parts of the settings somebody changed', () => {
    const change = { at: '', by: null, what: 'rules_set', about: 'rules, quiet_hours' } as const;
    expect(aboutChange(change, en)).toBe('Rules, Quiet hours');
    expect(aboutChange({ ...change, what: 'muted', about: 'a \u202e b' }, en)).toBe('a \\u202e b');
  });
});

describe('the operations of incidents', () => {
  it('ask for a page with filters, and leave out what is not asked for', async () => {
    const { client, calls } = answering([200, {}], [200, {}], [200, {}]);
    await incidents.incidents(client, 'c', incidents.EVERY_INCIDENT, { limit: 50 });
    const filter = { statuses: ['open', 'acknowledged'], kinds: ['burn'], severities: ['page'], domain: 'a' } as const;
    await incidents.incidents(client, 'c', filter, { limit: 5, cursor: 'x' });
    await incidents.acknowledge(client, 'c', 'a/b');
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /incidents?cluster_id=c&limit=50',
      'GET /incidents?cluster_id=c&status=open%2Cacknowledged&kind=burn&severity=page&domain=a&limit=5&cursor=x',
      'POST /incidents/a%2Fb/acknowledge?cluster_id=c',
    ]);
  });
});

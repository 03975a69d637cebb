import { afterEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../src/api/client';
import * as api from '../src/api/endpoints';
import { ApiError, OfflineError } from '../src/api/errors';
import { allChanges, changesAt } from '../src/api/exclusions';

const BASE = new URL('https://abc.example.com/prod/');
const TOKEN = 'islo_secret';

interface Call {
  url: string;
  init: RequestInit & { headers: Record<string, string> };
}

/** Answers one after the other; what was asked is kept. */
function answering(...answers: (Response | Error)[]): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (url: string, init: Call['init']) => {
    calls.push({ url, init });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error('one call too many');
  });
  return calls;
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });

afterEach(() => vi.unstubAllGlobals());

describe('the client', () => {
  it('sends the token in a header, never in a URL, and asks the API under which it is served', async () => {
    const calls = answering(json({ clusters: [] }));
    await api.clusters(new Client(BASE, TOKEN));
    expect(calls[0]?.url).toBe('https://abc.example.com/prod/api/v2/slo/clusters');
    expect(calls[0]?.init.headers.Authorization).toBe(`Bearer ${TOKEN}`);
    expect(calls[0]?.init.credentials).toBe('omit');
  });

  it('does not read again what has not changed', async () => {
    const calls = answering(json({ clusters: ['one'] }, 200, { ETag: '"7"' }), new Response(null, { status: 304 }));
    const client = new Client(BASE, TOKEN);
    const first = await api.clusters(client);
    expect(await api.clusters(client)).toBe(first);
    expect(calls[1]?.init.headers['If-None-Match']).toBe('"7"');
  });

  it('reads all pages of what changed, for what held when; and the newest ones of a level', async () => {
    const calls = answering(
      json({ changes: [{ at: '3' }, { at: '2' }], next_cursor: 'abc' }),
      json({ changes: [{ at: '1' }], next_cursor: null }),
      json({ changes: [{ at: '1' }], next_cursor: 'def' }),
    );
    const subject = { cluster: 'production', domain: 'shop.example.com', path: null };
    const client = new Client(BASE, TOKEN);
    expect((await allChanges(client, subject)).map(({ at }) => at)).toEqual(['3', '2', '1']);
    expect(await changesAt('domain', client, subject)).toEqual([{ at: '1' }]);
    const asked = calls.map(({ url }) => new URL(url).searchParams);
    expect(asked.map((query) => query.get('cursor'))).toEqual([null, 'abc', null]);
    expect(asked.map((query) => query.get('level'))).toEqual([null, null, 'domain']);
    expect(asked.map((query) => query.get('domain'))).toEqual(Array(3).fill('shop.example.com'));
  });

  it('keeps what the API says of an error, field by field', async () => {
    const problem = {
      title: 'Bad Request',
      status: 400,
      detail: 'No.',
      errors: [{ field: 'availability', message: 'too high' }],
    };
    answering(json(problem, 400));
    const error = await api.clusters(new Client(BASE, TOKEN)).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).fields.get('availability')).toBe('too high');
  });

  it("takes API Gateway's own refusals for what they are", async () => {
    answering(json({ message: 'Unauthorized' }, 401), new Response('<html>', { status: 502 }));
    const client = new Client(BASE, TOKEN);
    await expect(api.clusters(client)).rejects.toMatchObject({ status: 401, message: 'Unauthorized' });
    await expect(api.clusters(client)).rejects.toMatchObject({ status: 502 });
  });

  it('tells no answer from a refusal', async () => {
    answering(new TypeError('Failed to fetch'));
    await expect(api.clusters(new Client(BASE, TOKEN))).rejects.toBeInstanceOf(OfflineError);
  });
});

describe('the operations', () => {
  it('read every page of the list', async () => {
    const page = (names: string[], next_cursor: string | null) => ({
      domains: names.map((domain) => ({ domain })),
      next_cursor,
    });
    const calls = answering(json(page(['a', 'b'], 'x')), json(page(['c'], null)));
    const answer = await api.domains(new Client(BASE, TOKEN), 'prod', '7d');
    expect(answer.domains.map(({ domain }) => domain)).toEqual(['a', 'b', 'c']);
    expect(new URL(calls[1]?.url ?? '').searchParams.get('cursor')).toBe('x');
  });

  it('encode names and paths', async () => {
    const calls = answering(json({}));
    const subject = { cluster: 'prod', domain: 'bücher.example', path: '/a b' };
    await api.history(new Client(BASE, TOKEN), subject, { range: '1d', from: null, to: null });
    const url = new URL(calls[0]?.url ?? '');
    expect(url.pathname).toBe('/prod/api/v2/slo/domains/b%C3%BCcher.example/history');
    expect(Object.fromEntries(url.searchParams)).toEqual({ cluster_id: 'prod', path_prefix: '/a b', time_range: '1d' });
  });

  it('set an objective only over the version that was seen', async () => {
    const calls = answering(json({ version: 8 }), json({ version: 9 }, 201), new Response(null, { status: 204 }));
    const client = new Client(BASE, TOKEN);
    const subject = { cluster: 'prod', domain: 'shop.example.com', path: null };
    const body = { availability: 0.999, p95_latency: 300 };
    await api.setObjective(client, subject, 'monthly', body, 7);
    await api.setObjective(client, subject, 'monthly', body, null);
    await api.deleteObjective(client, subject, 'monthly', 9);
    expect(calls.map(({ init }) => [init.method, init.headers['If-Match']])).toEqual([
      ['PUT', '"7"'],
      ['PUT', undefined],
      ['DELETE', '"9"'],
    ]);
    const url = new URL(calls[0]?.url ?? '');
    expect(url.pathname).toBe('/prod/api/v2/slo/objectives/monthly');
    expect(Object.fromEntries(url.searchParams)).toEqual({ cluster_id: 'prod', domain: 'shop.example.com' });
    expect(JSON.parse(String(calls[0]?.init.body))).toEqual(body);
  });
});

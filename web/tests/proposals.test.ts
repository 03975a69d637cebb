import { afterEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../src/api/client';
import { type Outcome, setProposals } from '../src/objectives/proposals';

const BASE = new URL('https://abc.example.com/prod/');
const PROPOSAL = { availability: 0.995, p95_latency: 300, outage_seconds: 12_960 };

interface Call {
  method: string;
  name: string;
  domain: string | null;
  body: unknown;
}

/** Answers each domain with a status. */
function answering(statuses: Readonly<Record<string, number>>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (url: string, init: { method: string; body: string }) => {
    const { pathname, searchParams } = new URL(url);
    const domain = searchParams.get('domain');
    calls.push({ method: init.method, name: pathname.split('/').at(-1) ?? '', domain, body: JSON.parse(init.body) });
    const status = statuses[domain ?? ''] ?? 201;
    return new Response(JSON.stringify(status < 300 ? { version: 1 } : { title: 'No', status, detail: 'No.' }), {
      status,
    });
  });
  return calls;
}

const proposals = (...domains: string[]) => new Map(domains.map((domain) => [domain, PROPOSAL]));

afterEach(() => vi.unstubAllGlobals());

describe('proposals of several domains', () => {
  it('are set one after the other, and what fails does not keep the others from it', async () => {
    const calls = answering({ 'b.example': 428 });
    const steps: Outcome[] = [];
    const outcome = await setProposals(
      new Client(BASE, 'islo_secret'),
      'production',
      proposals('a.example', 'b.example', 'c.example'),
      (step) => steps.push(step),
    );
    expect(calls.map(({ method, name, domain }) => [method, name, domain])).toEqual([
      ['PUT', 'monthly', 'a.example'],
      ['PUT', 'monthly', 'b.example'],
      ['PUT', 'monthly', 'c.example'],
    ]);
    expect(calls[0]?.body).toEqual({ availability: 0.995, p95_latency: 300, period: '30d' });
    expect(outcome.set).toEqual(['a.example', 'c.example']);
    expect([...outcome.failed.keys()]).toEqual(['b.example']);
    expect(steps.map(({ set, failed }) => set.length + failed.size)).toEqual([1, 2, 3]);
  });

  it('end where the token is not valid any more', async () => {
    const calls = answering({ 'a.example': 401 });
    const all = proposals('a.example', 'b.example');
    const { set, failed } = await setProposals(new Client(BASE, 'islo_secret'), 'production', all, () => undefined);
    expect([calls.length, set.length, failed.size]).toEqual([1, 0, 1]);
  });
});

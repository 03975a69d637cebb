import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Language } from '../src/i18n/languages';
import sentences from '../src/i18n/said/sentences.json';
import { inEnglish, known, translated } from '../src/i18n/said/words';

const KNOWN = known(sentences);
const zh = (text: string): string | null => translated(text, KNOWN, 'zh');
const ja = (text: string): string | null => translated(text, KNOWN, 'ja');
const parts = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe('what the API says in English', () => {
  it.each(sentences)('is in each language, with the same parts: $en', (sentence) => {
    expect(parts(sentence.zh)).toEqual(parts(sentence.en));
    expect(parts(sentence.ja)).toEqual(parts(sentence.en));
    expect(new Set([sentence.en, sentence.zh, sentence.ja]).size).toBe(3);
    expect(sentence.zh + sentence.ja).not.toMatch(/<|>/);
  });

  it('is known once', () => {
    expect(new Set(sentences.map((sentence) => sentence.en)).size).toBe(sentences.length);
  });

  it.each(sentences)('is found by its own sentence: $en', (sentence) => {
    const filled = (text: string): string =>
      text.replace(/\{(\w+)\}/g, (_, name) => (name === 'count' ? '7' : `¤${name}`));
    expect(zh(filled(sentence.en))).toBe(filled(sentence.zh));
    expect(ja(filled(sentence.en))).toBe(filled(sentence.ja));
  });

  it('keeps names as they are', () => {
    const text =
      'Traefik pod kube-system/traefik-5x has not answered since 2026-11-27 19:53 UTC: its requests are missing.';
    expect(zh(text)).toBe('Traefik Pod kube-system/traefik-5x 自 2026-11-27 19:53 UTC 起没有响应: 缺少其请求。');
    expect(zh('Pod a/b could not be scraped: <b>1</b>')).toBe('无法抓取 Pod a/b: <b>1</b>');
  });

  it('has sentences in sentences: the objects, why Traefik refuses them, and what to write', () => {
    const refused =
      'IngressRoute shop/web, Ingress shop/old and 3 more: Traefik does not serve it: Host has 2 arguments, and Traefik 3 expects 1; write Host(`a`) || Host(`b`).';
    expect(zh(refused)).toBe(
      'IngressRoute shop/web, Ingress shop/old 以及另外 3 个: Traefik 不提供它: Host 有 2 个参数, 而 Traefik 3 要求 1; 请写成 Host(`a`) || Host(`b`)。',
    );
    expect(
      ja("Pod a/b could not be scraped: no connection to port 9100 (timed out): is it Traefik's metrics entry point?"),
    ).toBe(
      'Pod a/b を取得できませんでした: ポート 9100 に接続できません (timed out)。Traefik のメトリクス用エントリーポイントですか?',
    );
    expect(
      zh(
        'Pod a/b: its metrics are left out, because the push would have 7.1 MiB when compressed, and at most 4.0 are accepted. Use one agent for each Traefik, with a TRAEFIK_SELECTOR and a CLUSTER_ID of its own.',
      ),
    ).toBe(
      'Pod a/b: 其指标被略去, 因为推送压缩后将有 7.1 MiB, 而最多接受 4.0。请为每个 Traefik 使用单独的采集器, 各有自己的 TRAEFIK_SELECTOR 和 CLUSTER_ID。',
    );
    expect(ja('1 Traefik pod did not answer the last scrape: requests are missing until they answer again.')).toMatch(
      /^1 個の Traefik Pod/,
    );
  });

  it('says a sentence that begins in small letters at the start of another one, or alone', () => {
    const alone =
      'Requests over the entry point web are not counted, because it has observability.metrics=false. Set it to true, or set observability.metrics to true on this router.';
    expect(zh(alone)).toMatch(/^经入口点 web 的请求未计数/);
    expect(zh(`Ingress a/b: ${alone[0]?.toLowerCase()}${alone.slice(1)}`)).toMatch(/^Ingress a\/b: 经入口点 web/);
  });

  it('has sentences one after the other', () => {
    expect(zh('SES says: MessageRejected. Verify the domain of `from` in SES.')).toBe(
      'SES 返回: MessageRejected。请在 SES 中验证发件人的域名。',
    );
    expect(
      ja(
        '2026-10 is not closed yet: its statement can be had from 2026-11-01 00:10 UTC on. Rollup is behind: it has booked up to 2026-10-31 22:00 UTC.',
      ),
    ).toBe(
      '2026-10 はまだ締められていません。レポートは 2026-11-01 00:10 UTC からです。集計が遅れています: 2026-10-31 22:00 UTC まで記録済み。',
    );
  });

  it('has lists of what uses a channel', () => {
    const used = "The channel 'on-call' is used by rule 1, rule 12, the digest. Let them use another one first.";
    expect(zh(used)).toBe("渠道 'on-call' 正被使用: 规则 1, 规则 12, 每周摘要。请先改用其他渠道。");
  });

  it('has what a field of a channel is refused for, with the number of its line or the name of the field', () => {
    expect(zh('2: A secret must begin with whsec_.')).toBe('2: 密钥必须以 whsec_ 开头。');
    expect(ja('settings.url: It must begin with https://.')).toBe('settings.url: https:// で始めてください。');
    expect(zh('1: Expected `str` of length <= 2000.')).toBe('1: 最多 2000 个字符。');
  });

  it('is not known where another version or Traefik said it', () => {
    expect(zh('The moon is in the way.')).toBeNull();
    expect(zh('IngressRoute a/b: the moon: is in the way. Wait.')).toBeNull();
  });

  it('takes no time, whatever a name is', () => {
    const hostile = [
      ': ',
      '. ',
      ', ',
      'a says: b. ',
      ' is used by rule 1, ',
      '; it is called ',
      ' and 3 more',
      ' has 2 arguments, and Traefik 3 expects ',
    ].map((text) => text.repeat(1_000 / text.length));
    const before = performance.now();
    for (const text of hostile) zh(text);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});

describe('what is wrong with a field', () => {
  let at: (field: string, language: Language) => { text: string; lang: string | undefined };
  beforeAll(async () => {
    vi.stubGlobal('navigator', { languages: ['en'] });
    const { spoken } = await import('../src/i18n/said');
    const { language } = await import('../src/state/preferences');
    vi.unstubAllGlobals();
    const refused = inEnglish(
      new Map([
        ['rule', 'It never happens.'],
        ['owner', 'The moon is in the way.'],
      ]),
    );
    at = (field, chosen) => {
      language.value = chosen;
      return spoken(refused.get(field) ?? '请填写。');
    };
  });

  it.each([
    ['zh', '它永远不会发生。'],
    ['ja', '一度も発生しません。'],
  ] as const)('is said in %s, or marked as English', async (chosen, text) => {
    await vi.waitFor(() => expect(at('rule', chosen)).toEqual({ text, lang: undefined }), 30_000);
    expect(at('owner', chosen)).toEqual({ text: 'The moon is in the way.', lang: 'en' });
  });

  it('is as it is where the page says it, or the page is English', () => {
    expect(at('reason', 'zh')).toEqual({ text: '请填写。', lang: undefined });
    expect(at('rule', 'en')).toEqual({ text: 'It never happens.', lang: undefined });
    expect(at('owner', 'en')).toEqual({ text: 'The moon is in the way.', lang: undefined });
  });
});

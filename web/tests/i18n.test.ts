import { describe, expect, it } from 'vitest';
import { en, type Messages } from '../src/i18n/en';
import { ja } from '../src/i18n/ja';
import { LANGUAGES, preferredLanguage } from '../src/i18n/languages';
import { en as laterEn } from '../src/i18n/later/en';
import { ja as laterJa } from '../src/i18n/later/ja';
import { zh as laterZh } from '../src/i18n/later/zh';
import { zh } from '../src/i18n/zh';

/** Names and signs that are the same everywhere. */
const SAME_EVERYWHERE: readonly (keyof Messages)[] = [
  'p95',
  'p50',
  'p99',
  'https',
  'product',
  'clockUtc',
  'ingress',
  'atLeast',
  'atMost',
  'zoomed',
  'histogramRange',
  'ofRequests',
  'statusChanged',
  'statusFor',
  'forecast',
];
const ARGUMENTS = ['①', '②', '③'] as const;

const text = (messages: Messages, key: keyof Messages): string => {
  const message: unknown = messages[key];
  return typeof message === 'function' ? String(message(...ARGUMENTS)) : String(message);
};
const keys = Object.keys(en) as (keyof Messages)[];

describe.each([
  ['zh', zh],
  ['ja', ja],
] as const)('%s', (_, messages) => {
  it('has every key of English and no other', () => {
    expect(Object.keys(messages).sort()).toEqual([...keys].sort());
  });

  it('leaves nothing empty or in English', () => {
    const untranslated = keys.filter((key) => !text(messages, key).trim() || text(messages, key) === text(en, key));
    expect(untranslated.filter((key) => !SAME_EVERYWHERE.includes(key))).toEqual([]);
  });

  it('says every argument that English says', () => {
    const lost = keys.filter((key) =>
      ARGUMENTS.some((each) => text(en, key).includes(each) && !text(messages, key).includes(each)),
    );
    expect(lost).toEqual([]);
  });
});

describe.each([
  ['zh', laterZh],
  ['ja', laterJa],
] as const)('%s, what is loaded later', (_, own) => {
  type Key = keyof typeof laterEn;
  const said = (dictionary: typeof laterEn, key: Key): string => {
    const message: unknown = dictionary[key];
    return typeof message === 'function' ? String(message(...ARGUMENTS)) : String(message);
  };
  const every = Object.keys(laterEn) as Key[];

  it('says everything that English says, with its arguments, and nothing in English', () => {
    expect(Object.keys(own).sort()).toEqual([...every].sort());
    expect(every.filter((key) => !said(own, key).trim() || said(own, key) === said(laterEn, key))).toEqual([]);
    const lost = every.filter((key) =>
      ARGUMENTS.some((each) => said(laterEn, key).includes(each) && !said(own, key).includes(each)),
    );
    expect(lost).toEqual([]);
  });
});

describe('Chinese', () => {
  it('uses the same terms as the command line', () => {
    expect([zh.availability, zh.healthy, zh.warning, zh.critical]).toEqual(['可用性', '健康', '警告', '严重']);
  });
});

describe('the language of a browser', () => {
  it('is the first of its languages that there is', () => {
    expect(preferredLanguage(['de-DE', 'zh-CN', 'en'])).toBe('zh');
    expect(preferredLanguage(['ja'])).toBe('ja');
    expect(preferredLanguage(['fr'])).toBe('en');
    expect(preferredLanguage([])).toBe('en');
    expect(LANGUAGES).toContain(preferredLanguage(['zh-TW']));
  });
});

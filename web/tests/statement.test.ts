import { describe, expect, it } from 'vitest';
import type { Client } from '../src/api/client';
import { statement } from '../src/api/statement';
import { en } from '../src/i18n/statement/en';
import { ja } from '../src/i18n/statement/ja';
import { zh } from '../src/i18n/statement/zh';
import { closedMonths, isMonth } from '../src/statement/months';

describe('the months of statements', () => {
  it('are over in UTC, the last one first', () => {
    expect(closedMonths(Date.UTC(2026, 10, 1))).toHaveLength(13);
    expect(closedMonths(Date.UTC(2026, 10, 1))[0]).toBe('2026-10');
    expect(closedMonths(Date.UTC(2026, 9, 31, 23, 59))[0]).toBe('2026-09');
    expect(closedMonths(Date.UTC(2026, 0, 31)).slice(0, 2)).toEqual(['2025-12', '2025-11']);
  });

  it('are written as the API takes them', () => {
    expect(['2026-10', '2026-1', '2026-13', '10-2026', '2026-10-01', ''].map(isMonth)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(closedMonths(Date.now()).every(isMonth)).toBe(true);
  });
});

describe('a statement', () => {
  it('has the lines of every page', async () => {
    const asked: unknown[] = [];
    const pages = [
      { cluster_id: 'c', month: '2026-10', lines: ['a'], next_cursor: 'x' },
      { cluster_id: 'c', month: '2026-10', lines: ['b'], next_cursor: null },
    ];
    const client = {
      get: async (_path: string, query: unknown) => {
        asked.push(query);
        return pages[asked.length - 1];
      },
    } as unknown as Client;
    expect((await statement(client, 'c', '2026-10')).lines).toEqual(['a', 'b']);
    expect(asked).toEqual([
      { cluster_id: 'c', month: '2026-10' },
      { cluster_id: 'c', month: '2026-10', cursor: 'x' },
    ]);
  });
});

describe.each([
  ['zh', zh],
  ['ja', ja],
] as const)('%s', (_, messages) => {
  const text = (of: typeof en, key: keyof typeof en): string => {
    const message: unknown = of[key];
    return typeof message === 'function' ? String(message('①', '②', '③')) : String(message);
  };
  const keys = Object.keys(en) as (keyof typeof en)[];

  it('has every key, translated, with the same arguments', () => {
    expect(Object.keys(messages).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(text(messages, key)).not.toBe(text(en, key));
      expect(text(messages, key).match(/[①②③]/gu)?.length).toBe(text(en, key).match(/[①②③]/gu)?.length);
    }
  });
});

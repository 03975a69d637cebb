/** The statement of a month. */
import type { Client } from './client';
import { ROOT } from './endpoints';
import type { StatementAnswer } from './types';

/** With the lines of every page of it. */
export async function statement(
  client: Client,
  cluster: string,
  month: string,
  signal?: AbortSignal,
): Promise<StatementAnswer> {
  const query = { cluster_id: cluster, month };
  let page = await client.get<StatementAnswer>(`${ROOT}/statement`, query, signal);
  const lines = [...page.lines];
  while (page.next_cursor) {
    page = await client.get<StatementAnswer>(`${ROOT}/statement`, { ...query, cursor: page.next_cursor }, signal);
    lines.push(...page.lines);
  }
  return { ...page, lines };
}

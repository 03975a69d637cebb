/** What becomes of a test message. */
import type { Client } from '../api/client';
import * as api from '../api/notifications';
import type { DeliveryAnswer } from '../api/types';

const LOOK_MILLISECONDS = 2_000;
/** A test is tried again for a day. Somebody who looks at the page waits for a minute. */
const LOOKS = 30;
const LATEST = 20;

/**
 * Sends a test and waits for the end of its delivery; null or an unfinished one if there is none within a minute.
 * `onNews` is told of each attempt. Throws ApiError or OfflineError; the signal's reason if it is aborted.
 */
export async function testOutcome(
  client: Client,
  channel: string,
  signal: AbortSignal,
  onNews: (delivery: DeliveryAnswer) => void,
): Promise<DeliveryAnswer | null> {
  const order = await api.testChannel(client, channel);
  let latest: DeliveryAnswer | null = null;
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(LOOK_MILLISECONDS);
    signal.throwIfAborted();
    const found = await api.deliveries(client, { channel, limit: LATEST }, signal);
    latest = found.find((each) => each.order_id === order) ?? latest;
    if (latest && latest.status !== 'retrying') return latest;
    if (latest) onNews(latest);
  }
  return latest;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

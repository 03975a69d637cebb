/** The API operations about who is told what. */
import type { Client } from './client';
import { ROOT, tag } from './endpoints';
import type {
  ChangeAnswer,
  ChannelAnswer,
  ChannelBody,
  DeliveryAnswer,
  MuteAnswer,
  MuteBody,
  NotificationsAnswer,
  NotificationsBody,
} from './types';

const channelPath = (name: string, rest = ''): string => `${ROOT}/channels/${encodeURIComponent(name)}${rest}`;

export async function channels(client: Client, signal?: AbortSignal): Promise<readonly ChannelAnswer[]> {
  return (await client.get<{ channels: ChannelAnswer[] }>(`${ROOT}/channels`, {}, signal)).channels;
}

/** Adds a channel or changes it. Without settings it keeps those that are stored. */
export async function setChannel(client: Client, name: string, body: ChannelBody): Promise<void> {
  await client.send<ChannelAnswer>('PUT', channelPath(name), {}, body);
}

export async function removeChannel(client: Client, name: string): Promise<void> {
  await client.send<never>('DELETE', channelPath(name), {}, null);
}

/** Sends a test message. Returns the id of its delivery. */
export async function testChannel(client: Client, name: string): Promise<string> {
  const sent = await client.send<{ order_id: string }>('POST', channelPath(name, '/test'), {}, null);
  if (sent === null) throw new TypeError('a test answers with its order');
  return sent.order_id;
}

export function notifications(client: Client, signal?: AbortSignal): Promise<NotificationsAnswer> {
  return client.get(`${ROOT}/notifications`, {}, signal);
}

/** `version` is the version that the user saw. */
export async function setNotifications(
  client: Client,
  body: NotificationsBody,
  version: number,
): Promise<NotificationsAnswer> {
  const answer = await client.send<NotificationsAnswer>('PUT', `${ROOT}/notifications`, {}, body, tag(version));
  if (answer === null) throw new TypeError('settings that were set answer with themselves');
  return answer;
}

export async function mutes(client: Client, signal?: AbortSignal): Promise<readonly MuteAnswer[]> {
  return (await client.get<{ mutes: MuteAnswer[] }>(`${ROOT}/mutes`, {}, signal)).mutes;
}

export async function addMute(client: Client, body: MuteBody): Promise<void> {
  await client.send<MuteAnswer>('POST', `${ROOT}/mutes`, {}, body);
}

export async function removeMute(client: Client, id: string): Promise<void> {
  await client.send<never>('DELETE', `${ROOT}/mutes/${encodeURIComponent(id)}`, {}, null);
}

/** The latest deliveries, newest first. */
export async function deliveries(
  client: Client,
  query: { channel?: string; limit: number },
  signal?: AbortSignal,
): Promise<readonly DeliveryAnswer[]> {
  return (await client.get<{ deliveries: DeliveryAnswer[] }>(`${ROOT}/deliveries`, query, signal)).deliveries;
}

/** Who changed what, newest first. */
export async function changes(client: Client, limit: number, signal?: AbortSignal): Promise<readonly ChangeAnswer[]> {
  return (await client.get<{ changes: ChangeAnswer[] }>(`${ROOT}/notifications/changes`, { limit }, signal)).changes;
}

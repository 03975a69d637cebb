import { useEffect } from 'preact/hooks';
import type { Client } from '../../api/client';
import * as api from '../../api/notifications';
import type { ChannelAnswer } from '../../api/types';
import { messages } from '../../i18n';
import { latestSettings } from '../../notifications/settings';
import { useOpenCount } from '../../state/incidents';
import { lastCluster } from '../../state/location';
import { useResource, useUndatedResource } from '../../state/resource';
import { mayManage } from '../../state/session';
import { Failure, WhyFailed } from '../Failure';
import { ListSkeleton } from '../list/ListSkeleton';
import { Channels } from './Channels';
import { Deliveries } from './Deliveries';
import { Mutes } from './Mutes';
import { Rules } from './Rules';
import { SettingsChanges } from './SettingsChanges';
import { Thresholds } from './Thresholds';
import { Timing } from './Timing';

const SHOWN = 50;

/** Who is told of incidents: channels, rules, when, mutes, and what became of it. */
export function NotificationsPage({ client }: { client: Client }) {
  const words = messages.value;
  const channels = useUndatedResource('channels', (signal) => api.channels(client, signal), whatWasTold);
  const settings = useResource('notifications', (signal) => api.notifications(client, signal));
  const mutes = useResource('mutes', (signal) => api.mutes(client, signal));
  const deliveries = useResource('deliveries', (signal) => api.deliveries(client, { limit: SHOWN }, signal));
  const changes = useResource('settings changes', (signal) => api.changes(client, SHOWN, signal));
  useOpenCount(client, lastCluster.value);
  useEffect(() => {
    document.title = `${words.notifications} · ${words.product}`;
  }, [words]);

  const error = channels.error ?? settings.error ?? mutes.error ?? deliveries.error ?? changes.error;
  if (!channels.data || !settings.data) return error ? <Failure error={error} /> : <ListSkeleton />;
  const names = channels.data.map((channel) => channel.name);
  const common = { client, settings: latestSettings(settings.data), channels: names };
  return (
    <div class="page detail notifications">
      <div class="page-head">
        <h1>{words.notifications}</h1>
        <span class="hint">{words.notificationsLead}</span>
      </div>
      {error && (
        <p class="notice notice-warn">
          <WhyFailed error={error} within={words.refreshFailed} />
        </p>
      )}
      {!mayManage.value && (
        <p class="notice" data-testid="read-only">
          {words.notificationsReadOnly}
        </p>
      )}
      <Channels client={client} channels={channels.data} />
      <Rules {...common} />
      <div class="pair">
        <Timing {...common} />
        <Thresholds {...common} />
      </div>
      {mutes.data && <Mutes client={client} mutes={mutes.data} />}
      {deliveries.data && <Deliveries deliveries={deliveries.data} />}
      {changes.data && <SettingsChanges changes={changes.data} />}
    </div>
  );
}

/** Deliveries and changes are read again when something was told or changed. */
function whatWasTold(channels: readonly ChannelAnswer[]): string {
  return JSON.stringify(channels.map((each) => [each.last_delivered_at, each.last_failed_at, each.changed_at]));
}

import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import { serverTime } from '../../api/clock';
import * as api from '../../api/notifications';
import type { ChannelAnswer } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { LANGUAGE_NAMES, LANGUAGE_TAGS } from '../../i18n/languages';
import { channelKindWord, healthOf } from '../../notifications/words';
import { now } from '../../state/refresh';
import { mayManage } from '../../state/session';
import { Panel } from '../detail/Panel';
import { Spoken } from '../Spoken';
import { act } from './act';
import { ChannelDialog } from './ChannelDialog';
import { RemoveButton } from './RemoveButton';
import { TestButton } from './TestButton';

interface Props {
  client: Client;
  channels: readonly ChannelAnswer[];
}

/** The channels and their health. */
export function Channels({ client, channels }: Props) {
  const words = messages.value;
  const [edited, setEdited] = useState<ChannelAnswer | 'new' | null>(null);
  const aside = mayManage.value && (
    <button type="button" class="button small" data-testid="add-channel" onClick={() => setEdited('new')}>
      {words.addChannel}
    </button>
  );
  return (
    <Panel title={words.channels} testId="channels" aside={aside}>
      {channels.length ? (
        <ul class="setting-list">
          {channels.map((channel) => (
            <Channel key={channel.name} client={client} channel={channel} onEdit={() => setEdited(channel)} />
          ))}
        </ul>
      ) : (
        <p class="hint">{words.channelsNone}</p>
      )}
      {edited !== null && (
        <ChannelDialog
          client={client}
          channel={edited === 'new' ? null : edited}
          taken={channels.map((channel) => channel.name)}
          onClose={() => setEdited(null)}
        />
      )}
    </Panel>
  );
}

function Channel({ client, channel, onEdit }: { client: Client; channel: ChannelAnswer; onEdit: () => void }) {
  const words = messages.value;
  const f = format.value;
  const { name, kind, language } = channel;
  const health = healthOf(channel, words, f.duration, serverTime(now.value));
  return (
    <li class="setting" data-testid="channel" data-key={name}>
      <div class="setting-text">
        <p>
          <strong>{name}</strong> <span class="tag">{channelKindWord(kind, words)}</span>{' '}
          <span class={`health health-${health.tone}`} data-testid="health" data-tone={health.tone}>
            {health.word}
          </span>
        </p>
        <p class="hint">
          {health.detail} · <span lang={LANGUAGE_TAGS[language]}>{LANGUAGE_NAMES[language]}</span> ·{' '}
          {words.channelChangedBy(printable(channel.changed_by), f.moment(Date.parse(channel.changed_at)))}
        </p>
        {channel.disabled_because !== null && (
          <p class="is-warning">
            <Spoken words={{ english: printable(channel.disabled_because) }} within={words.channelOffBecause} />
          </p>
        )}
        {channel.failing_since !== null && channel.last_error !== null && (
          <p class="is-critical" data-testid="last-error">
            <Spoken words={{ english: printable(channel.last_error) }} />
          </p>
        )}
      </div>
      {mayManage.value && (
        <div class="setting-tools">
          {channel.is_enabled && <TestButton client={client} name={name} />}
          <button type="button" class="button small" aria-label={`${words.edit}: ${name}`} onClick={onEdit}>
            {words.edit}
          </button>
          <RemoveButton
            of={name}
            onRemove={() =>
              void act(
                () => api.removeChannel(client, name),
                (said) => said.channelRemoved(name),
              )
            }
          />
        </div>
      )}
    </li>
  );
}

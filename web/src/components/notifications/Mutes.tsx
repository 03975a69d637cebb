import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import { serverTime } from '../../api/clock';
import * as api from '../../api/notifications';
import type { MuteAnswer } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { muteSubject } from '../../notifications/words';
import { now } from '../../state/refresh';
import { mayManage } from '../../state/session';
import { Panel } from '../detail/Panel';
import { act } from './act';
import { MuteDialog } from './MuteDialog';
import { RemoveButton } from './RemoveButton';

/** The mutes that hold now, each with its end and its reason. */
export function Mutes({ client, mutes }: { client: Client; mutes: readonly MuteAnswer[] }) {
  const words = messages.value;
  const f = format.value;
  const [isAdding, setAdding] = useState(false);
  const aside = mayManage.value && (
    <button type="button" class="button small" data-testid="add-mute" onClick={() => setAdding(true)}>
      {words.addMute}
    </button>
  );
  return (
    <Panel title={words.mutes} testId="mutes" aside={aside}>
      <p class="hint">{mutes.length ? words.mutesHow : words.mutesNone}</p>
      {mutes.length > 0 && (
        <ul class="setting-list">
          {mutes.map((mute) => {
            const end = Date.parse(mute.until);
            const left = f.duration((end - serverTime(now.value)) / 1000);
            return (
              <li key={mute.mute_id} class="setting" data-testid="mute">
                <div class="setting-text">
                  <p>
                    <strong>{muteSubject(mute, words)}</strong> {words.muteUntil(f.moment(end), left)}
                  </p>
                  <p class="hint">
                    {printable(mute.reason)} · {words.muteBy(printable(mute.muted_by))}
                  </p>
                </div>
                {mayManage.value && (
                  <div class="setting-tools">
                    <RemoveButton
                      of={muteSubject(mute, words)}
                      word={words.muteEnd}
                      onRemove={() =>
                        void act(
                          () => api.removeMute(client, mute.mute_id),
                          (said) => said.muteEnded,
                        )
                      }
                    />
                  </div>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {isAdding && <MuteDialog client={client} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

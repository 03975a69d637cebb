import type { ChangeAnswer } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { aboutChange, whatChanged } from '../../notifications/words';
import { Panel } from '../detail/Panel';

/** Who changed what, newest first. */
export function SettingsChanges({ changes }: { changes: readonly ChangeAnswer[] }) {
  const words = messages.value;
  const f = format.value;
  return (
    <Panel title={words.settingsChanges} testId="settings-changes">
      {changes.length ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable block must be focusable by keyboard.
        <ul class="changes scrolled" tabIndex={0}>
          {changes.map((change) => (
            <li key={`${change.at} ${change.about}`} data-testid="change">
              <time dateTime={change.at}>{f.moment(Date.parse(change.at))}</time>
              <span>
                <strong>{whatChanged(change.what, words)}</strong> {aboutChange(change, words)}
              </span>
              <span class="hint">{change.by === null ? words.changeByItself : printable(change.by)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p class="hint">{words.changesNone}</p>
      )}
    </Panel>
  );
}

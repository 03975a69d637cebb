import type { Client } from '../../api/client';
import type { ObjectiveSubject } from '../../api/endpoints';
import { objectiveChanges } from '../../api/exclusions';
import type { ObjectiveAnswer, ObjectiveChange } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { useResource } from '../../state/resource';
import { latencyTexts, promiseText } from './words';

/** Who set, changed and deleted the objectives of a subject, the newest first. */
export function ObjectiveChanges({ client, subject }: { client: Client; subject: ObjectiveSubject }) {
  const { data } = useResource(`changes ${JSON.stringify(subject)}`, (signal) =>
    objectiveChanges(client, subject, signal),
  );
  const own = data?.filter(({ before, after }) => isOf(after ?? before, subject)) ?? [];
  if (!own.length) return null;
  return (
    <details data-testid="objective-changes">
      <summary>{laterMessages.value.changes}</summary>
      <ul class="changes">
        {own.map((change) => (
          <li key={`${change.at} ${(change.after ?? change.before)?.name}`}>
            <time dateTime={change.at}>{format.value.moment(Date.parse(change.at))}</time>
            <span>{whatText(change)}</span>
            <span class="hint">{laterMessages.value.by(printable(change.by))}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function isOf(objective: ObjectiveAnswer | null, { domain, path }: ObjectiveSubject): boolean {
  return objective !== null && objective.domain === domain && objective.path_prefix === path;
}

function whatText({ before, after }: ObjectiveChange): string {
  const said = laterMessages.value;
  const name = (after ?? before)?.name ?? '';
  const [old, now] = [before && wholePromise(before), after && wholePromise(after)];
  if (now === null) return said.changeDeleted(name);
  if (old === null) return said.changeSet(name, now);
  return old === now ? said.changeOther(name) : said.changeChanged(name, old, now);
}

/** The promise, and whom its incidents are told to. */
function wholePromise(objective: ObjectiveAnswer): string {
  const words = messages.value;
  return [
    promiseText(objective.availability, objective, words),
    ...latencyTexts(objective, words),
    ...(objective.channel ? [laterMessages.value.objectiveChannel(objective.channel)] : []),
  ].join(', ');
}

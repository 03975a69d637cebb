import type { Client } from '../../api/client';
import type { ObjectiveSubject } from '../../api/endpoints';
import { changesAt } from '../../api/exclusions';
import type { ObjectiveAnswer, ObjectiveChange } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { levelOf } from '../../objectives/levels';
import { useResource } from '../../state/resource';
import { wholePromise } from './words';

interface Props {
  client: Client;
  /** The cluster that the page shows: a token for some clusters may not ask for what is for all of them apart. */
  cluster: string;
  subject: ObjectiveSubject;
}

/** Who set, changed and deleted the objectives of a subject, the newest first. */
export function ObjectiveChanges({ client, cluster, subject }: Props) {
  const asked = { ...subject, cluster };
  const level = levelOf(subject);
  const key = `changes ${level} ${JSON.stringify(asked)}`;
  const { data } = useResource(key, (signal) => changesAt(level, client, asked, signal));
  const own = data?.filter(({ before, after }) => after ?? before) ?? [];
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

function whatText({ before, after }: ObjectiveChange): string {
  const said = laterMessages.value;
  const name = (after ?? before)?.name ?? '';
  const [old, now] = [before && withChannel(before), after && withChannel(after)];
  if (now === null) return said.changeDeleted(name);
  if (old === null) return said.changeSet(name, now);
  return old === now ? said.changeOther(name) : said.changeChanged(name, old, now);
}

/** The promise, and whom its incidents are told to. */
function withChannel(objective: ObjectiveAnswer): string {
  const promise = wholePromise(objective, messages.value);
  return objective.channel ? `${promise}, ${laterMessages.value.objectiveChannel(objective.channel)}` : promise;
}

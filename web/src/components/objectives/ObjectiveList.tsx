import type { ObjectiveAnswer } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { isSettable } from '../../objectives/period';
import { mayManageIn } from '../../state/session';
import { latencyTexts, promiseText } from './words';

interface Props {
  objectives: readonly ObjectiveAnswer[];
  isBusy: boolean;
  onEdit: (objective: ObjectiveAnswer) => void;
  onFollow: (objective: ObjectiveAnswer) => void;
}

/** The objectives of one subject, the followed one first. */
export function ObjectiveList({ objectives, ...props }: Props) {
  return (
    <ul class="objectives">
      {objectives.map((each) => (
        <Item key={each.name} objective={each} {...props} />
      ))}
    </ul>
  );
}

function Item({ objective, isBusy, onEdit, onFollow }: Omit<Props, 'objectives'> & { objective: ObjectiveAnswer }) {
  const words = messages.value;
  const later = laterMessages.value;
  const { name, origin } = objective;
  const isFree = mayManageIn(objective.cluster_id) && origin !== 'annotation';
  return (
    <li class="objective" data-testid="objective" data-name={name}>
      <div class="objective-head">
        <h3>{name}</h3>
        {objective.is_followed && (
          <span class="tag" title={later.objectiveFollowedHint} data-testid="followed">
            {later.objectiveFollowed}
          </span>
        )}
        {origin === 'annotation' && <span class="tag">{words.objectiveFromKubernetes}</span>}
        {origin === 'file' && <span class="tag">{words.objectiveFromFile}</span>}
        <span class="spacer" />
        {isFree && !objective.is_followed && isSettable(objective.period) && (
          <button
            type="button"
            class="button small"
            disabled={isBusy}
            aria-label={`${later.objectiveFollow}: ${name}`}
            data-testid="follow-objective"
            onClick={() => onFollow(objective)}
          >
            {later.objectiveFollow}
          </button>
        )}
        {isFree && (
          <button
            type="button"
            class="button small"
            disabled={isBusy}
            aria-label={words.objectiveEditOf(name)}
            data-testid="edit-objective"
            onClick={() => onEdit(objective)}
          >
            {words.objectiveEdit}
          </button>
        )}
      </div>
      <p>{[promiseText(objective.availability, objective, words), ...latencyTexts(objective, words)].join(' · ')}</p>
      <p class="hint" data-testid="objective-source">
        {objective.owner && `${words.objectiveOwner(objective.owner)} · `}
        {objective.channel && `${later.objectiveChannel(objective.channel)} · `}
        {words.objectiveSetBy(objective.set_by, format.value.moment(Date.parse(objective.set_at)))}
      </p>
      {origin === 'annotation' && <p class="hint">{later.objectiveKubernetesHint}</p>}
      {origin === 'file' && <p class="hint">{later.objectiveFileHint}</p>}
    </li>
  );
}

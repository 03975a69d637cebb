import type { ExclusionAnswer } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { subjectName } from '../../objectives/levels';
import { mayManageIn } from '../../state/session';
import { RemoveButton } from '../notifications/RemoveButton';

interface Props {
  exclusions: readonly ExclusionAnswer[];
  onRemove: (exclusion: ExclusionAnswer) => void;
}

/** The times that do not count, each with its undo. */
export function ExclusionList({ exclusions, onRemove }: Props) {
  const said = laterMessages.value;
  const at = (time: string): string => format.value.moment(Date.parse(time));
  if (!exclusions.length) {
    return (
      <p class="hint" data-testid="exclusions-none">
        {said.none}
      </p>
    );
  }
  return (
    <ul class="setting-list">
      {exclusions.map((each) => {
        const span = said.span(at(each.from), at(each.to));
        const { cluster_id: cluster, domain, path_prefix: path } = each;
        const subject = subjectName({ cluster, domain, path }, messages.value);
        return (
          <li key={each.exclusion_id} class="setting" data-testid="exclusion">
            <div class="setting-text">
              <p>
                <strong>{span}</strong>
                {each.rule && ` · ${said.again(each.rule, each.time_zone)}`}
              </p>
              <p class="hint">{[printable(each.reason), subject, said.by(printable(each.set_by))].join(' · ')}</p>
            </div>
            {mayManageIn(cluster) && (
              <div class="setting-tools">
                <RemoveButton of={span} word={said.undo} onRemove={() => onRemove(each)} />
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

import type { ExclusionAnswer } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { laterMessages } from '../../i18n/later';
import { RemoveButton } from '../notifications/RemoveButton';

interface Props {
  exclusions: readonly ExclusionAnswer[];
  onRemove: (id: string) => void;
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
        const subject = each.domain === null ? each.cluster_id : `${each.domain}${each.path_prefix ?? ''}`;
        return (
          <li key={each.exclusion_id} class="setting" data-testid="exclusion">
            <div class="setting-text">
              <p>
                <strong>{span}</strong>
                {each.rule && ` · ${said.again(each.rule, each.time_zone)}`}
              </p>
              <p class="hint">{[printable(each.reason), subject, said.by(printable(each.set_by))].join(' · ')}</p>
            </div>
            <div class="setting-tools">
              <RemoveButton of={span} word={said.undo} onRemove={() => onRemove(each.exclusion_id)} />
            </div>
          </li>
        );
      })}
    </ul>
  );
}

import type { ObjectiveSubject } from '../../api/endpoints';
import { messages } from '../../i18n';
import { type Level, levelsOf, levelWord } from '../../objectives/levels';
import { Segmented } from '../Segmented';

interface Props {
  /** What the page shows. */
  of: ObjectiveSubject;
  value: Level;
  onChange: (level: Level) => void;
}

/** Chooses what to set something for: the subject of the page, or what it is a part of. */
export function LevelChoice({ of, value, onChange }: Props) {
  const words = messages.value;
  return (
    <div class="dialog-choices">
      <Segmented
        label={words.objectiveLevel}
        name="level"
        value={value}
        choices={levelsOf(of).map((level) => ({ value: level, label: levelWord(level, words) }))}
        onChange={onChange}
      />
    </div>
  );
}

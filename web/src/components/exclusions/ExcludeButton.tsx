import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { ObjectiveSubject } from '../../api/endpoints';
import { mayManage } from '../../state/session';
import { Later } from '../objectives/Later';

interface Props {
  client: Client;
  subject: ObjectiveSubject;
  /** What the dialog opens with, Unix seconds. */
  time: { from: number; to: number } | null;
  word: string;
  testId: string;
  isSmall?: boolean;
}

/** Opens the dialog of times that do not count, for those who may change them. */
export function ExcludeButton({ client, subject, time, word, testId, isSmall }: Props) {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  if (!mayManage.value) return null;
  return (
    <>
      <button
        type="button"
        class={`button ${isSmall ? 'small' : ''}`}
        data-testid={testId}
        onClick={() => setOpen(true)}
      >
        {word}
      </button>
      {isOpen && (
        <Later onFailure={close}>
          {({ ExclusionsDialog }) => <ExclusionsDialog client={client} of={subject} time={time} onClose={close} />}
        </Later>
      )}
    </>
  );
}

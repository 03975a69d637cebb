import type { Messages } from '../../i18n';
import { explainFailure } from '../../i18n/said/failures';
import { SettingsConflictError } from '../../notifications/settings';
import { refresh } from '../../state/refresh';
import { endIfRejected } from '../../state/session';
import { toast } from '../../state/toasts';

/** Does what a button says, says what came of it, and shows what is true afterwards. */
export async function act(
  work: () => Promise<void>,
  done: (words: Messages) => string,
  undo: (() => Promise<void>) | null = null,
): Promise<void> {
  try {
    await work();
    toast(done, undo && (() => act(undo, (words) => words.undone)));
  } catch (error) {
    endIfRejected(error);
    const failure = error instanceof Error ? error : new Error(String(error));
    toast((words) =>
      failure instanceof SettingsConflictError ? words.settingsMovedOn : words.notSaved(explainFailure(failure, words)),
    );
  }
  refresh();
}

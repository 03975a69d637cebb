import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messages } from '../../i18n';
import { toast } from '../../state/toasts';

type Dialogs = typeof import('./dialogs');

interface Props {
  /** Called if they cannot be loaded. */
  onFailure: () => void;
  children: (dialogs: Dialogs) => ComponentChildren;
}

/** Loads the dialogs of objectives, so that the page itself stays within its size budget. */
export function Later({ onFailure, children }: Props) {
  const [dialogs, setDialogs] = useState<Dialogs | null>(null);
  useEffect(() => {
    import('./dialogs').then(setDialogs, () => {
      // The page is offline, or was deployed anew: its files have other names then, which a reload finds.
      toast((words) => words.dialogNotLoaded);
      onFailure();
    });
  }, []);
  if (dialogs) return <>{children(dialogs)}</>;
  return (
    <span class="visually-hidden" role="status">
      {messages.value.dialogLoading}
    </span>
  );
}

import { useRef, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { TargetSubject } from '../../api/endpoints';
import { ApiError } from '../../api/errors';
import type { TargetAnswer, TargetBody, TargetsAnswer } from '../../api/types';
import { format } from '../../format';
import { messages, sourceWord } from '../../i18n';
import type { DetailRoute } from '../../state/route';
import { endIfRejected, mayManage } from '../../state/session';
import { ConflictError, remove, save } from '../../targets/actions';
import { type Draft, draftOf, FIELDS, type Field, readDraft } from '../../targets/draft';
import { effective } from '../../targets/effective';
import type { Level } from '../../targets/preview';
import { explainFailure } from '../Failure';
import { Conflict } from './Conflict';
import { Fields } from './Fields';
import { PreviewTable } from './PreviewTable';

interface Props {
  client: Client;
  level: Level;
  subject: TargetSubject;
  route: DetailRoute;
  saved: TargetAnswer | null;
  targets: TargetsAnswer;
  onDone: () => void;
}

/** Starts with the saved target, or with the one that applies now. Input is kept if somebody else saves meanwhile. */
export function TargetForm({ client, level, subject, route, saved, targets, onDone }: Props) {
  const words = messages.value;
  const form = useRef<HTMLFormElement>(null);
  const [seen, setSeen] = useState(saved);
  const [holds] = useState(() => effective(targets, subject));
  const [draft, setDraft] = useState<Draft>(() => draftOf(saved ?? holds));
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const [failure, setFailure] = useState<Error | null>(null);
  const [conflict, setConflict] = useState<ConflictError | null>(null);
  const [isSaving, setSaving] = useState(false);
  const { body, errors } = readDraft(draft, words);
  const shown = new Map<Field, string>(
    FIELDS.flatMap((field) => {
      const text = errors.get(field) ?? refused.get(field);
      return text ? [[field, text] as const] : [];
    }),
  );

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setSaving(true);
    setFailure(null);
    setConflict(null);
    try {
      await work();
      onDone();
    } catch (error) {
      endIfRejected(error);
      if (error instanceof ConflictError) setConflict(error);
      else if (error instanceof ApiError && error.fields.size) setRefused(error.fields);
      else setFailure(error instanceof Error ? error : new Error(String(error)));
      setSaving(false);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (body) void attempt(() => save(client, subject, body, seen));
    else form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  const takeTheirs = (theirs: TargetAnswer | null): void => {
    setSeen(theirs);
    setDraft(draftOf(theirs ?? holds));
    setConflict(null);
  };
  const keepYours = (theirs: TargetAnswer | null, yours: TargetBody): void => {
    setSeen(theirs);
    void attempt(() => save(client, subject, yours, theirs));
  };

  return (
    <form ref={form} class="target-form" onSubmit={submit} noValidate>
      <p class="hint" data-testid="target-source">
        {seen
          ? words.targetSetBy(seen.set_by, format.value.moment(Date.parse(seen.set_at)))
          : words.targetNotSet(sourceWord(holds.source, words))}
      </p>
      <Fields
        draft={draft}
        errors={shown}
        isDisabled={!mayManage.value || isSaving}
        onChange={(field, text) => {
          setDraft({ ...draft, [field]: text });
          setRefused(new Map());
        }}
      />
      {mayManage.value && (
        <PreviewTable client={client} level={level} route={route} range={subject.range} body={body} />
      )}
      {conflict && body && (
        <Conflict
          theirs={conflict.theirs}
          yours={body}
          onTake={() => takeTheirs(conflict.theirs)}
          onKeep={() => keepYours(conflict.theirs, body)}
        />
      )}
      {failure && (
        <p class="field-error" role="alert">
          {explainFailure(failure, words)}
        </p>
      )}
      <div class="dialog-buttons">
        {mayManage.value && seen && (
          <button
            type="button"
            class="button quiet danger"
            disabled={isSaving}
            data-testid="delete-target"
            onClick={() => void attempt(() => remove(client, subject, seen))}
          >
            {words.deleteTarget}
          </button>
        )}
        <span class="spacer" />
        <button type="button" class="button" onClick={onDone}>
          {mayManage.value ? words.cancel : words.close}
        </button>
        {mayManage.value && (
          <button type="submit" class="button primary" disabled={isSaving} data-testid="save-target">
            {isSaving ? words.saving : words.save}
          </button>
        )}
      </div>
    </form>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import { ApiError } from '../../api/errors';
import type { ObjectiveAnswer, ObjectiveBody } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { type English, inEnglish } from '../../i18n/said/words';
import { ConflictError, remove, type Seen, save } from '../../objectives/actions';
import { type Draft, draftOf, FIELDS, type Field, readDraft } from '../../objectives/draft';
import { followedBeside } from '../../objectives/followed';
import type { Level } from '../../objectives/levels';
import { proposedName } from '../../objectives/period';
import type { DetailRoute } from '../../state/route';
import { endIfRejected } from '../../state/session';
import { Check } from '../Field';
import { FormFailure } from '../notifications/FormFrame';
import { Conflict } from './Conflict';
import { Fields } from './Fields';
import { PreviewTable } from './PreviewTable';

interface Props {
  client: Client;
  level: Level;
  route: DetailRoute;
  seen: Seen;
  /** The other objectives of the subject. */
  others: readonly ObjectiveAnswer[];
  /** What a new objective begins with. */
  start: Draft;
  onBack: () => void;
  onDone: () => void;
}

/** Sets one objective. Input is kept if somebody else saves meanwhile. */
export function ObjectiveForm({ client, level, route, seen, others, start, onBack, onDone }: Props) {
  const words = messages.value;
  const later = laterMessages.value;
  const form = useRef<HTMLFormElement>(null);
  const [saved, setSaved] = useState(seen.saved);
  const [draft, setDraft] = useState<Draft>(() => (seen.saved ? draftOf(seen.saved) : start));
  const [isMarked, setMarked] = useState(seen.saved?.is_followed ?? false);
  const [refused, setRefused] = useState<ReadonlyMap<string, English>>(new Map());
  const [failure, setFailure] = useState<Error | null>(null);
  const [conflict, setConflict] = useState<ConflictError | null>(null);
  const [isSaving, setSaving] = useState(false);
  useEffect(() => form.current?.querySelector<HTMLElement>('input')?.focus(), []);

  const origin = saved?.origin === 'file' ? 'file' : 'page';
  const beside = followedBeside(others, origin);
  const wasFollowed = saved?.is_followed ?? false;
  const isFollowed = beside === 'if marked' ? isMarked || wasFollowed : beside;
  const { typed, errors } = readDraft(draft, others, words);
  const body: ObjectiveBody | null = typed && { ...typed, is_followed: isFollowed, origin };
  const shown = new Map<Field, string | English>(
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
      else if (error instanceof ApiError && error.fields.size) setRefused(inEnglish(error.fields));
      else setFailure(error instanceof Error ? error : new Error(String(error)));
      setSaving(false);
    }
  };
  const send = (yours: ObjectiveBody, theirs: ObjectiveAnswer | null): Promise<void> =>
    attempt(() => save(client, { ...seen, saved: theirs }, draft.name.trim(), yours));
  const submit = (event: Event): void => {
    event.preventDefault();
    if (body) void send(body, saved);
    else form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  const change = (field: Field, text: string): void => {
    const isProposed = field === 'period' && !saved && draft.name === proposedName(draft.period, others);
    setDraft({ ...draft, [field]: text, ...(isProposed && { name: proposedName(text, others) }) });
    setRefused(new Map());
  };
  const takeTheirs = (theirs: ObjectiveAnswer | null): void => {
    setSaved(theirs);
    setDraft(theirs ? draftOf(theirs) : start);
    setMarked(theirs?.is_followed ?? false);
    setConflict(null);
  };
  const keepYours = (theirs: ObjectiveAnswer | null, yours: ObjectiveBody): void => {
    setSaved(theirs);
    void send(yours, theirs);
  };
  return (
    <form ref={form} class="target-form" data-testid="objective-form" onSubmit={submit} noValidate>
      <h3>{saved?.name ?? words.objectiveNew}</h3>
      {saved && (
        <p class="hint" data-testid="objective-source">
          {words.objectiveSetBy(saved.set_by, format.value.moment(Date.parse(saved.set_at)))}
        </p>
      )}
      {origin === 'file' && <p class="notice">{later.objectiveFileHint}</p>}
      <Fields
        client={client}
        draft={draft}
        errors={shown}
        isNamed={saved !== null}
        isDisabled={isSaving}
        onChange={change}
      />
      {beside === 'if marked' && !wasFollowed ? (
        <Check name="is_followed" label={later.objectiveFollowCheck} isChecked={isMarked} onChange={setMarked} />
      ) : (
        others.length > 0 && <p class="hint">{isFollowed ? later.objectiveFollowAlways : later.objectiveFollowNever}</p>
      )}
      <PreviewTable client={client} level={level} route={route} body={body} isFollowed={isFollowed} />
      {conflict && body && (
        <Conflict
          theirs={conflict.theirs}
          yours={body}
          onTake={() => takeTheirs(conflict.theirs)}
          onKeep={() => keepYours(conflict.theirs, body)}
        />
      )}
      <FormFailure failure={failure} refused={refused} fields={FIELDS} />
      <div class="dialog-buttons">
        {saved && (
          <button
            type="button"
            class="button quiet danger"
            disabled={isSaving}
            data-testid="delete-objective"
            onClick={() => void attempt(() => remove(client, { ...seen, saved }))}
          >
            {words.objectiveDelete}
          </button>
        )}
        <span class="spacer" />
        <button type="button" class="button" data-testid="back-to-objectives" onClick={onBack}>
          {words.objectiveBack}
        </button>
        <button type="submit" class="button primary" disabled={isSaving} data-testid="save-objective">
          {isSaving ? words.saving : words.save}
        </button>
      </div>
    </form>
  );
}

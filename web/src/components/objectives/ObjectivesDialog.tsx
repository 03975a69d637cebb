import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { ObjectiveSubject } from '../../api/endpoints';
import * as api from '../../api/endpoints';
import type { ObjectiveAnswer, ObjectivesAnswer } from '../../api/types';
import { format } from '../../format';
import { messages, sourceWord } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { type Seen, save } from '../../objectives/actions';
import { bodyOf, type Draft, draftOf, type Identity } from '../../objectives/draft';
import { heldTarget, objectivesOf } from '../../objectives/followed';
import { isWide, type Level, subjectAt, subjectName } from '../../objectives/levels';
import { disagreementOf } from '../../objectives/origins';
import { proposedName } from '../../objectives/period';
import { PROPOSED_PERIOD, type Proposal } from '../../objectives/proposal';
import { useResource } from '../../state/resource';
import type { DetailRoute } from '../../state/route';
import { endIfRejected, mayManage, mayManageIn } from '../../state/session';
import { Dialog } from '../Dialog';
import { WhyFailed } from '../Failure';
import { PresetMark } from '../PresetMark';
import { LevelChoice } from './LevelChoice';
import { ObjectiveChanges } from './ObjectiveChanges';
import { ObjectiveForm } from './ObjectiveForm';
import { ObjectiveList } from './ObjectiveList';
import { ProposalFor } from './ProposalFor';
import { disagreementText, latencyTexts } from './words';

/** The page of the documentation that says how to choose an objective. */
const GUIDE = 'docs/choosing-an-objective.md';

interface Props {
  client: Client;
  route: DetailRoute;
  onClose: () => void;
}

/** The objectives at each level. Readers can view them, managers can set them. */
export function ObjectivesDialog({ client, route, onClose }: Props) {
  const words = messages.value;
  const later = laterMessages.value;
  const [level, setLevel] = useState<Level>(route.path === null ? 'domain' : 'route');
  const answer = useResource(`objectives ${route.cluster}`, (signal) => api.objectives(client, route.cluster, signal));
  const subject = subjectAt(level, route);
  return (
    <Dialog
      title={words.objectivesTitle}
      subject={subjectName(subject, words)}
      testId="objectives-dialog"
      onClose={onClose}
    >
      {(close) => (
        <>
          <LevelChoice of={route} value={level} onChange={setLevel} />
          {!mayManageIn(subject.cluster) && (
            <p class="notice" data-testid="read-only">
              {mayManage.value ? later.allReadOnly : later.objectivesReadOnly}
            </p>
          )}
          {answer.data ? (
            <OfSubject
              key={level}
              client={client}
              level={level}
              route={route}
              subject={subject}
              answer={answer.data}
              onDone={close}
            />
          ) : answer.error ? (
            <p class="field-error" role="alert">
              <WhyFailed error={answer.error} />
            </p>
          ) : (
            <span class="bone bone-panel" aria-hidden="true" />
          )}
        </>
      )}
    </Dialog>
  );
}

interface OfSubjectProps {
  client: Client;
  level: Level;
  route: DetailRoute;
  subject: ObjectiveSubject;
  answer: ObjectivesAnswer;
  onDone: () => void;
}

/** What is edited: one objective, or a new one that begins with these texts. */
type Editing = { saved: ObjectiveAnswer } | { start: Draft };

function OfSubject({ client, level, route, subject, answer, onDone }: OfSubjectProps) {
  const words = messages.value;
  const later = laterMessages.value;
  const objectives = objectivesOf(answer.objectives, subject);
  const followed = objectives.find((each) => each.is_followed)?.name ?? null;
  const disagreement = disagreementOf(objectives);
  const held = heldTarget(answer, subject);
  // The form keeps what was there when it opened: others may save while somebody types.
  const [form, setForm] = useState<{ editing: Editing; seen: Seen; others: readonly ObjectiveAnswer[] } | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const add = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (!form && wasOpen.current) add.current?.focus();
    wasOpen.current = form !== null;
  }, [form]);

  const fresh: Identity = {
    name: proposedName(PROPOSED_PERIOD, objectives),
    period: PROPOSED_PERIOD,
    time_zone: 'UTC',
    owner: '',
    channel: '',
  };
  const open = (editing: Editing): void => {
    const saved = 'saved' in editing ? editing.saved : null;
    const others = objectives.filter((each) => each.name !== saved?.name);
    setForm({ editing, seen: { subject, saved, followed }, others });
  };
  const adopt = ({ availability, p95_latency }: Proposal): void => {
    open({ start: draftOf({ ...answer.preset, availability, p95_latency, ...fresh }) });
  };
  const follow = (objective: ObjectiveAnswer): void => {
    const body = bodyOf(objective);
    if (!body) return;
    setBusy(true);
    save(client, { subject, saved: objective, followed }, objective.name, { ...body, is_followed: true }).then(
      onDone,
      (error: unknown) => {
        endIfRejected(error);
        setFailure(error instanceof Error ? error : new Error(String(error)));
        setBusy(false);
      },
    );
  };
  if (form) {
    return (
      <ObjectiveForm
        client={client}
        level={level}
        route={route}
        seen={form.seen}
        others={form.others}
        start={'start' in form.editing ? form.editing.start : draftOf(form.editing.saved)}
        onBack={() => setForm(null)}
        onDone={onDone}
      />
    );
  }
  return (
    <div class="target-form">
      <p class="hint">
        {later.objectiveHelp} {later.objectiveHelpPage(GUIDE)}
      </p>
      {disagreement && (
        <p class="notice" data-testid="disagreement">
          {disagreementText(disagreement, words)}
        </p>
      )}
      {objectives.length > 0 ? (
        <ObjectiveList objectives={objectives} isBusy={isBusy} onEdit={(saved) => open({ saved })} onFollow={follow} />
      ) : (
        <p data-testid="objective-none">
          {later.objectiveNone(sourceWord(held.source, words))}{' '}
          {[words.atLeast(format.value.target(held.availability)), ...latencyTexts(held, words)].join(' · ')}
          {held.source === 'preset' && <PresetMark />}
        </p>
      )}
      <ObjectiveChanges client={client} cluster={route.cluster} subject={subject} />
      {!isWide(level) && <ProposalFor client={client} route={route} subject={subject} onUse={adopt} />}
      {failure && (
        <p class="field-error" role="alert">
          <WhyFailed error={failure} />
        </p>
      )}
      <div class="dialog-buttons">
        <span class="spacer" />
        <button type="button" class="button" onClick={onDone}>
          {words.close}
        </button>
        {mayManageIn(subject.cluster) && (
          <button
            ref={add}
            type="button"
            class="button primary"
            disabled={isBusy}
            data-testid="add-objective"
            onClick={() => open({ start: draftOf({ ...held, ...fresh }) })}
          >
            {words.objectiveAdd}
          </button>
        )}
      </div>
    </div>
  );
}

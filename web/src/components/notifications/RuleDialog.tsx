import { useState } from 'preact/hooks';
import { INCIDENT_KINDS, type NotificationsAnswer, type Rule, SEVERITIES } from '../../api/types';
import { messages } from '../../i18n';
import type { English } from '../../i18n/said/words';
import { kindWord, severityWord } from '../../incidents/words';
import { namesIn, saveSettings } from '../../notifications/settings';
import { ruleSentence } from '../../notifications/words';
import { toast } from '../../state/toasts';
import { Dialog } from '../Dialog';
import { Choices, Field } from '../Field';
import { FormFrame, SettingsConflict } from './FormFrame';
import type { SettingsProps } from './Rules';
import { useSaving } from './useSaving';

const EVERYTHING: Rule = { clusters: [], domains: [], kinds: [], severities: [], channels: [] };

interface Props extends SettingsProps {
  /** Of the rule; one after the last for a new one. */
  index: number;
  onClose: () => void;
}

export function RuleDialog({ onClose, ...rest }: Props) {
  const words = messages.value;
  const isNew = rest.index >= rest.settings.rules.length;
  return (
    <Dialog
      title={isNew ? words.addRule : words.editRule}
      subject={words.ruleNumber(String(rest.index + 1))}
      testId="rule-dialog"
      onClose={onClose}
    >
      {(close) => <RuleForm {...rest} onDone={close} />}
    </Dialog>
  );
}

function RuleForm({ client, settings, channels, index, onDone }: Omit<Props, 'onClose'> & { onDone: () => void }) {
  const words = messages.value;
  // What was saved when the dialog opened: a change by somebody else must not slip in unseen.
  const [seen, setSeen] = useState(settings);
  const [rule, setRule] = useState<Rule>(() => settings.rules[index] ?? { ...EVERYTHING, channels: [...channels] });
  const [clusters, setClusters] = useState(rule.clusters.join(', '));
  const [domains, setDomains] = useState(rule.domains.join(', '));
  const saving = useSaving(() => {
    toast((said) => said.saved);
    onDone();
  });
  const edited: Rule = { ...rule, clusters: namesIn(clusters), domains: namesIn(domains) };
  const rulesOf = ({ rules }: NotificationsAnswer): Rule[] => [
    ...rules.slice(0, index),
    edited,
    ...rules.slice(index + 1),
  ];
  const mine = rulesOf(seen);
  const said = (rules: readonly Rule[]): string[] => rules.map((each) => ruleSentence(each, words));
  const errors = errorsOf(saving.refused, index);
  const save = (base: NotificationsAnswer): void => {
    setSeen(base);
    void saving.attempt(() => saveSettings(client, base, { rules: mine }));
  };
  const known = [...new Set([...channels, ...rule.channels])];
  return (
    <FormFrame
      saving={{ ...saving, refused: errors }}
      fields={['clusters', 'domains', 'channels']}
      onSubmit={() => save(seen)}
      onCancel={onDone}
    >
      <Choices
        name="severities"
        label={words.ruleSeverities}
        hint={words.ruleAllHint}
        values={SEVERITIES}
        chosen={rule.severities}
        word={(severity) => severityWord(severity, words)}
        onChange={(severities) => setRule({ ...rule, severities })}
      />
      <Choices
        name="kinds"
        label={words.ruleKinds}
        hint={words.ruleAllHint}
        values={INCIDENT_KINDS}
        chosen={rule.kinds}
        word={(kind) => kindWord(kind, words)}
        onChange={(kinds) => setRule({ ...rule, kinds })}
      />
      <div class="target-fields">
        <Field
          name="clusters"
          label={words.ruleClusters}
          hint={words.rulePatternHint}
          error={errors.get('clusters')}
          value={clusters}
          onChange={setClusters}
        />
        <Field
          name="domains"
          label={words.ruleDomains}
          hint={words.rulePatternHint}
          error={errors.get('domains')}
          value={domains}
          onChange={setDomains}
        />
      </div>
      <Choices
        name="channels"
        label={words.ruleChannels}
        hint={words.ruleChannelsHint}
        error={errors.get('channels')}
        values={known}
        chosen={rule.channels}
        word={(name) => name}
        onChange={(chosen) => setRule({ ...rule, channels: chosen })}
      />
      <p class="preview" aria-live="polite" data-testid="rule-sentence">
        {ruleSentence(edited, words)}
      </p>
      {saving.conflict && (
        <SettingsConflict
          theirs={saving.conflict}
          sentences={({ rules }) => (rules.length ? said(rules) : [words.rulesNone])}
          yours={said(mine)}
          onTake={onDone}
          onKeep={() => saving.conflict && save(saving.conflict)}
        />
      )}
    </FormFrame>
  );
}

/** What the API says of `rules[2].channels` belongs to this rule's field. */
function errorsOf(refused: ReadonlyMap<string, English>, index: number): ReadonlyMap<string, English> {
  const own = `rules[${index}].`;
  return new Map(
    [...refused].map(([field, message]) => [
      field.startsWith(own) ? field.slice(own.length).replace(/\[\d+\]$/, '') : field,
      message,
    ]),
  );
}

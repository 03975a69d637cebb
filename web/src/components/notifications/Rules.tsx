import { useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import * as api from '../../api/notifications';
import type { NotificationsAnswer, Rule } from '../../api/types';
import { messages } from '../../i18n';
import { moved, saveSettings } from '../../notifications/settings';
import { ruleSentence } from '../../notifications/words';
import { mayManage } from '../../state/session';
import { Panel } from '../detail/Panel';
import { act } from './act';
import { RemoveButton } from './RemoveButton';
import { RuleDialog } from './RuleDialog';

export interface SettingsProps {
  client: Client;
  settings: NotificationsAnswer;
  /** Their names. */
  channels: readonly string[];
}

/** The ordered list of rules. The first that matches applies. */
export function Rules({ client, settings, channels }: SettingsProps) {
  const words = messages.value;
  const { rules } = settings;
  /** The index of a rule; one after the last for a new one. */
  const [edited, setEdited] = useState<number | null>(null);
  const replace = (changed: Rule[]): void => {
    const undo = async (): Promise<void> => saveSettings(client, await api.notifications(client), { rules });
    void act(
      () => saveSettings(client, settings, { rules: changed }),
      (said) => said.saved,
      undo,
    );
  };
  const aside = mayManage.value && (
    <button type="button" class="button small" data-testid="add-rule" onClick={() => setEdited(rules.length)}>
      {words.addRule}
    </button>
  );
  return (
    <Panel title={words.rules} testId="rules" aside={aside}>
      <p class="hint" data-testid="rules-how">
        {rules.length ? words.rulesHow : words.rulesNone}
      </p>
      {rules.length > 0 && (
        <ol class="setting-list">
          {rules.map((rule, index) => (
            <RuleRow
              key={`${index} ${JSON.stringify(rule)}`}
              number={index + 1}
              isLast={index === rules.length - 1}
              sentence={ruleSentence(rule, words)}
              onEdit={() => setEdited(index)}
              onMove={(step) => replace(moved(rules, index, step))}
              onRemove={() => replace(rules.filter((_, at) => at !== index))}
            />
          ))}
        </ol>
      )}
      {edited !== null && (
        <RuleDialog
          client={client}
          settings={settings}
          channels={channels}
          index={edited}
          onClose={() => setEdited(null)}
        />
      )}
    </Panel>
  );
}

interface RowProps {
  number: number;
  isLast: boolean;
  sentence: string;
  onEdit: () => void;
  onMove: (step: number) => void;
  onRemove: () => void;
}

function RuleRow({ number, isLast, sentence, onEdit, onMove, onRemove }: RowProps) {
  const words = messages.value;
  const name = words.ruleNumber(String(number));
  return (
    <li class="setting" data-testid="rule">
      <p class="setting-text">
        <span class="rule-number" aria-hidden="true">
          {number}
        </span>
        {sentence}
      </p>
      {mayManage.value && (
        <div class="setting-tools">
          <button
            type="button"
            class="button small icon-button"
            aria-label={`${words.moveUp}: ${name}`}
            title={words.moveUp}
            disabled={number === 1}
            onClick={() => onMove(-1)}
          >
            <span aria-hidden="true">↑</span>
          </button>
          <button
            type="button"
            class="button small icon-button"
            aria-label={`${words.moveDown}: ${name}`}
            title={words.moveDown}
            disabled={isLast}
            onClick={() => onMove(1)}
          >
            <span aria-hidden="true">↓</span>
          </button>
          <button type="button" class="button small" aria-label={`${words.edit}: ${name}`} onClick={onEdit}>
            {words.edit}
          </button>
          <RemoveButton of={name} onRemove={onRemove} />
        </div>
      )}
    </li>
  );
}

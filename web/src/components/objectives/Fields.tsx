import type { Client } from '../../api/client';
import { channels } from '../../api/notifications';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import type { English } from '../../i18n/said/words';
import type { Draft, Field } from '../../objectives/draft';
import { isCalendar, LENGTHS, lengthWord } from '../../objectives/period';
import { useResource } from '../../state/resource';
import { Field as Input, Select } from '../Field';

interface Props {
  client: Client;
  draft: Draft;
  errors: ReadonlyMap<Field, string | English>;
  /** Whether the objective has its name already, which never changes. */
  isNamed: boolean;
  isDisabled: boolean;
  onChange: (field: Field, text: string) => void;
}

export function Fields({ client, draft, errors, isNamed, isDisabled, onChange }: Props) {
  const words = messages.value;
  const later = laterMessages.value;
  const of = (field: Field) => ({
    name: field,
    value: draft[field],
    error: errors.get(field),
    onChange: (text: string) => onChange(field, text),
  });
  const lengths = LENGTHS.map((each) => [each, lengthWord(each, words)] as const);
  return (
    <fieldset class="target-fields" disabled={isDisabled}>
      <legend class="visually-hidden">{words.objective}</legend>
      <Input
        {...of('availability')}
        isNumber={true}
        label={later.objectiveAvailabilityField}
        hint={later.objectiveAvailabilityHint}
      />
      <Select
        {...of('period')}
        label={later.objectivePeriodField}
        choices={lengths}
        gone={(each) => lengthWord(each, words)}
      />
      {isCalendar(draft.period) && (
        <Input {...of('time_zone')} label={later.objectiveTimeZoneField} hint={later.objectiveTimeZoneHint} />
      )}
      <Input {...of('p95_latency')} isNumber={true} label={later.objectiveP95Field} hint={later.objectiveP95Hint} />
      <Input
        {...of('minimum_requests')}
        isNumber={true}
        label={later.objectiveMinimumField}
        hint={later.objectiveMinimumHint}
      />
      <fieldset class="latency-objective">
        <legend class="field-label">{words.latencyObjective}</legend>
        <p class="hint">{later.latencyObjectiveHint}</p>
        <Input {...of('latency_objective.share')} isNumber={true} label={later.latencyShareField} />
        <Input {...of('latency_objective.threshold')} isNumber={true} label={later.latencyThresholdField} />
      </fieldset>
      {!isNamed && <Input {...of('name')} label={later.objectiveNameField} hint={later.objectiveNameHint} />}
      <Input {...of('owner')} label={later.objectiveOwnerField} hint={later.objectiveOwnerHint} />
      <ChannelSelect client={client} {...of('channel')} />
    </fieldset>
  );
}

interface ChannelProps {
  client: Client;
  name: Field;
  value: string;
  error: string | English | undefined;
  onChange: (text: string) => void;
}

/** Annotations and files may name a channel that does not exist. */
function ChannelSelect({ client, ...field }: ChannelProps) {
  const later = laterMessages.value;
  const { data } = useResource('channels', (signal) => channels(client, signal));
  const known = data?.map(({ name }) => [name, name] as const) ?? [];
  return (
    <Select
      {...field}
      label={later.objectiveChannelField}
      hint={later.objectiveChannelHint}
      choices={[['', later.objectiveChannelRules], ...known]}
      gone={data ? later.objectiveChannelGone : (name) => name}
    />
  );
}

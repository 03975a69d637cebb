/** The settings of a channel as a form. They hold secrets: they are sent once, and never shown again. */
import type { ChannelKind } from '../api/types';
import type { Messages } from '../i18n';
import type { English } from '../i18n/said/words';

export const CHANNEL_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export interface ChannelField {
  /** As in the API. */
  name: string;
  label: string;
  hint?: string;
  /** Several, one a line. */
  isList?: boolean;
  isSecret?: boolean;
  isRequired?: boolean;
}

/** Text by the name of the field. */
export type ChannelDraft = Readonly<Record<string, string>>;

export function fieldsOf(kind: ChannelKind, words: Messages): ChannelField[] {
  const known: Record<ChannelKind, ChannelField[]> = {
    email: [
      { name: 'to', label: words.emailTo, hint: words.emailToHint, isList: true },
      { name: 'from', label: words.emailFrom, hint: words.emailFromHint },
    ],
    webhook: [
      { name: 'url', label: words.webhookUrl, hint: words.webhookUrlHint, isRequired: true },
      {
        name: 'secrets',
        label: words.webhookSecrets,
        hint: words.webhookSecretsHint,
        isList: true,
        isSecret: true,
        isRequired: true,
      },
    ],
    eventbridge: [{ name: 'bus', label: words.eventbridgeBus, hint: words.eventbridgeBusHint }],
    pagerduty: [
      {
        name: 'routing_key',
        label: words.pagerdutyKey,
        hint: words.pagerdutyKeyHint,
        isSecret: true,
        isRequired: true,
      },
      { name: 'url', label: words.pagerdutyUrl },
    ],
    slack: [
      { name: 'token', label: words.slackToken, hint: words.slackTokenHint, isSecret: true },
      { name: 'channel', label: words.slackChannel, hint: words.slackChannelHint },
      { name: 'url', label: words.slackUrl, hint: words.slackUrlHint },
    ],
    apprise: [{ name: 'urls', label: words.appriseUrls, hint: words.appriseUrlsHint, isList: true, isRequired: true }],
  };
  return known[kind];
}

export interface ReadSettings {
  /** Null if a field is missing. */
  settings: Record<string, string | string[]> | null;
  errors: ReadonlyMap<string, string>;
}

/** The API checks everything else, and what it says belongs to a field, too. */
export function readSettings(kind: ChannelKind, draft: ChannelDraft, words: Messages): ReadSettings {
  const errors = new Map<string, string>();
  const settings: Record<string, string | string[]> = {};
  for (const field of fieldsOf(kind, words)) {
    const text = (draft[field.name] ?? '').trim();
    if (text) settings[field.name] = field.isList ? linesOf(text) : text;
    else if (field.isRequired) errors.set(field.name, words.fieldRequired);
  }
  return { settings: errors.size ? null : settings, errors };
}

function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);
}

/** What the API says of `settings.secrets[1]` belongs to the field `secrets`, with the number of the line. */
export function settingsErrors(refused: ReadonlyMap<string, English>): ReadonlyMap<string, English> {
  const errors = new Map<string, English>();
  for (const [field, { english }] of refused) {
    const [, name, index] = /^settings\.(\w+)(?:\[(\d+)\])?/.exec(field) ?? [];
    errors.set(name ?? field, { english: index === undefined ? english : `${Number(index) + 1}: ${english}` });
  }
  return errors;
}

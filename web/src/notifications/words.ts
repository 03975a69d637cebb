/** Says in words who is told what, when, and what became of it. */
import type {
  ChangeAnswer,
  ChannelAnswer,
  ChannelKind,
  DeliveryAnswer,
  Digest,
  MuteAnswer,
  QuietHours,
  Rule,
  Thresholds,
} from '../api/types';
import { printable } from '../format/printable';
import type { Messages } from '../i18n';
import { kindWord, severityWord, stepWord } from '../incidents/words';

export function channelKindWord(kind: ChannelKind, words: Messages): string {
  const known: Record<ChannelKind, string> = {
    email: words.channelEmail,
    webhook: words.channelWebhook,
    eventbridge: words.channelEventbridge,
    pagerduty: words.channelPagerduty,
    slack: words.channelSlack,
    apprise: words.channelApprise,
  };
  return known[kind];
}

export interface Health {
  tone: 'healthy' | 'critical' | 'neutral';
  word: string;
  /** When something was delivered last, or since when nothing is. */
  detail: string;
}

/** `now` in milliseconds by the server's clock. */
export function healthOf(
  channel: ChannelAnswer,
  words: Messages,
  duration: (seconds: number) => string,
  now: number,
): Health {
  const age = (time: string): string => duration((now - Date.parse(time)) / 1000);
  const delivered = channel.last_delivered_at;
  const detail = delivered === null ? words.channelDeliveredNever : words.channelDelivered(age(delivered));
  if (!channel.is_enabled) return { tone: 'neutral', word: words.channelOff, detail };
  if (channel.failing_since !== null) {
    return { tone: 'critical', word: words.channelFailing(age(channel.failing_since)), detail };
  }
  if (delivered === null) return { tone: 'neutral', word: words.channelUnused, detail };
  return { tone: 'healthy', word: words.channelWorks, detail };
}

/** One sentence: which incidents, and where they go. */
export function ruleSentence(rule: Rule, words: Messages): string {
  const or = (names: readonly string[]): string => names.map(printable).join(words.ruleOr);
  const { severities, kinds, clusters, domains, channels } = rule;
  const conditions = [
    severities.length
      ? words.ruleOnly(or(severities.map((severity) => severityWord(severity, words))))
      : words.ruleEverything,
    kinds.length && words.ruleOfKinds(or(kinds.map((kind) => kindWord(kind, words)))),
    clusters.length && words.ruleInClusters(or(clusters)),
    domains.length && words.ruleForDomains(or(domains)),
  ];
  const told = channels.length ? words.ruleTells(channels.join(words.ruleAnd)) : words.ruleTellsNobody;
  return `${conditions.filter(Boolean).join(words.ruleJoin)}${words.ruleThen}${told}`;
}

export function quietSentence(hours: QuietHours | null, words: Messages): string {
  return hours ? words.quietHoursSentence(hours.start, hours.end, hours.time_zone) : words.quietHoursNone;
}

export function digestSentence(digest: Digest, words: Messages): string {
  const { is_enabled, at, time_zone, channels } = digest;
  if (!is_enabled) return words.digestNone;
  return words.digestSentence(at, time_zone, channels.join(words.ruleAnd) || words.digestToAll);
}

interface Formats {
  count: (value: number) => string;
  target: (ratio: number) => string;
  duration: (seconds: number) => string;
}

/** A sentence for each threshold. */
export function thresholdSentences(limits: Thresholds, words: Messages, f: Formats): string[] {
  const every = (seconds: number): string => (seconds ? f.duration(seconds) : words.never);
  return [
    words.outageThreshold(f.target(limits.outage_share), f.count(limits.outage_requests)),
    words.trickleThreshold(f.target(limits.trickle_share), f.count(limits.trickle_requests)),
    words.calmThreshold(f.duration(limits.calm_seconds)),
    words.silentThreshold(f.duration(limits.silent_seconds)),
    words.reminderThreshold(every(limits.page_reminder_seconds), every(limits.ticket_reminder_seconds)),
  ];
}

/** `production: shop.example.com/api`; a pattern for everything is a word. */
export function muteSubject({ cluster_id, domain, path_prefix }: MuteAnswer, words: Messages): string {
  const part = (pattern: string): string => (pattern === '*' ? words.allOf : printable(pattern));
  return `${part(cluster_id)}: ${part(domain)}${printable(path_prefix ?? '')}`;
}

export function toldWord(what: DeliveryAnswer['what'], words: Messages): string {
  if (what === 'digest') return words.toldDigest;
  return what === 'test' ? words.toldTest : stepWord(what, words);
}

export function resultWord({ status, attempts }: DeliveryAnswer, words: Messages): string {
  const times = String(attempts);
  if (status === 'delivered') return attempts > 1 ? words.deliveryDeliveredAfter(times) : words.deliveryDelivered;
  return status === 'failed' ? words.deliveryFailed(times) : words.deliveryRetrying(times);
}

export function whatChanged(what: ChangeAnswer['what'], words: Messages): string {
  const known: Record<ChangeAnswer['what'], string> = {
    channel_set: words.changeChannelSet,
    channel_removed: words.changeChannelRemoved,
    channel_disabled: words.changeChannelDisabled,
    rules_set: words.changeRulesSet,
    muted: words.changeMuted,
    unmuted: words.changeUnmuted,
  };
  return known[what];
}

/** What a change is about, in words: the API names the parts of the settings as its fields. */
export function aboutChange({ what, about }: ChangeAnswer, words: Messages): string {
  if (what !== 'rules_set') return printable(about);
  const parts: Record<string, string> = {
    rules: words.rules,
    quiet_hours: words.quietHours,
    digest: words.digest,
    thresholds: words.thresholds,
  };
  return about
    .split(', ')
    .map((part) => parts[part] ?? printable(part))
    .join(words.ruleAnd);
}

/** Says in words what happened, from the figures of an incident. Messages say the same (`slo/notifications/message.py`). */
import type { IncidentAnswer, IncidentKind, IncidentStatus, IncidentStep, RouteChange, Severity } from '../api/types';
import type { Messages } from '../i18n';
import { isCalendar, lengthWord } from '../objectives/period';

/** The formatters that sentences need. */
export interface Formats {
  count: (value: number) => string;
  errorRate: (ratio: number) => string;
  number: (value: number) => string;
  target: (ratio: number) => string;
  moment: (at: number) => string;
  duration: (seconds: number) => string;
}

/** Kinds of which failed requests are counted. */
const COUNTED: ReadonlySet<IncidentKind> = new Set<IncidentKind>(['outage', 'burn', 'trickle', 'latency']);
const DAYS = 30;

export function countsRequests(kind: IncidentKind): boolean {
  return COUNTED.has(kind);
}

export function kindWord(kind: IncidentKind, words: Messages): string {
  const known: Record<IncidentKind, string> = {
    outage: words.kindOutage,
    burn: words.kindBurn,
    trickle: words.kindTrickle,
    latency: words.kindLatency,
    silent: words.kindSilent,
    budget: words.kindBudget,
    certificate: words.kindCertificate,
  };
  return known[kind];
}

/** The period of the objective that an incident is about. */
export function periodText({ period, period_days }: IncidentAnswer, words: Messages): string {
  if (period && isCalendar(period)) return lengthWord(period, words);
  return words.incidentDays(String(period_days ?? DAYS));
}

export function severityWord(severity: Severity, words: Messages): string {
  return severity === 'page' ? words.severityPage : words.severityTicket;
}

export function incidentStatusWord(status: IncidentStatus, words: Messages): string {
  return { open: words.isOpen, acknowledged: words.isAcknowledged, resolved: words.isResolved }[status];
}

export function stepWord(what: IncidentStep['what'], words: Messages): string {
  const known: Record<IncidentStep['what'], string> = {
    opened: words.stepOpened,
    escalated: words.stepEscalated,
    acknowledged: words.isAcknowledged,
    resolved: words.isResolved,
    reminder: words.stepReminder,
  };
  return known[what];
}

export function changeWord(what: RouteChange['what'], words: Messages): string {
  return { appeared: words.routeAppeared, vanished: words.routeVanished, changed: words.routeChanged }[what];
}

/** The domain and path, the pod, the certificate or the cluster. */
export function subjectName({ subject, path_prefix, cluster_id }: IncidentAnswer): string {
  if (subject.domain !== null) return `${subject.domain}${path_prefix ?? ''}`;
  return subject.pod ?? subject.certificate ?? cluster_id;
}

/** One sentence. `now` in milliseconds. */
export function sentenceOf(incident: IncidentAnswer, words: Messages, f: Formats, now: number): string {
  const { errors, requests } = incident;
  const counts = [f.count(requests), f.count(errors), f.errorRate(requests ? errors / requests : 0)] as const;
  switch (incident.kind) {
    case 'outage':
      return words.outageSentence(...counts);
    case 'burn':
      return words.burnSentence(...counts);
    case 'trickle':
      return words.trickleSentence(...counts);
    case 'latency':
      return words.latencySentence(...counts, f.number(incident.latency_threshold ?? 0));
    case 'silent':
      return silence(incident, words);
    case 'budget':
      return words.budgetSentence(f.target(incident.threshold ?? 0), periodText(incident, words));
    case 'certificate':
      return expiry(incident, words, f, now);
  }
}

function silence({ subject, cluster_id }: IncidentAnswer, words: Messages): string {
  if (subject.pod !== null) return words.silentPodSentence(subject.pod);
  return subject.domain === null ? words.silentClusterSentence(cluster_id) : words.silentDomainSentence(subject.domain);
}

function expiry(incident: IncidentAnswer, words: Messages, f: Formats, now: number): string {
  const name = incident.subject.certificate ?? '';
  // Where it is over, what was true then is said: it was renewed in time.
  const at = incident.resolved_at === null ? now : Date.parse(incident.resolved_at);
  const expiresAt = incident.expires_at === null ? at : Date.parse(incident.expires_at);
  return expiresAt > at
    ? words.certificateSentence(name, f.moment(expiresAt), f.duration((expiresAt - at) / 1000))
    : words.expiredSentence(name, f.moment(expiresAt));
}

/** How long it lasts or lasted, in seconds. `now` in milliseconds. */
export function lengthOf({ since, resolved_at }: IncidentAnswer, now: number): number {
  return Math.max(0, (resolved_at === null ? now : Date.parse(resolved_at)) - Date.parse(since)) / 1000;
}

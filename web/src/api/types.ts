/** The API's types. Each build generates `schema.d.ts` from the OpenAPI document. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Status = Schemas['DomainReport']['status'];
export type TimeRange = NonNullable<Schemas['DomainsAnswer']['time_range']>;
export type Metrics = Schemas['Metrics'];
export type Target = Schemas['Target'];
export type TargetSource = Target['source'];
export type LatencyObjective = Schemas['LatencyObjective'];
export type LatencyShare = Schemas['LatencyShare'];
export type DomainReport = Schemas['DomainReport'];
export type Burning = NonNullable<DomainReport['burning']>;
export type RouteReport = Schemas['RouteReport'];
export type ServiceReport = Schemas['ServiceReport'];
export type MappedRoute = Schemas['MappedRoute'];
export type RoutesAnswer = Schemas['RoutesAnswer'];
export type DomainsAnswer = Schemas['DomainsAnswer'];
export type DomainAnswer = Schemas['DomainAnswer'];
export type DomainDetail = Schemas['DomainDetail'];
export type RuleFigures = Schemas['RuleFigures'];
export type RouteDetail = Schemas['RouteDetail'];
export type ErrorBudget = Schemas['ErrorBudget'];
export type Change = Schemas['Change'];
export type Point = Schemas['Point'];
export type HistoryAnswer = Schemas['HistoryAnswer'];
export type LatencyAnswer = Schemas['LatencyAnswer'];
export type Bucket = Schemas['Bucket'];
export type BudgetAnswer = Schemas['BudgetAnswer'];
export type Forecast = Schemas['Forecast'];
export type BurnRates = Schemas['BurnRates'];
export type BurnRatesAnswer = Schemas['BurnRatesAnswer'];
export type StatusChange = Schemas['StatusChange'];
export type StatusHistoryAnswer = Schemas['StatusHistoryAnswer'];
export type ClusterAnswer = Schemas['ClusterAnswer'];
export type ClustersAnswer = Schemas['ClustersAnswer'];
export type ObjectiveAnswer = Schemas['ObjectiveAnswer'];
export type ObjectivesAnswer = Schemas['ObjectivesAnswer'];
export type ObjectiveBody = Schemas['ObjectiveBody'];
export type ObjectiveChange = Schemas['ObjectiveChangeAnswer'];
export type ObjectiveChangesAnswer = Schemas['ObjectiveChangesAnswer'];
export type ExclusionAnswer = Schemas['ExclusionAnswer'];
export type ExclusionBody = Schemas['ExclusionBody'];
export type ObjectiveSummary = Schemas['ObjectiveSummary'];
/** The length of an objective's period. */
export type Length = ObjectiveAnswer['period'];
export type Origin = ObjectiveAnswer['origin'];
export type Overview = Schemas['Overview'];
export type StatementAnswer = Schemas['StatementAnswer'];
export type StatementLine = Schemas['StatementLine'];
export type StatementExclusion = Schemas['StatementExclusion'];
/** What an objective promised. */
export type Promised = Schemas['Promise'];
export type Problem = Schemas['Problem'];
export type FieldError = Schemas['FieldError'];
export type TokenAnswer = Schemas['TokenAnswer'];
export type IncidentAnswer = Schemas['IncidentAnswer'];
export type IncidentsAnswer = Schemas['IncidentsAnswer'];
export type IncidentStep = Schemas['IncidentStep'];
export type IncidentKind = IncidentAnswer['kind'];
export type IncidentStatus = IncidentAnswer['status'];
export type Severity = IncidentAnswer['severity'];
export type RouteChange = Schemas['RouteChange'];
export type ChannelAnswer = Schemas['ChannelAnswer'];
/** The schema leaves the settings open, because each kind has its own. */
export type ChannelBody = Omit<Schemas['ChannelBody'], 'settings'> & {
  settings: Readonly<Record<string, string | string[]>> | null;
};
export type ChannelKind = ChannelAnswer['kind'];
export type NotificationsAnswer = Schemas['NotificationsAnswer'];
export type NotificationsBody = Schemas['NotificationsBody'];
export type Rule = Schemas['RuleAnswer'];
export type QuietHours = Schemas['QuietHoursAnswer'];
export type Digest = Schemas['DigestAnswer'];
export type Thresholds = Schemas['ThresholdsAnswer'];
export type MuteAnswer = Schemas['MuteAnswer'];
export type MuteBody = Schemas['MuteBody'];
export type DeliveryAnswer = Schemas['DeliveryAnswer'];
export type ChangeAnswer = Schemas['ChangeAnswer'];

export const TIME_RANGES: readonly TimeRange[] = ['1d', '7d', '30d'];
export const STATUSES: readonly Status[] = [
  'critical',
  'warning',
  'unknown',
  'healthy',
  'no_traffic',
  'not_counted',
  'stale',
];

export const INCIDENT_KINDS: readonly IncidentKind[] = [
  'outage',
  'burn',
  'trickle',
  'latency',
  'silent',
  'budget',
  'certificate',
];
export const INCIDENT_STATUSES: readonly IncidentStatus[] = ['open', 'acknowledged', 'resolved'];
export const SEVERITIES: readonly Severity[] = ['page', 'ticket'];
export const CHANNEL_KINDS: readonly ChannelKind[] = [
  'email',
  'webhook',
  'eventbridge',
  'pagerduty',
  'slack',
  'apprise',
];

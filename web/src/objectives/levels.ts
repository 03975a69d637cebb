/** The levels that objectives and exclusions are set at: all clusters, a cluster, a domain or a route. */
import type { ObjectiveSubject } from '../api/endpoints';
import type { TargetSource } from '../api/types';
import type { Messages } from '../i18n';

export type Level = Exclude<TargetSource, 'preset'>;

/** The most general first. What is set at a level holds before what is set at a more general one. */
export const LEVELS: readonly Level[] = ['all', 'cluster', 'domain', 'route'];
/** Stands for the id of a cluster where all of them are meant. */
export const ALL_CLUSTERS = '*';

/** The level of a subject itself. */
export function levelOf({ cluster, domain, path }: ObjectiveSubject): Level {
  if (cluster === ALL_CLUSTERS) return 'all';
  if (domain === null) return 'cluster';
  return path === null ? 'domain' : 'route';
}

/** The levels that hold for a subject, the most general first. */
export function levelsOf(subject: ObjectiveSubject): Level[] {
  return LEVELS.slice(0, LEVELS.indexOf(levelOf(subject)) + 1);
}

/** What a subject is part of at a level, or the subject itself. */
export function subjectAt(level: Level, { cluster, domain, path }: ObjectiveSubject): ObjectiveSubject {
  return {
    cluster: level === 'all' ? ALL_CLUSTERS : cluster,
    domain: isWide(level) ? null : domain,
    path: level === 'route' ? path : null,
  };
}

/** Whether what is set at a level is for every domain. */
export function isWide(level: Level): boolean {
  return level === 'all' || level === 'cluster';
}

export function levelWord(level: Level, words: Messages): string {
  const known = {
    all: words.levelAll,
    cluster: words.levelCluster,
    domain: words.levelDomain,
    route: words.levelRoute,
  };
  return known[level];
}

/** All clusters, the id of the cluster, or the domain with the path. */
export function subjectName({ cluster, domain, path }: ObjectiveSubject, words: Messages): string {
  if (domain !== null) return `${domain}${path ?? ''}`;
  return cluster === ALL_CLUSTERS ? words.levelAll : cluster;
}

/** The open domains of each cluster, stored in this browser. */
import { computed } from '@preact/signals';
import { expanded } from './preferences';

const byCluster = computed(() => {
  const clusters = new Map<string, Set<string>>();
  for (const key of expanded.value) {
    const [cluster = '', domain = ''] = key.split('/', 2);
    clusters.set(cluster, (clusters.get(cluster) ?? new Set()).add(domain));
  }
  return clusters;
});

const NONE: ReadonlySet<string> = new Set();

export function expandedDomains(cluster: string): ReadonlySet<string> {
  return byCluster.value.get(cluster) ?? NONE;
}

export function toggleExpanded(cluster: string, domain: string): void {
  const key = `${cluster}/${domain}`;
  const keys = new Set(expanded.value);
  if (!keys.delete(key)) keys.add(key);
  expanded.value = keys;
}

/** Open exactly these domains of a cluster. */
export function setAllExpanded(cluster: string, domains: readonly string[]): void {
  const others = [...expanded.value].filter((key) => !key.startsWith(`${cluster}/`));
  expanded.value = new Set([...others, ...domains.map((domain) => `${cluster}/${domain}`)]);
}

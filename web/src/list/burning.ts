/** What burns now: a budget that is spent so fast that an alert fires, whatever the window's status says. */
import type { Burning, DomainReport, DomainsAnswer } from '../api/types';

/** The most severe of a domain and its paths. */
export function burningIn(domain: DomainReport): Burning | null {
  const marks = [domain.burning, ...domain.routes.map((route) => route.burning)];
  return marks.includes('page') ? 'page' : marks.includes('ticket') ? 'ticket' : null;
}

/** How many paths burn in a domain that does not burn as a whole, so that its own row does not say so. */
export function burningPaths(domain: DomainReport): number {
  return domain.burning ? 0 : domain.routes.filter((route) => route.burning).length;
}

/** What burns in a cluster, in one text; empty if nothing does. */
export function whatBurns({ domains }: DomainsAnswer): string {
  const marks = domains.flatMap((domain) => {
    const severity = burningIn(domain);
    return severity ? [`${domain.domain} ${severity}`] : [];
  });
  return marks.sort().join();
}

import type { ComponentChildren } from 'preact';
import type { DomainReport, Overview } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { burningIn } from '../../list/burning';
import { worseRoutes } from '../../list/sort';
import { FlameIcon } from '../icons';

/** Summary cards of the cluster. */
export function Cards({ overview, domains }: { overview: Overview; domains: readonly DomainReport[] }) {
  const words = messages.value;
  const f = format.value;
  const burning = domains.filter(burningIn).length;
  const worse = domains.filter(worseRoutes).length;
  const alerts = overview.warning + overview.critical;
  return (
    <section class="cards" aria-label={words.overview}>
      <Card
        id="domains"
        label={words.cardDomains}
        detail={words.cardDomainsHealthy(f.count(overview.healthy))}
        more={worse > 0 && words.cardWorsePaths(worse)}
      >
        {f.count(overview.total_domains)}
      </Card>
      <Card id="availability" label={words.cardAvailability} detail={words.cardAverageOver}>
        {f.availability(overview.average_availability)}
      </Card>
      <Card id="p95" label={words.cardP95} detail={words.cardP95Over}>
        {f.latency(overview.p95_latency, overview.p95_latency_range?.[1] === null)}
      </Card>
      <Card
        id="requests"
        label={words.cardRequests}
        detail={words.cardRequestsTotal(f.shortCount(overview.total_requests))}
      >
        {f.rate(overview.requests_per_sec)}
      </Card>
      <Card
        id="alerts"
        label={words.cardAlerts}
        detail={words.cardAlertsDetail(f.count(overview.critical), f.count(overview.warning))}
        mark={burning > 0 && words.cardBurning(burning)}
        tone={overview.critical ? 'critical' : overview.warning ? 'warning' : 'healthy'}
      >
        {f.count(alerts)}
      </Card>
    </section>
  );
}

interface CardProps {
  id: string;
  label: string;
  detail: string;
  /** Said after the detail. */
  more?: string | false;
  mark?: string | false;
  tone?: 'critical' | 'warning' | 'healthy';
  children: ComponentChildren;
}

function Card({ id, label, detail, more, mark, tone, children }: CardProps) {
  return (
    <div class={`card ${tone ? `tone-${tone}` : ''}`} data-testid={`card-${id}`}>
      <span class="card-label">{label}</span>
      <strong class="card-value">{children}</strong>
      <span class="card-detail">
        {detail}
        {more && <span data-testid={`card-${id}-more`}>{more}</span>}
        {mark && (
          <span class="card-burning" data-testid="card-burning">
            <FlameIcon isFilled={true} />
            {mark}
          </span>
        )}
      </span>
    </div>
  );
}

import { format } from '../../format';
import { messages } from '../../i18n';
import { said } from '../../i18n/said';
import { ROUTER_LABELS_OPTION } from '../../install/commands';
import { burningPaths } from '../../list/burning';
import type { DomainRow, RouteRow } from '../../list/rows';
import { worseRoutes } from '../../list/sort';
import { ChevronIcon, LinkIcon, LockIcon, OpenLockIcon } from '../icons';
import { sharedNames } from '../shared';

interface DomainNameProps {
  row: DomainRow;
  href: string;
  onToggle: () => void;
}

export function DomainName({ row, href, onToggle }: DomainNameProps) {
  const words = messages.value;
  const { domain } = row;
  const worse = worseRoutes(domain);
  const burning = burningPaths(domain);
  return (
    <div role="gridcell" class="cell cell-name">
      <button
        type="button"
        class="chevron"
        tabIndex={-1}
        aria-label={row.isExpanded ? words.collapse(domain.domain) : words.expand(domain.domain)}
        data-expanded={row.isExpanded}
        onClick={onToggle}
      >
        <ChevronIcon />
      </button>
      <span class="name-lines">
        <span class="name-line">
          <Scheme isTls={domain.tls} />
          <a class="domain-name" href={href} tabIndex={-1}>
            {domain.domain}
          </a>
        </span>
        <span class="sub">
          {domain.domain === '*' && `${words.anyHost} · `}
          {words.paths(domain.routes.length)}
          {burning > 0 && <span class="worse"> · {words.burningPaths(burning)}</span>}
          {worse > 0 && <span class="worse"> · {words.worsePaths(worse)}</span>}
        </span>
      </span>
    </div>
  );
}

export function RouteName({ row, href }: { row: RouteRow; href: string }) {
  const words = messages.value;
  const { route, domain } = row;
  return (
    <div role="gridcell" class="cell cell-name">
      <span class="branch" data-last={row.position === row.size} aria-hidden="true" />
      <span class="name-lines">
        <span class="name-line">
          <a class="route-name" href={href} tabIndex={-1}>
            {route.path_prefix}
          </a>
          {route.shared && (
            <span
              class="tag"
              title={`${words.sharedWith(sharedNames(route, domain.domain))}. ${words.sharedHow} ${ROUTER_LABELS_OPTION}`}
              data-testid="shared"
            >
              <LinkIcon />
              {words.sharedMark}
            </span>
          )}
          {route.not_counted && (
            <span
              class="tag"
              title={`${words.notCountedHow} ${said(route.not_counted).text}`}
              data-testid="not-counted"
            >
              {words.not_counted}
            </span>
          )}
          {route.retired_at && (
            <span class="tag" title={words.retiredSince(format.value.moment(Date.parse(route.retired_at)))}>
              {words.retiredMark}
            </span>
          )}
        </span>
        <span class="sub">
          {route.shared
            ? words.sharedWith(sharedNames(route, domain.domain))
            : `${route.namespace} / ${route.ingress_name}`}
        </span>
      </span>
    </div>
  );
}

export function Scheme({ isTls }: { isTls: boolean }) {
  const words = messages.value;
  const word = isTls ? words.https : words.plainHttp;
  return (
    <span class={isTls ? 'scheme scheme-tls' : 'scheme'} role="img" aria-label={word} title={word} data-testid="scheme">
      {isTls ? <LockIcon /> : <OpenLockIcon />}
    </span>
  );
}

import type { ComponentChildren } from 'preact';
import type { Client } from '../../api/client';
import type { Burning, Metrics, Status, Target, TimeRange } from '../../api/types';
import { messages } from '../../i18n';
import type { Row } from '../../list/rows';
import { openIncidentLink } from '../../state/incidents';
import { formatRoute } from '../../state/route';
import { AvailabilityCell, BudgetCell, ErrorsCell, LatencyCell, RateCell, StatusCell } from './cells';
import { DomainName, RouteName } from './names';
import { detailOf } from './navigation';
import { TrendCell } from './TrendCell';

export interface TreeRowProps {
  client: Client;
  cluster: string;
  range: TimeRange;
  asOf: string;
  bookedUntil: string | null;
  row: Row;
  rowIndex: number;
  top: number;
  height: number;
  isActive: boolean;
  onOpen: () => void;
  onToggle: (domain: string) => void;
  onFocus: () => void;
}

export function TreeRow(props: TreeRowProps) {
  const { row, client, cluster, range, asOf, bookedUntil, onToggle } = props;
  const detail = detailOf(row, cluster, range);
  const href = detail ? formatRoute(detail) : '';
  switch (row.kind) {
    case 'heading':
      return <HeadingRow {...props} />;
    case 'service':
      return (
        <RowFrame {...props} level={1} place={row}>
          <div role="gridcell" class="cell cell-name">
            <span class="route-name">{row.service.service_name || row.service.service_key}</span>
            <span class="sub">{row.service.service_key}</span>
          </div>
          <Figures
            metrics={row.service.current}
            status={null}
            burning={null}
            incident={null}
            target={null}
            budget={null}
          />
          <div role="gridcell" class="cell cell-trend" />
        </RowFrame>
      );
    case 'domain': {
      const { domain } = row;
      return (
        <RowFrame {...props} level={1} place={row} burning={domain.burning} isExpanded={row.isExpanded}>
          <DomainName row={row} href={href} onToggle={() => onToggle(domain.domain)} />
          <Figures
            metrics={domain.summary}
            status={domain.status}
            burning={domain.burning}
            incident={openIncidentLink(cluster, domain.domain)}
            target={domain.targets[range] ?? null}
            budget={domain.error_budget_remaining}
          />
          <TrendCell
            client={client}
            subject={{ cluster, domain: domain.domain, path: null }}
            range={range}
            asOf={asOf}
            bookedUntil={bookedUntil}
            status={domain.status}
            isQuiet={!domain.summary.total_requests}
          />
        </RowFrame>
      );
    }
    case 'route': {
      const { domain, route } = row;
      return (
        <RowFrame {...props} level={2} place={row} burning={route.burning}>
          <RouteName row={row} href={href} />
          <Figures
            metrics={route.current}
            status={route.status}
            burning={route.burning}
            incident={openIncidentLink(cluster, domain.domain, route.path_prefix)}
            target={route.targets[range] ?? null}
            budget={route.error_budget_remaining}
          />
          <TrendCell
            client={client}
            subject={{ cluster, domain: domain.domain, path: route.path_prefix }}
            range={range}
            asOf={asOf}
            bookedUntil={bookedUntil}
            status={route.status}
            isQuiet={!route.current.total_requests}
          />
        </RowFrame>
      );
    }
  }
}

interface FrameProps extends TreeRowProps {
  level: number;
  place: { position: number; size: number };
  burning?: Burning | null;
  isExpanded?: boolean;
  children: ComponentChildren;
}

function RowFrame({
  row,
  rowIndex,
  top,
  height,
  isActive,
  onOpen,
  onFocus,
  level,
  place,
  burning = null,
  isExpanded,
  children,
}: FrameProps) {
  const click = (event: MouseEvent): void => {
    const isControl = event.target instanceof Element && event.target.closest('a, button');
    if (!isControl && !window.getSelection()?.toString()) onOpen();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the treegrid handles the keys of its rows.
    <div
      role="row"
      class={`row row-${row.kind} ${burning ? `row-burning-${burning}` : ''}`}
      style={{ transform: `translateY(${top}px)`, height: `${height}px` }}
      tabIndex={isActive ? 0 : -1}
      aria-rowindex={rowIndex}
      aria-level={level}
      aria-posinset={place.position}
      aria-setsize={place.size}
      aria-expanded={isExpanded}
      data-testid={`row-${row.kind}`}
      data-key={row.key}
      onClick={click}
      onFocusIn={onFocus}
    >
      {children}
    </div>
  );
}

interface FiguresProps {
  metrics: Metrics;
  status: Status | null;
  burning: Burning | null;
  incident: string | null;
  target: Target | null;
  budget: number | null;
}

function Figures({ metrics, status, burning, incident, target, budget }: FiguresProps) {
  return (
    <>
      <StatusCell status={status} burning={burning} incident={incident} />
      <AvailabilityCell metrics={metrics} target={target} />
      <LatencyCell metrics={metrics} target={target} />
      <ErrorsCell metrics={metrics} />
      <RateCell metrics={metrics} />
      {target ? <BudgetCell budget={budget} /> : <div role="gridcell" class="cell cell-budget" />}
    </>
  );
}

function HeadingRow(props: TreeRowProps) {
  const words = messages.value;
  return (
    <RowFrame {...props} level={1} place={{ position: 1, size: 1 }}>
      <div role="gridcell" class="cell heading-cell" data-testid="unattributed">
        <h2>{words.unattributed}</h2>
        <p>{words.unattributedHow}</p>
      </div>
    </RowFrame>
  );
}

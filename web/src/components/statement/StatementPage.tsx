import { useEffect } from 'preact/hooks';
import type { Client } from '../../api/client';
import { statement } from '../../api/statement';
import type { StatementAnswer } from '../../api/types';
import { messages } from '../../i18n';
import { statementMessages } from '../../i18n/statement';
import { go } from '../../state/location';
import { useResource } from '../../state/resource';
import type { StatementRoute } from '../../state/route';
import { closedMonths } from '../../statement/months';
import { Failure } from '../Failure';
import { Select } from '../Field';
import { BackIcon } from '../icons';
import { ListSkeleton } from '../list/ListSkeleton';
import { StatementDetails } from './StatementDetails';
import { StatementTable } from './StatementTable';

/** What each objective promised and reached in a month, to read and to print. */
export function StatementPage({ client, route }: { client: Client; route: StatementRoute }) {
  const words = messages.value;
  const said = statementMessages.value;
  const { cluster } = route;
  const known = closedMonths(Date.now());
  const month = route.month ?? known[0] ?? '';
  const months = known.includes(month) ? known : [month, ...known];
  const { data, error } = useResource(`statement ${JSON.stringify([cluster, month])}`, (signal) =>
    statement(client, cluster, month, signal),
  );
  useEffect(() => {
    document.title = `${words.statement} ${month} · ${cluster} · ${words.product}`;
  }, [cluster, month, words]);
  return (
    <div class="page statement" data-testid="statement">
      <a class="back-link" href={`#/clusters/${encodeURIComponent(cluster)}`}>
        <BackIcon />
        {words.backToList}
      </a>
      <div class="page-head">
        <h1>{`${words.statement} ${month}: ${cluster}`}</h1>
      </div>
      <div class="statement-tools">
        <Select
          label={said.month}
          name="month"
          value={month}
          choices={months.map((each) => [each, each])}
          onChange={(chosen) => go({ ...route, month: chosen })}
        />
        <button type="button" class="button" disabled={!data} data-testid="print" onClick={() => window.print()}>
          {said.print}
        </button>
      </div>
      {data ? <Stated answer={data} /> : error ? <Failure error={error} /> : <ListSkeleton />}
    </div>
  );
}

function Stated({ answer }: { answer: StatementAnswer }) {
  const said = statementMessages.value;
  const { lines } = answer;
  if (!lines.length) return <p data-testid="statement-none">{said.nothing}</p>;
  const count = (isKept: boolean | null): number => lines.filter((line) => line.is_kept === isKept).length;
  return (
    <>
      <p>{said.counts(count(true), count(false), count(null))}</p>
      <StatementTable lines={lines} />
      <p class="hint">{said.basis}</p>
      {lines.map((line) => (
        <StatementDetails key={JSON.stringify([line.domain, line.path_prefix, line.objective.name])} line={line} />
      ))}
    </>
  );
}

import type { DeliveryAnswer } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { resultWord, toldWord } from '../../notifications/words';
import { formatRoute } from '../../state/route';
import { Panel } from '../detail/Panel';
import { Spoken } from '../Spoken';

/** What was told lately, and what became of it. */
export function Deliveries({ deliveries }: { deliveries: readonly DeliveryAnswer[] }) {
  const words = messages.value;
  return (
    <Panel title={words.deliveries} testId="deliveries">
      {deliveries.length ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable block must be focusable by keyboard.
        <div class="table-scroll" tabIndex={0}>
          <table class="delivery-table">
            <thead>
              <tr>
                <th scope="col">{words.time}</th>
                <th scope="col">{words.deliveryChannel}</th>
                <th scope="col">{words.deliveryWhat}</th>
                <th scope="col">{words.deliveryResult}</th>
              </tr>
            </thead>
            <tbody>
              {deliveries.map((delivery) => (
                <Row key={`${delivery.channel} ${delivery.order_id}`} delivery={delivery} />
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="hint">{words.deliveriesNone}</p>
      )}
    </Panel>
  );
}

const TONES = { delivered: 'healthy', retrying: 'neutral', failed: 'critical' } as const;

function Row({ delivery }: { delivery: DeliveryAnswer }) {
  const words = messages.value;
  const f = format.value;
  const { cluster_id: cluster, incident_id: id, status, last_error } = delivery;
  const what = toldWord(delivery.what, words);
  return (
    <tr data-testid="delivery" data-status={status}>
      <td>
        <time dateTime={delivery.first_attempt_at}>{f.moment(Date.parse(delivery.first_attempt_at))}</time>
      </td>
      <td>{delivery.channel}</td>
      <td>
        {cluster !== null && id !== null ? (
          <a class="link" href={formatRoute({ page: 'incident', cluster, id })}>
            {what}
          </a>
        ) : (
          what
        )}
        {cluster !== null && <span class="hint"> · {cluster}</span>}
      </td>
      <td>
        <span class={`health health-${TONES[status]}`}>{resultWord(delivery, words)}</span>
        {status !== 'delivered' && last_error !== null && (
          <p class="hint">
            <Spoken words={{ english: printable(last_error) }} />
          </p>
        )}
      </td>
    </tr>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { DeliveryAnswer } from '../../api/types';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { testOutcome } from '../../notifications/test';
import { refresh } from '../../state/refresh';
import { endIfRejected } from '../../state/session';
import { WhyFailed } from '../Failure';
import { Spoken } from '../Spoken';

type State = { delivery: DeliveryAnswer | null; isOver: boolean } | { failure: Error };

/** Sends a test message, and says what became of it. */
export function TestButton({ client, name }: { client: Client; name: string }) {
  const words = messages.value;
  const [state, setState] = useState<State | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const start = async (): Promise<void> => {
    const own = new AbortController();
    abort.current = own;
    setState({ delivery: null, isOver: false });
    try {
      const delivery = await testOutcome(client, name, own.signal, (seen) =>
        setState({ delivery: seen, isOver: false }),
      );
      setState({ delivery, isOver: true });
      refresh();
    } catch (error) {
      if (own.signal.aborted) return;
      endIfRejected(error);
      setState({ failure: error instanceof Error ? error : new Error(String(error)) });
    }
  };

  const isRunning = state !== null && 'isOver' in state && !state.isOver;
  return (
    <>
      <span class="test-result" role="status" data-testid="test-result">
        {state && <Outcome state={state} />}
      </span>
      <button
        type="button"
        class="button small"
        aria-label={words.testOf(name)}
        disabled={isRunning}
        data-testid="test"
        onClick={() => void start()}
      >
        {words.test}
      </button>
    </>
  );
}

function Outcome({ state }: { state: State }) {
  const words = messages.value;
  if ('failure' in state) return <WhyFailed error={state.failure} within={words.testFailed} />;
  const { delivery, isOver } = state;
  if (!delivery) return <>{isOver ? words.testUnknown : words.testWaiting}</>;
  const { status, last_error } = delivery;
  if (status === 'delivered') return <>{words.testDelivered}</>;
  const hasFailed = status === 'failed';
  if (!hasFailed && !last_error) return <>{words.testWaiting}</>;
  const english = printable(last_error ?? '');
  return <Spoken words={{ english }} within={hasFailed ? words.testFailed : words.testRetrying} />;
}

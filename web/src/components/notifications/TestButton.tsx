import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { DeliveryAnswer } from '../../api/types';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { testOutcome } from '../../notifications/test';
import { refresh } from '../../state/refresh';
import { endIfRejected } from '../../state/session';
import { explainFailure } from '../Failure';

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
        {state && outcomeText(state, words)}
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

function outcomeText(state: State, words: typeof messages.value): string {
  if ('failure' in state) return words.testFailed(explainFailure(state.failure, words));
  const { delivery, isOver } = state;
  if (!delivery) return isOver ? words.testUnknown : words.testWaiting;
  const error = printable(delivery.last_error ?? '');
  if (delivery.status === 'delivered') return words.testDelivered;
  if (delivery.status === 'failed') return words.testFailed(error);
  return error ? words.testRetrying(error) : words.testWaiting;
}

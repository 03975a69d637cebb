import { describe, expect, it } from 'vitest';
import { Latest } from '../src/api/latest';
import { Queue } from '../src/state/queue';

const live = (): AbortSignal => new AbortController().signal;

describe('a queue', () => {
  it('runs only so much at a time, the latest asked for first', async () => {
    const queue = new Queue(1);
    const started: string[] = [];
    let finish = (): void => undefined;
    const first = queue.run(() => new Promise<void>((resolve) => (finish = resolve)), live());
    const others = ['b', 'c'].map((name) =>
      queue.run(async () => {
        started.push(name);
      }, live()),
    );
    expect(started).toEqual([]);
    finish();
    await Promise.all([first, ...others]);
    expect(started).toEqual(['c', 'b']);
  });

  it('does not begin what nobody waits for any more', async () => {
    const queue = new Queue(1);
    let finish = (): void => undefined;
    const first = queue.run(() => new Promise<void>((resolve) => (finish = resolve)), live());
    const abort = new AbortController();
    const left = queue.run(async () => expect.unreachable(), abort.signal);
    abort.abort();
    finish();
    await first;
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('goes on after a failure', async () => {
    const queue = new Queue(1);
    const failed = queue.run(() => Promise.reject(new Error('no')), live());
    const after = queue.run(async () => 'yes', live());
    await expect(failed).rejects.toThrow('no');
    expect(await after).toBe('yes');
  });
});

describe('what is kept', () => {
  it('is so many values, the oldest going first', () => {
    const latest = new Latest<number>(2);
    latest.set('a', 1);
    latest.set('b', 2);
    latest.set('a', 3);
    latest.set('c', 4);
    expect([latest.get('a'), latest.get('b'), latest.get('c')]).toEqual([3, undefined, 4]);
  });
});

/** A queue with limited concurrency. The latest job runs first, because it is for a visible row. */

export class Queue {
  readonly #most: number;
  #running = 0;
  #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Rejects with the signal's reason if it is aborted before the job starts. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = (): void => {
        if (signal.aborted) {
          reject(signal.reason);
          this.#next();
          return;
        }
        this.#running += 1;
        work()
          .then(resolve, reject)
          .finally(() => {
            this.#running -= 1;
            this.#next();
          });
      };
      if (this.#running < this.#most) start();
      else this.#waiting.push(start);
    });
  }

  #next(): void {
    if (this.#running < this.#most) this.#waiting.pop()?.();
  }
}

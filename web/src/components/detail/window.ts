import type { HistoryAnswer } from '../../api/types';
import { observedWindow } from '../../charts/observed';

/** What to draw of a history: all of its window, but for the time before anything was seen. */
export function drawnWindow(answer: HistoryAnswer): { from: number; to: number } | null {
  const window = unixWindow(answer.window);
  return window && observedWindow(window, answer.points);
}

/** A window of the API in Unix seconds. */
export function unixWindow(window: { from: string; to: string } | null): { from: number; to: number } | null {
  return window && { from: Date.parse(window.from) / 1000, to: Date.parse(window.to) / 1000 };
}

import type { HistoryAnswer } from '../../api/types';
import { observedWindow } from '../../charts/observed';

/** The part of a history to draw: its window without the time before the first data. */
export function drawnWindow(answer: HistoryAnswer): { from: number; to: number } | null {
  const window = unixWindow(answer.window);
  return window && observedWindow(window, answer.points);
}

/** The API's window in Unix seconds. */
export function unixWindow(window: { from: string; to: string } | null): { from: number; to: number } | null {
  return window && { from: Date.parse(window.from) / 1000, to: Date.parse(window.to) / 1000 };
}

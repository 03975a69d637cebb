/** Short messages about the last action, with an undo. */
import { signal } from '@preact/signals';
import type { Messages } from '../i18n';

export interface Toast {
  id: number;
  text: (words: Messages) => string;
  undo: (() => Promise<void>) | null;
}

const SHOWN_MILLISECONDS = 12_000;

export const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

export function toast(text: Toast['text'], undo: Toast['undo'] = null): void {
  lastId += 1;
  const id = lastId;
  toasts.value = [...toasts.value, { id, text, undo }];
  setTimeout(() => dismiss(id), SHOWN_MILLISECONDS);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

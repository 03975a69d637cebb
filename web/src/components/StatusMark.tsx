import type { Status } from '../api/types';
import { messages, statusWord } from '../i18n';

/** A status as colour, shape and word. Without the visible word, the name is for screen readers. */
export function StatusMark({ status, withWord = true }: { status: Status; withWord?: boolean }) {
  const word = statusWord(status, messages.value);
  return (
    <span class={`status status-${status}`} data-testid="status" data-status={status}>
      <StatusShape status={status} />
      <span class={withWord ? 'status-word' : 'visually-hidden'}>{word}</span>
    </span>
  );
}

/** A disc, a triangle, an octagon, a ring, a crossed ring and a clock, so that statuses differ without colour. */
export function StatusShape({ status }: { status: Status }) {
  return (
    <svg
      class={`status-shape status-${status}`}
      width="14"
      height="14"
      viewBox="0 0 14 14"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[status]}
    </svg>
  );
}

const SHAPES = {
  healthy: (
    <>
      <circle class="shape-fill" cx="7" cy="7" r="6.5" />
      <path class="shape-line" d="m4.2 7.2 2 2 3.7-4.2" />
    </>
  ),
  warning: (
    <>
      <path class="shape-fill" d="M7 .8 13.7 12.6H.3z" />
      <path class="shape-line" d="M7 5.2v3.2M7 10.5v.01" />
    </>
  ),
  critical: (
    <>
      <path class="shape-fill" d="M4.3.500h5.4l3.8 3.8v5.4l-3.8 3.8H4.3L.5 9.7V4.3z" />
      <path class="shape-line" d="m4.8 4.8 4.4 4.4M9.2 4.8 4.8 9.2" />
    </>
  ),
  unknown: (
    <>
      <circle class="shape-ring" cx="7" cy="7" r="5.5" />
      <path class="shape-ring" d="M5.2 5.6a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.6-.8 1.2M7 10.4v.01" />
    </>
  ),
  no_traffic: <circle class="shape-ring" cx="7" cy="7" r="5.5" />,
  not_counted: (
    <>
      <circle class="shape-ring" cx="7" cy="7" r="5.5" />
      <path class="shape-ring" d="m3.2 10.8 7.6-7.6" />
    </>
  ),
  stale: (
    <>
      <circle class="shape-ring shape-dashed" cx="7" cy="7" r="5.5" />
      <path class="shape-ring" d="M7 4v3.2l2 1.3" />
    </>
  ),
} as const;

/** What a chart over time shows, whoever draws it. */
import type { Mark } from './marks';

export interface Line {
  label: string;
  values: (number | null)[];
}

export interface ChartContent {
  /** Unix seconds, ascending. */
  times: number[];
  lines: Line[];
  /** Drawn as a dashed line across. */
  target: number | null;
  /** What the target was until it changed: each from a time on in Unix seconds, null from before all. */
  targets?: readonly { since: number | null; value: number | null }[] | undefined;
  /** From where to where the vertical axis goes. */
  range: [number, number];
  /** The window that is shown, which may be wider than what was seen. */
  window: { from: number; to: number } | null;
  text: (value: number) => string;
  /** Text of the axis, where it can be shorter. */
  axisText?: (value: number) => string;
  gapText: string;
  /** Points to mark, with what to say of them. */
  marks?: readonly Mark[];
}

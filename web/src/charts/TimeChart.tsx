import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { locale, zone } from '../format';
import { appearance } from '../state/appearance';
import type { ChartContent } from './content';
import { optionsOf } from './options';

interface Props extends ChartContent {
  label: string;
  /** In words what the chart shows, for those who do not see it. */
  summary: string;
  height?: number;
  onZoom?: (from: number, to: number) => void;
}

const HEIGHT_PIXELS = 180;

/**
 * Lines over time. Drawn on a canvas; the arrow keys move along it, what they point at is said, and + zooms in there.
 * The cursor stays where it is when the chart is drawn again.
 */
export function TimeChart({ label, summary, height = HEIGHT_PIXELS, onZoom, ...content }: Props) {
  const root = useRef<HTMLDivElement | null>(null);
  const plot = useRef<uPlot | null>(null);
  /** Where the cursor was when the chart was last drawn, as its time in Unix seconds. */
  const pointedAt = useRef<number | null>(null);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const drawnFor = `${appearance.value} ${locale.value} ${zone.value}`;

  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const size = { width: element.clientWidth, height };
    const options = optionsOf(content, element, (from, to) => zoom.current?.(from, to));
    const hooks = { ...options.hooks, ready: [(drawn: uPlot) => pointAt(drawn, pointedAt.current)] };
    const chart = new uPlot(
      { ...options, ...size, hooks },
      [content.times, ...content.lines.map((line) => line.values)],
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      pointedAt.current = content.times[chart.cursor.idx ?? -1] ?? null;
      chart.destroy();
      plot.current = null;
    };
  }, [content.times, content.lines, content.target, content.targets, content.marks, height, drawnFor]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const chart = plot.current;
    if (!chart) return;
    if (event.key === '+') zoomAround(chart, zoom.current);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const last = content.times.length - 1;
    const index = Math.min(last, Math.max(0, (chart.cursor.idx ?? (step > 0 ? -1 : last + 1)) + step));
    pointAt(chart, content.times[index] ?? 0);
  };

  return (
    <div
      class="time-chart"
      ref={root}
      role="img"
      aria-label={`${label}. ${summary}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move along the chart.
      tabIndex={0}
      onKeyDown={onKeyDown}
    />
  );
}

/** Moves the cursor to a time in Unix seconds. Without one, or if the chart no longer shows it, nothing moves. */
function pointAt(chart: uPlot, time: number | null): void {
  const { min, max } = chart.scales.x ?? {};
  if (time === null || time < (min ?? time) || time > (max ?? time)) return;
  chart.setCursor({ left: chart.valToPos(time, 'x'), top: 0 });
}

/** The half of the window around the point that the keys are at. */
function zoomAround(chart: uPlot, zoom: Props['onZoom']): void {
  const { min, max } = chart.scales.x ?? {};
  const { left = -1 } = chart.cursor;
  if (!zoom || left < 0 || min === null || min === undefined || max === null || max === undefined) return;
  const [middle, quarter] = [chart.posToVal(left, 'x'), (max - min) / 4];
  zoom(Math.floor(Math.max(min, middle - quarter)), Math.ceil(Math.min(max, middle + quarter)));
}

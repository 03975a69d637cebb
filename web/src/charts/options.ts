/** How uPlot is to draw: our colours, our time axis, gaps as gaps, a tooltip, and a drag that zooms. */
import type uPlot from 'uplot';
import { locale, zone } from '../format';
import { tickLabel, timeTicks } from './axis';
import type { ChartContent } from './content';
import { drawMarks } from './marks';
import { isolated } from './series';
import { tooltip } from './tooltip';

const PIXELS_A_TICK = 88;
const SYNC = 'ingress-slo';
const AXIS_FONT = '12px system-ui, sans-serif';

export function optionsOf(
  content: ChartContent,
  root: HTMLElement,
  onZoom: (from: number, to: number) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(root);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const { window } = content;
  const axisText = content.axisText ?? content.text;
  return {
    padding: [12, 10, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: SYNC, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, fill: color('series') },
      y: false,
    },
    scales: {
      x: window ? { time: true, range: () => [window.from, window.to] } : { time: true },
      y: { range: () => content.range },
    },
    axes: [
      {
        stroke: color('text-muted'),
        font: AXIS_FONT,
        size: 30,
        grid: { show: false },
        ticks: { stroke: color('border'), width: 1, size: 4 },
        splits: (plot, _, from, to) => ticksOf(plot, from, to).at,
        values: (plot, splits) => {
          const { min = 0, max = 1 } = plot.scales.x ?? {};
          const { step } = ticksOf(plot, min ?? 0, max ?? 1);
          return splits.map((at) => tickLabel(at, step, locale.value, zone.value));
        },
      },
      {
        stroke: color('text-muted'),
        font: AXIS_FONT,
        size: 62,
        grid: { stroke: color('border'), width: 1 },
        ticks: { show: false },
        values: (_, splits) => splits.map(axisText),
      },
    ],
    series: [
      {},
      ...content.lines.map(
        (line): uPlot.Series => ({
          label: line.label,
          stroke: color('series'),
          width: 1.6,
          fill: color('series-soft'),
          fillTo: content.range[0],
          spanGaps: false,
          points: { show: true, size: 5, fill: color('series'), filter: () => isolated(line.values) },
        }),
      ),
    ],
    hooks: {
      drawClear: [(plot) => drawMarks(plot, content.marks ?? [], color('text-muted'))],
      draw: [(plot) => drawTarget(plot, content, color('text-muted'))],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 3) return;
          const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onZoom(Math.floor(from), Math.ceil(to));
        },
      ],
    },
    plugins: [tooltip(content, root)],
  };
}

function ticksOf(plot: uPlot, from: number, to: number): ReturnType<typeof timeTicks> {
  return timeTicks(from, to, plot.over.clientWidth / PIXELS_A_TICK, zone.value);
}

/** A dashed line across, with a step where the target changed. */
function drawTarget(plot: uPlot, { target, targets, range }: ChartContent, stroke: string): void {
  const { ctx, bbox } = plot;
  const steps = targets ?? [{ since: null, value: target }];
  const [left, right] = [bbox.left, bbox.left + bbox.width];
  const place = (at: number | null | undefined, none: number): number =>
    at === null || at === undefined ? none : Math.min(right, Math.max(left, plot.valToPos(at, 'x', true)));
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  steps.forEach(({ since, value }, index) => {
    if (value === null || value < range[0] || value > range[1]) return;
    const y = Math.round(plot.valToPos(value, 'y', true));
    ctx.moveTo(place(since, left), y);
    ctx.lineTo(place(steps[index + 1]?.since, right), y);
  });
  ctx.stroke();
  ctx.restore();
}

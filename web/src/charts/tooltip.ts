/** What a chart says of the point under the pointer or the keys. */
import type uPlot from 'uplot';
import { format } from '../format';
import type { ChartContent } from './content';
import { marksAt } from './marks';

const GAP_PIXELS = 12;

/** All charts share a cursor, but only the one that is pointed at, or has the focus, speaks. */
export function tooltip(content: ChartContent, root: HTMLElement): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'chart-tooltip';
  box.setAttribute('role', 'status');
  box.hidden = true;
  return {
    hooks: {
      init: (plot) => {
        plot.over.append(box);
      },
      setCursor: (plot) => {
        const { left = -1, idx } = plot.cursor;
        const isOurs = root.matches(':hover') || document.activeElement === root;
        box.hidden = !isOurs || left < 0 || idx === null || idx === undefined;
        if (box.hidden || idx === null || idx === undefined) return;
        box.replaceChildren(...linesOf(content, idx), ...marksOf(plot, content, left));
        place(box, plot, left);
      },
    },
  };
}

function linesOf(content: ChartContent, index: number): HTMLElement[] {
  const time = document.createElement('span');
  time.textContent = format.value.moment((content.times[index] ?? 0) * 1000);
  const values = content.lines.flatMap(({ label, values }) => {
    const value = values[index] ?? null;
    if (value === null && content.lines.some((line) => (line.values[index] ?? null) !== null)) return [];
    const line = document.createElement('strong');
    line.textContent = value === null ? content.gapText : `${label} ${content.text(value)}`;
    return [line];
  });
  return [time, ...values];
}

function marksOf(plot: uPlot, { marks = [] }: ChartContent, left: number): HTMLElement[] {
  return marksAt(plot, marks, left).map(({ text }) => {
    const line = document.createElement('span');
    line.className = 'tooltip-mark';
    line.textContent = text;
    return line;
  });
}

function place(box: HTMLElement, plot: uPlot, left: number): void {
  const room = plot.over.clientWidth;
  const fits = left + GAP_PIXELS + box.offsetWidth <= room;
  const x = fits ? left + GAP_PIXELS : Math.max(0, left - GAP_PIXELS - box.offsetWidth);
  box.style.transform = `translate(${Math.round(x)}px, 4px)`;
}

/** Marks points on a time axis with a hatched band: by pattern, not by colour alone. */
import type uPlot from 'uplot';

export interface Mark {
  /** Unix seconds. */
  from: number;
  to: number;
  text: string;
  /** Whether it is a stretch of time to see the line through, and not a point. */
  isStretch?: boolean;
  /** Whether it is a moment, which is drawn as a line; `from` and `to` are the same. */
  isMoment?: boolean;
}

const LEAST_PIXELS = 8;
const HATCH_PIXELS = 4;
const STRETCH_HATCH_PIXELS = 11;
const STRETCH_ALPHA = 0.4;

/** The marks whose bands cover a place on the axis, in CSS pixels. */
export function marksAt(plot: uPlot, marks: readonly Mark[], left: number): Mark[] {
  return marks.filter((mark) => {
    const [start, end] = bandOf(plot, mark, 1);
    return start <= left && left <= end;
  });
}

/** Draws the bands beneath the lines. */
export function drawMarks(plot: uPlot, marks: readonly Mark[], color: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  for (const mark of marks) {
    if (mark.isMoment) {
      drawMoment(ctx, Math.round(bbox.left + plot.valToPos(mark.from, 'x') * devicePixelRatio), bbox);
      continue;
    }
    const [start, end] = bandOf(plot, mark, devicePixelRatio).map((x) => Math.round(bbox.left + x));
    ctx.globalAlpha = mark.isStretch ? STRETCH_ALPHA : 1;
    const hatch = (mark.isStretch ? STRETCH_HATCH_PIXELS : HATCH_PIXELS) * devicePixelRatio;
    if (start !== undefined && end !== undefined)
      drawBand(ctx, hatch, [start, end], [bbox.top, bbox.top + bbox.height]);
  }
  ctx.restore();
}

/** A dash-dotted line from top to bottom. */
function drawMoment(ctx: CanvasRenderingContext2D, x: number, { top, height }: uPlot.BBox): void {
  ctx.save();
  ctx.globalAlpha = 1;
  ctx.setLineDash([6, 2, 1, 2].map((pixels) => pixels * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.restore();
}

function drawBand(
  ctx: CanvasRenderingContext2D,
  hatch: number,
  [start, end]: [number, number],
  [top, bottom]: [number, number],
): void {
  const width = end - start;
  ctx.save();
  ctx.beginPath();
  ctx.rect(start, top, width, bottom - top);
  ctx.clip();
  ctx.beginPath();
  for (let y = top - width; y < bottom + width; y += hatch) {
    ctx.moveTo(start, y + width);
    ctx.lineTo(end, y);
  }
  ctx.stroke();
  ctx.restore();
  ctx.strokeRect(start + 0.5, top - devicePixelRatio, width, bottom - top + 2 * devicePixelRatio);
}

/** Where a band begins and ends, from the left of the plot. A short one is as wide as can be seen. */
function bandOf(plot: uPlot, { from, to }: Mark, ratio: number): [number, number] {
  const [start, end] = [plot.valToPos(from, 'x') * ratio, plot.valToPos(to, 'x') * ratio];
  const [middle, half] = [(start + end) / 2, Math.max((end - start) / 2, (LEAST_PIXELS / 2) * ratio)];
  return [middle - half, middle + half];
}

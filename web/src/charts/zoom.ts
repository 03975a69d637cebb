/** What a drag over a chart asks for: whole points, and enough of them to draw a line. */

const FEWEST_POINTS = 3;
/** The API has no finer points. */
const FINEST_SECONDS = 300;

/** Unix seconds; `pointSeconds` is the width of what is drawn now, which a narrower window may have finer. */
export function zoomTo(from: number, to: number, pointSeconds: number): { from: number; to: number } {
  const step = Math.min(pointSeconds, FINEST_SECONDS);
  const missing = Math.max(0, FEWEST_POINTS * step - (to - from));
  return {
    from: Math.floor((from - missing / 2) / step) * step,
    to: Math.ceil((to + missing / 2) / step) * step,
  };
}

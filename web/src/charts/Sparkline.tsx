import type { SparkPoint } from './spark';

const WIDTH = 112;
const HEIGHT = 28;
const BASE = HEIGHT - 5;

interface Props {
  points: readonly SparkPoint[];
  label: string;
}

/** Requests as an area with gaps as gaps; a tick below marks each time under target. */
export function Sparkline({ points, label }: Props) {
  const most = Math.max(...points.map((point) => point.rate ?? 0), Number.MIN_VALUE);
  const step = WIDTH / points.length;
  const x = (index: number): number => round((index + 0.5) * step);
  const y = (rate: number): number => round(BASE - 1 - (rate / most) * (BASE - 3));
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
      {runs(points).map((run) => {
        const line = run.map(({ index, rate }) => `${x(index)} ${y(rate)}`).join('L');
        const [first, last] = [run[0]?.index ?? 0, run.at(-1)?.index ?? 0];
        const [left, right] = run.length === 1 ? [x(first) - step / 2, x(last) + step / 2] : [x(first), x(last)];
        return (
          <g key={first}>
            <path class="spark-area" d={`M${round(left)} ${BASE}L${line}L${round(right)} ${BASE}Z`} />
            <path class="spark-line" d={`M${line}`} />
          </g>
        );
      })}
      {points.map((point, index) =>
        point.isBelow ? (
          <rect
            key={index}
            class="spark-below"
            x={round(index * step)}
            y={HEIGHT - 3}
            width={round(Math.max(step, 2))}
            height={3}
          />
        ) : null,
      )}
    </svg>
  );
}

interface Seen {
  index: number;
  rate: number;
}

/** The stretches without a gap. */
function runs(points: readonly SparkPoint[]): Seen[][] {
  const found: Seen[][] = [];
  points.forEach(({ rate }, index) => {
    if (rate === null) return;
    const last = found.at(-1);
    if (last && last.at(-1)?.index === index - 1) last.push({ index, rate });
    else found.push([{ index, rate }]);
  });
  return found;
}

const round = (value: number): number => Math.round(value * 10) / 10;

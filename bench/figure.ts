/** The result of a benchmark: a value of daruma, compared with a peer, with a budget. */

/** A measured value. A figure without a budget is only information. */
export interface Figure {
  /** What was measured, such as `explain --json, 1000 files: time`. */
  readonly what: string;
  readonly unit: 'ms' | 'MB' | 'requests';
  readonly ours: number;
  /** The peer that was measured in the same run; undefined when only the value itself has a budget. */
  readonly peer: { readonly name: string; readonly value: number } | undefined;
  /** The limit of the ratio ours : peer, or of the value itself. */
  readonly budget: { readonly ratio: number } | { readonly value: number } | undefined;
}

/** The ratio ours : peer; undefined without a peer, and where that has nothing. */
function ratio({ ours, peer }: Figure): number | undefined {
  return peer === undefined || peer.value === 0 ? undefined : ours / peer.value;
}

/** Whether a figure exceeds its budget. */
export function isOver(figure: Figure): boolean {
  const { ours, budget } = figure;
  if (budget === undefined) return false;
  return 'value' in budget ? ours > budget.value : (ratio(figure) ?? ours) > budget.ratio;
}

/** A figure as one line: what, ours, peer, ratio, budget, verdict. */
export function figureLine(figure: Figure): string {
  const { what, unit, ours, peer, budget } = figure;
  const times = ratio(figure);
  return [
    what.padEnd(46),
    value(ours, unit).padStart(10),
    (peer === undefined ? '-' : `${value(peer.value, unit)} ${peer.name}`).padEnd(36),
    (times === undefined ? '-' : `${times.toFixed(2)}x`).padStart(6),
    (budget === undefined
      ? '-'
      : `<= ${'value' in budget ? value(budget.value, unit) : `${budget.ratio}x`}`
    ).padEnd(10),
    budget === undefined ? '-' : isOver(figure) ? 'OVER' : 'ok',
  ].join('  ');
}

function value(number: number, unit: Figure['unit']): string {
  return unit === 'requests' ? String(number) : `${number.toFixed(number < 100 ? 1 : 0)} ${unit}`;
}

/** Measures `daruma --version` against a Node that does nothing. */
import { darumas } from './daruma.ts';
import type { Figure } from './figure.ts';
import { medianTimes } from './measure.ts';

const repetitions = 40;
const peer = { name: 'node -e 0', argv: [process.execPath, '-e', '0'] };

/** Median wall times of `daruma --version`, from the checkout and from the build. */
export async function* startupFigures(): AsyncIterable<Figure> {
  const ours = darumas().map(({ from, argv }) => ({
    name: `daruma --version (${from})`,
    argv: [...argv, '--version'],
    // Node strips the types of a checkout at every start, so the budget applies to the build only.
    budget: from === 'build' ? 2 : undefined,
  }));
  const [bare = 0, ...times] = medianTimes([peer, ...ours], repetitions);
  for (const [index, milliseconds] of times.entries()) {
    yield {
      what: ours[index]?.name ?? '',
      unit: 'ms',
      ours: milliseconds,
      peer: { name: peer.name, value: bare },
      budget: ours[index]?.budget,
    };
  }
}

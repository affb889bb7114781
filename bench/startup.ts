/** Measures the shortest commands against a Node that does nothing. */
import { join } from 'node:path';
import { darumas } from './daruma.ts';
import type { Figure } from './figure.ts';
import { medianTimes } from './measure.ts';

const repetitions = 40;
const peer = { name: 'node -e 0', argv: [process.execPath, '-e', '0'] };

const unit = 'examples/neko/home/azureuser/.config/systemd/user/litellm.service';
const path = join(import.meta.dirname, '..', unit);

const measured = [
  { what: '--version', args: ['--version'], budget: { ratio: 2 } },
  { what: 'status FILE', args: ['status', path], budget: { ratio: 4 } },
  { what: 'check FILE', args: ['check', path], budget: { ratio: 4 } },
] as const;

/** Median wall times of `daruma --version`, and of `status` and `check` of one file, from the checkout and from the build. */
export async function* startupFigures(): AsyncIterable<Figure> {
  const ours = measured.flatMap(({ what, args, budget }) =>
    darumas().map(({ from, argv }) => ({
      name: `daruma ${what} (${from})`,
      argv: [...argv, ...args],
      // Node strips the types of a checkout at every start, so the budget applies to the build only.
      budget: from === 'build' ? budget : undefined,
    })),
  );
  // The file has a fault, so that check ends with 1.
  const [bare = 0, ...times] = medianTimes([peer, ...ours], repetitions, [0, 1]);
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

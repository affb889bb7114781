/** What the front costs while nothing is wrong: the time that it adds to a request, and its memory. */
import type { Host } from '../../lab/host.ts';
import { keyOf, must, user } from '../../test/failover/machine.ts';
import type { Figure } from '../figure.ts';
import { addCaddy, caddyPort } from './peers.ts';
import { addFront, frontPort, litellmPort, withTwoMachines } from './two-machines.ts';

/** Beside Caddy. */
export function latencyFigures(): AsyncIterable<Figure> {
  return withTwoMachines(async function* measure(neko) {
    await addFront(neko);
    await addCaddy(neko);
    yield* figuresOf(neko);
  });
}

async function* figuresOf(host: Host): AsyncIterable<Figure> {
  const argv = ['node', '/opt/daruma/bench/failover/by-turns.ts', keyOf(host.name), '1000'];
  const ports = [litellmPort, frontPort, caddyPort].map(String);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a script of our own
  const times = JSON.parse(await must(host, [...argv, ...ports], user)) as readonly (readonly number[])[];
  const [direct = [], front = [], caddy = []] = times;
  const added = (own: readonly number[], share: number) => quantile(own, share) - quantile(direct, share);
  for (const [name, share, budget] of [
    ['p50', 0.5, { value: 1 }],
    ['p99', 0.99, undefined],
  ] as const) {
    yield {
      what: `added to a request of ${quantile(direct, share).toFixed(1)} ms, ${name}`,
      unit: 'ms',
      ours: added(front, share),
      peer: { name: 'Caddy', value: added(caddy, share) },
      budget,
    };
  }
  yield {
    what: 'memory',
    unit: 'MB',
    ours: await megabytesOf(host, `systemctl --user -M ${user}@ show --value -p MainPID daruma-front`),
    peer: {
      name: 'Caddy',
      value: await megabytesOf(host, 'systemctl show --value -p MainPID caddy-front'),
    },
    budget: undefined,
  };
}

/** Proportional set size of a process and its children, in 10^6 bytes: see proc_pid_smaps(5). @param mainPid command that prints its pid */
async function megabytesOf(host: Host, mainPid: string): Promise<number> {
  const script = `main=$(${mainPid}); for pid in $main $(pgrep -P $main); do grep ^Pss: /proc/$pid/smaps_rollup; done`;
  const shown = await must(host, ['sh', '-c', script]);
  const kilobytes = Array.from(shown.matchAll(/^Pss:\s+(\d+) kB$/gm), ([, number]) => Number(number));
  return (kilobytes.reduce((sum, each) => sum + each, 0) * 1024) / 1e6;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

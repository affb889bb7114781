/**
 * What is lost, and how long the slowest answer takes, when a machine's LiteLLM or its upstream fails under load: through the front,
 * and through what could stand in its place. Two hosts of the lab with the programs as they are published, and TLS between them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../lab/host.ts';
import { askFor } from '../../test/failover/front/load-on-host.ts';
import type { LoadResult } from '../../test/failover/front/load.ts';
import { completionsAsked, keyOf, must, startLitellm, user } from '../../test/failover/machine.ts';
import type { Figure } from '../figure.ts';
import { type Fall, falls, setUpstream } from './falls.ts';
import { addCaddy, answers, caddyPort, makeRouters } from './peers.ts';
import { addFront, frontPort, withTwoMachines } from './two-machines.ts';

const litellmPort = 4000;
/** Seconds from the first request to the fall. */
const leadSeconds = 2;

/** Requests through the front, Caddy, LiteLLM's own router, and without any of them. */
export function failoverFigures(): AsyncIterable<Figure> {
  return withTwoMachines(async function* measure(neko, kuma) {
    await addFront(neko);
    await addCaddy(neko);
    yield* latencyFigures(neko);
    const through = new Map<Fall, LoadResult>();
    for (const fall of Object.values(falls)) {
      const direct = await askedThrough(neko, litellmPort, fall);
      const front = await askedThrough(neko, frontPort, fall);
      const caddy = await askedThrough(neko, caddyPort, fall);
      through.set(fall, front);
      yield* lossFigures(fall, front, [
        { name: 'asked directly', result: direct },
        { name: 'Caddy', result: caddy },
      ]);
    }
    yield* stallFigures(neko);
    const hosts = [neko, kuma];
    const askedByFront = await askedWithBothDown(hosts, frontPort);
    await makeRouters(hosts);
    for (const [fall, front] of through) {
      const result = await askedThrough(neko, litellmPort, fall);
      yield* lossFigures(fall, front, [{ name: "LiteLLM's router", result }]);
    }
    yield {
      what: `both upstreams down, ${questions} questions: upstream requests`,
      unit: 'requests',
      ours: askedByFront,
      peer: { name: "LiteLLM's router", value: await askedWithBothDown(hosts, litellmPort) },
      budget: { value: questions * 2 * hosts.length },
    };
  });
}

async function* latencyFigures(host: Host): AsyncIterable<Figure> {
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

/** What is asked through a port while that happens; afterwards all is as before. */
async function askedThrough(host: Host, port: number, { count, begin, end }: Fall): Promise<LoadResult> {
  const asking = askFor(host, { port, count });
  await sleep(leadSeconds * 1000);
  await begin(host);
  const result = await asking;
  await end(host);
  await startLitellm(host);
  await answers(host, port);
  // Connections that a fall has left half open are closed by then, and checks have seen LiteLLM often enough.
  await sleep(16_000);
  return result;
}

interface Peer {
  readonly name: string;
  readonly result: LoadResult;
}

/** Budgets are those of the architecture: a peer has none. */
function* lossFigures(fall: Fall, front: LoadResult, peers: readonly Peer[]): Iterable<Figure> {
  for (const { name, result } of peers) {
    yield {
      what: `${fall.what}: lost of ${fall.count}`,
      unit: 'requests',
      ours: lostOf(front),
      peer: { name, value: lostOf(result) },
      budget: { value: 0 },
    };
    yield {
      what: `${fall.what}: slowest answer`,
      unit: 'ms',
      ours: front.slowest,
      peer: { name, value: result.slowest },
      budget: fall === falls.stop ? { value: 300 } : fall === falls.hang ? { value: 20_000 } : undefined,
    };
    if (fall === falls.hang) {
      const later = ({ slowestOfSecond }: LoadResult) =>
        Math.max(0, ...slowestOfSecond.slice(leadSeconds + 3));
      yield {
        what: `${fall.what}: slowest, asked 3 s after it or later`,
        unit: 'ms',
        ours: later(front),
        peer: { name, value: later(result) },
        budget: { value: 300 },
      };
    }
  }
}

function lostOf({ lost }: LoadResult): number {
  return Object.values(lost).reduce((sum, each) => sum + each, 0);
}

/** A LiteLLM that answers nothing for a while, as its event loop does at times, and then goes on. */
async function* stallFigures(host: Host): AsyncIterable<Figure> {
  for (const seconds of [1, 2.5, 5, 10]) {
    const cut = async (port: number) => {
      const asking = askFor(host, { port, count: 5, perSecond: 5, pieces: 80 });
      await sleep(4_000);
      await falls.hang.begin(host);
      await sleep(seconds * 1000);
      await falls.hang.end(host);
      return lostOf(await asking);
    };
    yield {
      what: `LiteLLM stalls for ${seconds} s under 5 streams: cut`,
      unit: 'requests',
      ours: await cut(frontPort),
      peer: { name: 'Caddy', value: await cut(caddyPort) },
      budget: { value: 0 },
    };
    await answers(host, frontPort);
    await sleep(5_000);
  }
}

const questions = 5;

/** How many requests the upstreams get for a few questions that nobody can answer. */
async function askedWithBothDown(hosts: readonly Host[], port: number): Promise<number> {
  const asked = () => hosts.reduce((sum, host) => sum + completionsAsked(host), 0);
  const before = asked();
  const [first] = hosts;
  if (first === undefined) return 0;
  for (const host of hosts) await setUpstream(host, 'down');
  await askFor(first, { port, count: questions, perSecond: 0.2 });
  for (const host of hosts) await setUpstream(host, 'up');
  return asked() - before;
}

/**
 * What is lost, and how long the slowest answer takes, when a machine's LiteLLM or its upstream fails under load: through the front,
 * and through what could stand in its place. Two hosts of the lab with the programs as they are published, and TLS between them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../lab/host.ts';
import { askFor } from '../../test/failover/front/load-on-host.ts';
import type { LoadResult } from '../../test/failover/front/load.ts';
import { completionsAsked, setUpstream, startLitellm } from '../../test/failover/machine.ts';
import type { Figure } from '../figure.ts';
import { type Fall, falls } from './falls.ts';
import { addCaddy, caddyPort, leadsToLiving, makeRouters } from './peers.ts';
import { addFront, frontPort, litellmPort, withTwoMachines } from './two-machines.ts';

/** Requests through the front, Caddy, LiteLLM's own router, and without any of them. */
export function failoverFigures(): AsyncIterable<Figure> {
  return withTwoMachines(async function* measure(neko, kuma) {
    await addFront(neko);
    await addCaddy(neko);
    await warmUp(kuma, litellmPort);
    const through = new Map<Fall, FallResult>();
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

/** What is asked through a port while that happens; afterwards all is as before. */
async function askedThrough(
  host: Host,
  port: number,
  { what, count, begin, end }: Fall,
): Promise<FallResult> {
  await warmUp(host, port);
  const asking = askFor(host, { port, count });
  await sleep(2_000);
  const fallsAt = Date.now();
  const [result] = await Promise.all([asking, begin(host)]);
  await end(host);
  await startLitellm(host);
  await leadsToLiving(host, port);
  // Connections that a fall has left half open are closed by then, and checks have seen LiteLLM often enough.
  await sleep(16_000);
  process.stderr.write(`${what}, port ${port}: ${JSON.stringify(result)}\n`);
  const slowestFrom = (second: number) => Math.max(0, ...result.slowestOfSecond.slice(second));
  const second = (fallsAt - result.begunAt) / 1000;
  return {
    ...result,
    slowestSince: slowestFrom(Math.floor(second)),
    slowestLater: slowestFrom(Math.ceil(second + 3)),
  };
}

/** The first answers of a LiteLLM take half a second: it loads what it needs for them. */
async function warmUp(host: Host, port: number): Promise<void> {
  await askFor(host, { port, count: 20 });
}

interface FallResult extends LoadResult {
  /** The slowest answer of those that were asked for in the second of the fall, or later; 0 when there is none. */
  readonly slowestSince: number;
  /** The slowest answer of those that were asked for three seconds after the fall, or later; 0 when there is none. */
  readonly slowestLater: number;
}

interface Peer {
  readonly name: string;
  readonly result: FallResult;
}

/** Budgets are those of the architecture: a peer has none. */
function* lossFigures(fall: Fall, front: FallResult, peers: readonly Peer[]): Iterable<Figure> {
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
      ours: front.slowestSince,
      peer: { name, value: result.slowestSince },
      budget: fall === falls.stop ? { value: 300 } : fall === falls.hang ? { value: 20_000 } : undefined,
    };
    if (fall === falls.hang && result.slowestLater > 0) {
      yield {
        what: `${fall.what}: slowest, asked 3 s after it or later`,
        unit: 'ms',
        ours: front.slowestLater,
        peer: { name, value: result.slowestLater },
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
    await leadsToLiving(host, frontPort);
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

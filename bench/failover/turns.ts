/** How long an agent of OpenClaw's waits for its answer when its LiteLLM fails: through the front, and with OpenClaw's fallbacks alone. */
import type { Host } from '../../lab/host.ts';
import { startGateway, startLitellm, turn } from '../../test/failover/machine.ts';
import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';
import { type Fall, falls } from './falls.ts';
import { leadsToLiving } from './peers.ts';
import { addFront, frontPort, mustDaruma, withTwoMachines } from './two-machines.ts';

/** An agent's turns through the front with its LiteLLM stopped, beside the same without a fall and with OpenClaw's fallbacks alone. */
export function turnFigures(): AsyncIterable<Figure> {
  return withTwoMachines(async function* measure(neko) {
    await startGateway(neko);
    await mustDaruma(neko, 'failover', 'apply', '--no-front', '--yes');
    const alone = new Map<Fall, number>();
    for (const fall of [falls.stop, falls.cut, falls.refusal]) {
      await fall.begin(neko);
      alone.set(fall, (await turn(neko, `alone-${alone.size}`)).seconds);
      await fall.end(neko);
      await startLitellm(neko);
    }
    await addFront(neko);
    const usual = await turnSeconds(neko, 'usual');
    for (const [fall, seconds] of alone) {
      await fall.begin(neko);
      const fallen = await turnSeconds(neko, `fallen-${seconds}`);
      await fall.end(neko);
      await startLitellm(neko);
      await leadsToLiving(neko, frontPort);
      const ours = { what: `an agent's turn, ${fall.what}`, unit: 'ms', ours: fallen * 1000 } as const;
      yield { ...ours, peer: { name: 'OpenClaw alone', value: seconds * 1000 }, budget: undefined };
      yield {
        ...ours,
        peer: { name: 'nothing wrong', value: usual * 1000 },
        budget: fall === falls.stop ? { ratio: 1.2 } : undefined,
      };
    }
  });
}

const turns = 20;

/** The median. */
async function turnSeconds(host: Host, name: string): Promise<number> {
  const seconds: number[] = [];
  for (let number = 0; number < turns; number += 1) {
    seconds.push((await turn(host, `${name}-${number}`)).seconds);
  }
  return median(seconds);
}

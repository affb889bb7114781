/** Units as they are recommended. That what `daruma new` makes of them has no fault is asked in cli/new.test.ts. */
import { expect, it } from 'vitest';
import { knownServices, recogniseService } from '../../src/services/index.ts';
import { programOf } from './program.ts';

type Known = (typeof knownServices)[number];
type Recommended = NonNullable<Known['recommended']>;

const recommended = knownServices.flatMap(service =>
  service.recommended === undefined ? [] : [[service.id, service, service.recommended] as const],
);

function lines(settings: Recommended['service']): readonly string[] {
  return Object.entries(settings).flatMap(([key, values]) => [values].flat().map(value => `${key}=${value}`));
}

it.each(recommended)('the unit of %s runs that very service, on loopback alone', (_, service, unit) => {
  const program = programOf([...lines(unit.service), `ExecStart=${unit.command}`]);
  expect(recogniseService(program)?.service.id).toBe(service.id);
  const addresses = service.listens(program).map(({ address }) => address);
  expect(addresses.filter(address => address !== '127.0.0.1')).toEqual([]);
});

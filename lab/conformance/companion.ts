/** Random ties between a unit and its companion, which runs until it is killed or stopped, if the ending says so. */
import fc from 'fast-check';
import { actorPath } from './actor.ts';
import { caseName, companionName } from './case.ts';

/** The scripts of the actors of every companion, by role. */
export const companionScripts: ReadonlyMap<string, string> = new Map([
  ['main', 'hang'],
  ['done', 'exit:0'],
  ['stop', 'exit:0'],
]);

/** The ties between a unit and its companion. */
export interface Ties {
  /** Lines of the unit's `[Unit]`. */
  readonly lines: readonly string[];
  /** The companion's fragment. */
  readonly companion: string;
}

const bonds = ['Requires', 'BindsTo', 'PartOf', 'Requisite', 'StopPropagatedFrom'] as const;
const directives = [...bonds, 'Wants'] as const;

type Directive = (typeof directives)[number];

/** Ties by which a unit may go down with its companion. */
export const bindingTies: fc.Arbitrary<Ties> = fc
  .tuple(
    fc.constantFrom(...bonds),
    further(directives),
    fc.constantFrom<string | undefined>(
      'Upholds',
      'Upholds',
      'Upholds',
      'Wants',
      'Wants',
      'Wants',
      'Requires',
      'Requires',
      ...nothing(5),
    ),
  )
  .chain(([first, more, back]) => tied([first, ...more], back));

/** Ties of a unit that ends by itself. They make no difference unless the companion upholds the unit. */
export const livingTies: fc.Arbitrary<Ties> = fc
  .tuple(
    fc.constantFrom<Directive>(...directives, 'Wants', 'Wants', 'Wants', 'Wants'),
    further(directives),
    fc.constantFrom<string | undefined>('Upholds', ...nothing(3)),
  )
  .chain(([first, more, back]) => tied([first, ...more], back))
  // The model does not predict when a unit that upholds another one reaches its start limit.
  .map(ties =>
    ties.companion.includes('Upholds=')
      ? { ...ties, lines: [...ties.lines, 'StartLimitIntervalSec=0'] }
      : ties,
  );

function further(from: readonly Directive[]): fc.Arbitrary<readonly Directive[]> {
  return fc.oneof(
    { weight: 55, arbitrary: fc.constant([]) },
    { weight: 45, arbitrary: fc.subarray([...from], { minLength: 1, maxLength: 2 }) },
  );
}

function nothing(times: number): readonly undefined[] {
  return Array.from({ length: times }, () => undefined);
}

/** @param back the directive by which the companion is tied to the unit, if it is */
function tied(own: readonly Directive[], back: string | undefined): fc.Arbitrary<Ties> {
  return fc
    .tuple(fc.constantFrom('After', 'After', undefined), fc.constantFrom(...services))
    .map(([order, service]) => ({
      lines: [...new Set([...own, ...(order === undefined ? [] : [order])])].map(
        directive => `${directive}=${companionName}`,
      ),
      companion: `${back === undefined ? '' : `[Unit]\n${back}=${caseName}\n`}[Service]\n${service.map(line => `${line}\n`).join('')}`,
    }));
}

const lives = `ExecStart=${actorPath} %n main`;
const restarts = [lives, 'Restart=always', 'RestartSec=300ms'];
const restartsDirectly = [...restarts, 'RestartMode=direct'];
const services: readonly (readonly string[])[] = [
  restarts,
  restarts,
  restarts,
  restarts,
  restartsDirectly,
  [...restartsDirectly, `ExecStop=${actorPath} %n stop`],
  [lives],
  ['Type=oneshot', 'RemainAfterExit=yes', `ExecStart=${actorPath} %n done`],
];

/** What becomes of a service whose command puts into the background what it is for. */
import { type Ending, isTiedEnding, isWorldEnding } from '../restart/ending.ts';
import type { Outcome } from '../restart/outcome.ts';
import type { Reason } from '../restart/reason.ts';
import type { Departure } from '../services/background-programs.ts';
import { fallNames, type SurvivalRow } from '../restart/survival.ts';
import type { ServiceSettings, Source } from '../systemd/service-settings.ts';

/**
 * `killed`: systemd ends what was started as soon as the command has ended; `stopped`: it runs `ExecStop=`, which is to end
 * it; `unwatched`: it goes on, and systemd does not see when it ends; `hidden`: the unit counts as active whatever becomes
 * of it.
 */
type Effect = 'killed' | 'stopped' | 'unwatched' | 'hidden';

/** A command that leaves for the background, where that is a fault. */
export interface BackgroundFault extends Departure {
  readonly effect: Effect;
  /** The line with the command. */
  readonly source: Source | null;
}

/**
 * With `Type=simple`, `exec`, `idle` and `oneshot` the command itself is the service; the other types wait for a sign or for
 * the process that stays behind.
 *
 * Source: systemd.service(5), Type=, RemainAfterExit=; systemd.kill(5), KillMode=; `service_sigchld_event()` and
 * `service_enter_running()` in `src/core/service.c`. Ran on 257.
 */
export function backgroundFault(
  departure: Departure & Pick<BackgroundFault, 'source'>,
  { Type, RemainAfterExit, KillMode, ExecStop }: ServiceSettings,
  isMeantToStay: boolean,
): BackgroundFault | undefined {
  const isOutside = departure.where === 'outside';
  const isOneshot = Type.value === 'oneshot';
  if (!isOneshot && !['simple', 'exec', 'idle'].includes(Type.value)) return undefined;
  // A job may start a unit or a container and be done: another service looks after that.
  if (isOutside && (isOneshot || (!isMeantToStay && !RemainAfterExit.value))) return undefined;
  if (RemainAfterExit.value) return { ...departure, effect: 'hidden' };
  if (isOutside) return { ...departure, effect: ExecStop.value.length > 0 ? 'stopped' : 'unwatched' };
  const isKilled = KillMode.value === 'control-group' || KillMode.value === 'mixed';
  if (isKilled) return { ...departure, effect: 'killed' };
  return isOneshot ? undefined : { ...departure, effect: 'unwatched' };
}

/**
 * What each fall does to such a service. What it starts has ended already, or its end is not seen; only what happens to
 * the whole machine is as ever, apart from what systemd ends at once.
 */
export function fallsInBackground(falls: SurvivalRow, fault: BackgroundFault): SurvivalRow {
  const unseen = {
    possible: true,
    getsUp: false,
    undetermined: false,
    afterSeconds: null,
    because: [reasonOf(fault)],
  } as const;
  const aroundIt: ReadonlySet<string> = new Set(isGone(fault) ? [] : ['logout', 'managerKill', 'reboot']);
  const row = fallNames.map(name => [
    name,
    aroundIt.has(name) || !falls[name].possible ? falls[name] : unseen,
  ]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of all names of falls
  return Object.fromEntries(row) as SurvivalRow;
}

/** Whether systemd does not see this end, since it is that of what the command has left in the background. */
export function isUnseen(ending: Ending, fault: BackgroundFault): boolean {
  if (isWorldEnding(ending)) return isGone(fault);
  return !isTiedEnding(ending) && programEndings.has(ending.kind);
}

/**
 * What becomes of the service by an end that is unseen: what systemd has made of the end of the command.
 *
 * @param ofCommand the outcome of the command's own end, with exit status 0
 */
export function outcomeInBackground(outcome: Outcome, fault: BackgroundFault, ofCommand: Outcome): Outcome {
  if (!outcome.possible) return outcome;
  const { result, state } = ofCommand;
  const because = [reasonOf(fault)];
  return { ...outcome, result, state, restarts: false, delaySeconds: null, onDemand: [], because };
}

const programEndings: ReadonlySet<Ending['kind']> = new Set<Ending['kind']>([
  'exit',
  'signal',
  'core',
  'oom',
  'hang',
  'watchdog',
  'runtime-max',
]);

/** Whether what the command has started does not live on. */
function isGone({ effect }: BackgroundFault): boolean {
  return effect === 'killed' || effect === 'stopped';
}

function reasonOf({ effect, source }: BackgroundFault): Reason {
  return { code: 'goes-to-background', effect, setting: 'ExecStart', value: null, source };
}

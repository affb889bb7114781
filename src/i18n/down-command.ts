/** The command that helps a service that is down. */
import type { ServiceDown } from '../check/rules/service-down.ts';
import { setupFailure } from './parts.ts';
import { lastEntries, whoListens, type ShownManager, startAgain, systemctl } from './shown-commands.ts';

/** A start where one may succeed, or else a look at what keeps the service from its start. */
export function downCommand(manager: ShownManager, unit: string, down: DownCause): string {
  const show = (name: string) => systemctl(manager, 'status', name);
  if (down.cannotStart !== null) return show(unit);
  switch (down.how) {
    case 'ending':
    case 'unloadable':
    case 'skipped':
    case 'refused':
    case 'still-starting':
    case 'still-stopping':
      return show(unit);
    case 'blocked':
    case 'queued':
      return down.other === null ? systemctl(manager, 'list-jobs') : show(down.other);
    case 'halted':
      return down.halt === null || down.halt === 'traced' ? show(unit) : goOn(manager, unit, down.halt);
    case 'not-listening':
    case 'not-listening-yet':
      return down.isPortTaken && down.port !== null ? whoListens(down.port) : lastEntries(manager, unit);
    case 'fell-lately':
    case 'ended-lately':
    case 'ends-again':
    case 'starting':
    case 'looping':
    case 'restarting':
    case 'restarted':
      // The last ends: `systemctl status` shows the present run alone, which may have begun by the time it is asked.
      return lastEntries(manager, unit);
    case 'start-failed':
      return down.other === null ? startByHand(manager, unit, down) : show(down.other);
    case 'trigger-failed':
      return startByHand(manager, unit, down);
    case 'exited':
      return systemctl(manager, 'restart', unit);
    default:
      if (neverRan(down)) return show(unit);
      return startByHand(manager, unit, down);
  }
}

/** Lets processes go on that are stopped or frozen. */
export function goOn(manager: ShownManager, unit: string, halt: 'stopped' | 'frozen'): string {
  return systemctl(manager, halt === 'frozen' ? 'thaw' : ['kill', '--signal=CONT'], unit);
}

/**
 * The command that starts a service now. Where it waits for a restart, a start would wait as well (`service_start()`); where what starts
 * it on demand has failed, a start of the service would not bring that back.
 */
export function startByHand(
  manager: ShownManager,
  unit: string,
  down: Pick<ServiceDown, 'how' | 'failedTrigger'> | undefined,
): string {
  const trigger = down?.failedTrigger ?? null;
  if (trigger !== null) return startAgain(manager, trigger, true, [unit]);
  if (down?.how === 'waiting') return systemctl(manager, 'restart', unit);
  return startAgain(manager, unit, down?.how === 'gave-up');
}

type DownCause = Pick<
  ServiceDown,
  | 'how'
  | 'other'
  | 'failedTrigger'
  | 'halt'
  | 'port'
  | 'isPortTaken'
  | 'result'
  | 'code'
  | 'status'
  | 'cannotStart'
>;

/** Whether each of its last runs ended soon after its start: then another start alone does not bring it back. */
export function endsSoon({ how, runSeconds }: Pick<ServiceDown, 'how' | 'runSeconds'>): boolean {
  return how === 'gave-up' && runSeconds !== null && runSeconds <= soonSeconds;
}

/** What ends later than this may have had work to do. */
const soonSeconds = 60;

/** Whether its starts fail before there is anything that could fall. */
export function isVain(
  down: Pick<ServiceDown, 'result' | 'code' | 'status' | 'cannotStart'> & {
    readonly failedStarts: object | null;
  },
): boolean {
  if (down.failedStarts !== null || neverRan(down)) return true;
  // What a signal ended was there, whatever is known of its next start.
  return down.cannotStart !== null && down.code !== 'killed' && down.code !== 'dumped';
}

/** Whether the program never ran, so that each start fails until what systemd could not do is mended. */
export function neverRan({ result, code, status }: Pick<ServiceDown, 'result' | 'code' | 'status'>): boolean {
  return result === 'resources' || (code === 'exited' && setupFailure(status) !== undefined);
}

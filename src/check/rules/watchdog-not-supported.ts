import type { LoadedService } from '../checked-unit.ts';
import { baseName, wordsOf } from '../command-words.ts';
import type { CheckContext, Fault, ServiceRule } from '../rule.ts';
import { commandsIn, parseShellScript } from '../../services/shell/script.ts';
import { shellProgram } from '../../services/shell/shell-program.ts';
import { scriptReader } from '../script-reader.ts';

export interface WatchdogNotSupported {
  /** WatchdogSec=, as it is in effect. */
  readonly watchdogSeconds: number;
  /** The program that never sends keep-alives; null where a child does, and systemd does not take them from it. */
  readonly program: string | null;
  readonly getsUp: boolean;
}

/** A watchdog that no keep-alive reaches: systemd ends the healthy service whenever the time is over. */
export const watchdogNotSupported: ServiceRule<'watchdog-not-supported', WatchdogNotSupported> = {
  id: 'watchdog-not-supported',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service, context): Iterable<Fault<WatchdogNotSupported>> {
    const { settings, known, falls } = service;
    const { value: usec, source } = settings.WatchdogSec;
    const isOn = usec > 0 && usec !== Number.POSITIVE_INFINITY && settings.Type.value !== 'oneshot';
    if (!isOn) return;
    const neverPings = known?.service.sendsKeepAlive === false;
    if (!neverPings && !pingsFromChild(service, context)) return;
    const getsUp = falls.hang.getsUp !== false;
    yield {
      source: source ?? settings.ExecStart.source,
      ...(!getsUp && { severity: 'critical' as const }),
      details: {
        watchdogSeconds: usec / 1_000_000,
        program: neverPings ? known.service.name : null,
        getsUp,
      },
      changes: [
        neverPings
          ? { kind: 'set', unit: service.name, section: 'Service', key: 'WatchdogSec', values: ['0'] }
          : { kind: 'set', unit: service.name, section: 'Service', key: 'NotifyAccess', values: ['all'] },
      ],
    };
  },
};

/**
 * Whether a shell sends its keep-alives by systemd-notify(1), a process of its own, while only those of the main process
 * count. `NotifyAccess=none` is taken for `main` when there is a watchdog (`service_add_extras()`). As root the message
 * goes out in the parent's name (systemd-notify(1), "--pid="); ran on 247, 257 and 262 as a user: dropped, killed by the watchdog.
 */
function pingsFromChild({ unit, settings }: LoadedService, context: CheckContext): boolean {
  const access = unit.assignments.last('Service', 'NotifyAccess')?.value;
  const isRoot = unit.scope === 'system' && unit.assignments.last('Service', 'User') === undefined;
  if (access === 'all' || isRoot) return false;
  const readScript = scriptReader(context);
  return settings.ExecStart.value.some(command => {
    const words = wordsOf(command);
    const shell = shellProgram(words);
    const text = shell?.kind === 'text' ? shell.text : readScript(shell?.path ?? words[0] ?? '');
    if (text === undefined || (shell === undefined && !/^#!.*sh\b/.test(text))) return false;
    return [...commandsIn(parseShellScript(text))].some(
      ({ words: [name = '', ...args] }) =>
        baseName(name) === 'systemd-notify' && args.some(argument => argument.startsWith('WATCHDOG=1')),
    );
  });
}

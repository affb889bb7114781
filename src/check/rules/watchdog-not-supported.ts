import type { LoadedService } from '../checked-unit.ts';
import { baseName } from '../../services/command-words.ts';
import { wordsOf } from '../../services/wrappers.ts';
import type { CheckContext, Fault, ServiceRule } from '../rule.ts';
import { commandsIn, parseShellScript } from '../../services/shell/script.ts';
import { shellProgram } from '../../services/shell/shell-program.ts';
import { scriptReader } from '../../services/script-reader.ts';

export interface WatchdogNotSupported {
  /** The value of WatchdogSec= in effect, in seconds. */
  readonly watchdogSeconds: number;
  /** The program that never sends keep-alives; null when a child process sends them, which systemd does not accept. */
  readonly program: string | null;
  readonly getsUp: boolean;
}

/** A watchdog that gets no keep-alives: systemd ends the healthy service whenever the time runs out. */
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
 * Whether a shell sends its keep-alives by systemd-notify(1), a process of its own, while only those of the main
 * process count. With a watchdog, systemd takes `NotifyAccess=none` as `main` (`service_add_extras()`). For root, the
 * message is sent in the name of the parent (systemd-notify(1), "--pid="). Ran on 247, 257 and 262 as a user: systemd
 * dropped the message, and the watchdog killed the service.
 */
function pingsFromChild({ unit, settings }: LoadedService, context: CheckContext): boolean {
  const access = unit.assignments.last('Service', 'NotifyAccess')?.value;
  const isRoot = unit.scope === 'system' && unit.assignments.last('Service', 'User') === undefined;
  if (access === 'all' || isRoot) return false;
  const readScript = scriptReader(context.inventory.host);
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

/** The scripts for the program that every conformance unit runs (`actor.c`). They make the unit end in the intended way. */
import type { ExecCommand, ServiceSettings } from '../../src/systemd/service-settings.ts';
import { busNameOf } from './bus.ts';
import type { LoadedPrediction } from './prediction.ts';

/** The path of the actor in a host. Its first argument is the unit (`%n`), its second the role. */
export const actorPath = '/opt/actor/act';

/** The scripts that cause an ending, by role; the unit's commands name the roles. */
export function scriptsFor(
  unit: string,
  { settings, ending, possible, lifetimeMs }: LoadedPrediction,
): ReadonlyMap<string, string> {
  const start = startOf(settings, unit);
  const ping = pingOf(settings);
  const oneshot = settings.Type.value === 'oneshot';
  const lives = `${start} ${ping} hang`;
  const livesBriefly = briefly(settings, `${start} ${ping}`, lifetimeMs);
  const scripts = new Map<string, string>();
  const give = (commands: readonly ExecCommand[], script: string) => {
    for (const command of commands) scripts.set(roleOf(command), script);
  };
  for (const hook of [
    'ExecCondition',
    'ExecStartPre',
    'ExecStartPost',
    'ExecStop',
    'ExecStopPost',
  ] as const) {
    give(settings[hook].value, 'exit:0');
  }
  give(settings.ExecStart.value, lives);

  switch (ending.kind) {
    case 'exit':
      give(settings.ExecStart.value, `${livesBriefly} exit:${ending.status}`);
      break;
    case 'signal':
      give(settings.ExecStart.value, `${livesBriefly} kill:${ending.signal}`);
      break;
    case 'core':
      give(settings.ExecStart.value, `${livesBriefly} core:${ending.signal}`);
      break;
    case 'unready-exit':
      give(settings.ExecStart.value, `sleep:${lifetimeMs} exit:${ending.status}`);
      break;
    case 'unready-signal':
      give(settings.ExecStart.value, `sleep:${lifetimeMs} kill:${ending.signal}`);
      break;
    case 'watchdog':
    case 'hang':
      give(settings.ExecStart.value, `${start} ${possible ? ping : ''} sleep:${lifetimeMs} ping:0 hang`);
      break;
    case 'stop':
    case 'fall-of':
    case 'stop-of':
      if (oneshot && settings.RemainAfterExit.value) give(settings.ExecStart.value, 'exit:0');
      break;
    case 'start-pre':
      give(settings.ExecStartPre.value, `exit:${ending.status}`);
      break;
    case 'condition':
      give(settings.ExecCondition.value, `exit:${ending.status}`);
      break;
    case 'start-post':
      give(settings.ExecStartPost.value, `sleep:${lifetimeMs} exit:${ending.status}`);
      if (oneshot) give(settings.ExecStart.value, 'exit:0');
      break;
    case 'start-post-timeout':
      give(settings.ExecStartPost.value.slice(0, 1), 'hang');
      if (oneshot) give(settings.ExecStart.value, 'exit:0');
      break;
    case 'start-timeout':
      // Only the first command: after the SIGTERM for a command with "-" systemd runs the next one.
      if (startsAtOnce(settings)) {
        give([...settings.ExecCondition.value, ...settings.ExecStartPre.value].slice(0, 1), 'hang');
      } else give(settings.ExecStart.value, 'hang');
      break;
    default:
      break;
  }
  return scripts;
}

/** The role that starts first in an activation. */
export function firstRole(settings: ServiceSettings): string {
  const commands = [
    ...settings.ExecCondition.value,
    ...settings.ExecStartPre.value,
    ...settings.ExecStart.value,
  ];
  const [first] = commands;
  return first === undefined ? 'main' : roleOf(first);
}

function roleOf(command: ExecCommand): string {
  return command.argv[2] ?? '';
}

function startsAtOnce({ Type }: ServiceSettings): boolean {
  return Type.value === 'simple' || Type.value === 'idle' || Type.value === 'exec';
}

function startOf({ Type, PIDFile }: ServiceSettings, unit: string): string {
  if (Type.value === 'forking') return `daemon:${PIDFile.value === undefined ? '-' : pidFile(unit)} ready`;
  const own = Type.value === 'dbus' ? `name:${busNameOf(unit)} ready` : 'ready';
  // With PIDFile= systemd waits for the file at the end of ExecStartPost=, for every type.
  return PIDFile.value === undefined ? own : `pidfile:${pidFile(unit)} ${own}`;
}

/** Starts and lives for a time. If the time is long enough, it takes its bus name late. */
function briefly({ Type }: ServiceSettings, start: string, lifetimeMs: number): string {
  const before = Type.value === 'dbus' && lifetimeMs >= 500 ? lifetimeMs / 2 : 0;
  return `sleep:${before} ${start} sleep:${lifetimeMs - before}`;
}

/** The PID file of a unit, as its PIDFile= has to name it. */
function pidFile(unit: string): string {
  return `/opt/actor/run/${unit}.pid`;
}

/** Keep-alives for the watchdog. A oneshot sends none, since its watchdog starts only after the first one. */
function pingOf({ Type, WatchdogSec }: ServiceSettings): string {
  if (Type.value === 'oneshot') return '';
  const usec = WatchdogSec.value;
  return usec > 0 && usec < Number.POSITIVE_INFINITY ? `ping:${Math.max(20, Math.trunc(usec / 4_000))}` : '';
}

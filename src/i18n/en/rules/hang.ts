import type { GroupTexts } from '../../rule-texts.ts';
import { span } from '../span.ts';

export const hang: GroupTexts<'hang'> = {
  'no-hang-detection': {
    title: 'Nothing notices when the service hangs',
    message: ({ service, probing }) => {
      const head = `Nothing notices when ${service ?? 'it'} hangs`;
      switch (probing) {
        case 'after-start':
          return `${head}: its probe is asked after a start alone, and there is no WatchdogSec=`;
        case 'unseen':
          return `${head}: its probe is asked after a start at most, and there is no WatchdogSec=`;
        case 'unasked':
          return `${head}: nothing asks its probe yet, and there is no WatchdogSec=`;
        case 'none':
          return `${head}: no WatchdogSec=, and no probe asks it`;
        default:
          return probing satisfies never;
      }
    },
    why: () =>
      'A process that runs and no longer answers is active to systemd: it stays that way until somebody looks.',
    remedy: ({ probe, port, host, cannotPing, probing }, { unit }) => {
      const name = unit.replace('.service', '');
      const orWatchdog = cannotPing ? '' : '; set WatchdogSec= if the program sends WATCHDOG=1';
      switch (probing) {
        case 'after-start':
          return `Nothing of daruma's asks a running service yet${orWatchdog}: let a monitor of yours ask it.`;
        case 'unseen':
          return `Let a monitor of yours ask it${orWatchdog}. Where it has the hooks of "daruma notify install", daruma asks it after each start, and not later.`;
        case 'unasked':
          return `Let a monitor of yours ask it${orWatchdog}. With the hooks of "daruma notify install" daruma asks it after each start, and not later: then this is a note, and no warning.`;
        case 'none':
          return probe === null
            ? `${cannotPing ? 'It never sends keep-alives, so WatchdogSec= would only kill it: let' : 'Set WatchdogSec= if the program sends WATCHDOG=1, or let'} a monitor of yours ask it. With the hooks of "daruma notify install" and units: { ${name}: { probe: { http: "http://${host}:${port ?? 'PORT'}/" } } } daruma asks it after each start, and not later: then this is a note, and no warning.`
            : `Let a monitor ask ${probe}. With the hooks of "daruma notify install" and units: { ${name}: { probe: auto } } daruma asks it after each start, and not later: then this is a note, and no warning.`;
        default:
          return probing satisfies never;
      }
    },
  },
  'watchdog-not-supported': {
    title: 'A watchdog that no keep-alive reaches',
    message: ({ watchdogSeconds, program }) =>
      program === null
        ? `WatchdogSec= gets no keep-alive: systemd-notify sends it from a child process, and NotifyAccess= takes only the main one's`
        : `WatchdogSec= expects a keep-alive every ${span(watchdogSeconds)}, and ${program} never sends one`,
    why: ({ watchdogSeconds, getsUp }) =>
      `systemd kills the healthy service ${span(watchdogSeconds)} after each start${getsUp ? '' : ', and then it stays down'}.`,
    remedy: ({ program }) =>
      program === null
        ? 'Set NotifyAccess=all in [Service].'
        : 'Remove WatchdogSec= (or set it to 0), and let a monitor of yours ask it.',
  },
  'stop-timeout-long': {
    title: 'A stop may take very long',
    message: ({ seconds }) =>
      seconds === null
        ? 'TimeoutStopSec= has no end: a process that ignores SIGTERM is never killed'
        : `TimeoutStopSec= waits ${span(seconds)} for a process that ignores SIGTERM`,
    why: ({ seconds }) =>
      `A service that hangs often ignores SIGTERM, too: each stop and each restart is then an outage ${seconds === null ? 'without end' : `of ${span(seconds)}`}.`,
    remedy: ({ recommended }) =>
      `Set TimeoutStopSec= to what a clean stop really takes${recommended === null ? '; without other reasons 90 s is enough' : `: TimeoutStopSec=${recommended}`}.`,
  },
  'start-timeout-infinite': {
    title: 'A start that hangs is never noticed',
    message: ({ type, hooks }) =>
      `TimeoutStartSec= has no end, and the start waits for ${hooks.length === 0 ? waitsFor(type) : hooks.map(hook => `${hook}=`).join(' and ')}`,
    why: () =>
      'When that never happens, the unit stays "activating" for ever: it is not restarted, and what is ordered behind it does not start.',
    remedy: () =>
      'Set TimeoutStartSec= to more than the slowest start takes, such as 5min; a program with Type=notify can ask for more time by EXTEND_TIMEOUT_USEC=.',
  },
  'kill-mode-leaves-processes': {
    title: 'A stop leaves processes behind',
    message: ({ mode }) =>
      mode === 'process'
        ? 'KillMode=process: a stop ends the main process alone and leaves its children running'
        : 'KillMode=none: a stop ends no process at all',
    why: () =>
      'What is left may keep the port and the files: then the next start finds the port taken, fails, or takes another port.',
    remedy: () =>
      'Set KillMode=mixed (SIGTERM for the main process, then SIGKILL for what is left) or leave the default, control-group.',
  },
};

function waitsFor(type: string): string {
  switch (type) {
    case 'dbus':
      return 'its name on the bus (Type=dbus)';
    case 'forking':
      return 'the program to go to the background (Type=forking)';
    default:
      return `READY=1 (Type=${type})`;
  }
}

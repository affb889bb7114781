import type { Ending } from '../../restart/ending.ts';
import { signalOf } from '../parts.ts';

/** An ending in words. */
export function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'exit':
      return `exit status ${ending.status}`;
    case 'signal':
      return signalOf(ending.signal);
    case 'core':
      return `${signalOf(ending.signal)} with core dump`;
    case 'unready-exit':
      return `exit ${ending.status} before ready`;
    case 'unready-signal':
      return `${signalOf(ending.signal)} before ready`;
    case 'fall-of':
      return `${ending.unit} falls`;
    case 'stop-of':
      return `${ending.unit} is stopped`;
    case 'start-pre':
      return `ExecStartPre= exits ${ending.status}`;
    case 'start-post':
      return `ExecStartPost= exits ${ending.status}`;
    case 'condition':
      return `ExecCondition= exits ${ending.status}`;
    default:
      return plainEndings[ending.kind];
  }
}

const plainEndings = {
  watchdog: 'watchdog expires',
  'start-timeout': 'start times out',
  'start-post-timeout': 'ExecStartPost= times out',
  'runtime-max': 'runtime limit',
  oom: 'out of memory',
  stop: 'systemctl stop',
  hang: 'hang',
  logout: 'logout',
  'manager-kill': 'user manager killed',
  reboot: 'reboot',
} as const;

import type { BackgroundFault } from '../../inventory/background.ts';
import { type BesideAlways, besideAlways } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface GoesToBackground
  extends Pick<BackgroundFault, 'program' | 'words' | 'where' | 'foreground' | 'effect'> {
  /** The script that contains the command; null for one that the unit itself contains. */
  readonly script: string | null;
  readonly type: string;
  readonly killMode: string;
  /** The value of Restart= when systemd starts the command again each time it has ended; null when it does not. */
  readonly restart: string | null;
  /** What is needed beside Restart=always in the foreground; null when that is set already. */
  readonly beside: BesideAlways | null;
}

/** A command that puts into the background what it is for: to systemd the service has then ended, or never ends. */
export const goesToBackground: ServiceRule<'goes-to-background', GoesToBackground> = {
  id: 'goes-to-background',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service, context): Iterable<Fault<GoesToBackground>> {
    const { settings, falls, program } = service;
    const { background } = service.entry;
    if (background === undefined) return;
    const { words, where, foreground, effect, script = null } = background;
    yield {
      // Docker and systemd may look after what goes on with them.
      severity: where === 'outside' && effect !== 'stopped' ? 'warning' : 'critical',
      source: program?.command.source ?? null,
      details: {
        program: background.program,
        words,
        where,
        foreground,
        effect,
        script,
        type: settings.Type.value,
        killMode: settings.KillMode.value,
        restart: falls.exit0.getsUp === true ? settings.Restart.value : null,
        beside: settings.Restart.value === 'always' ? null : besideAlways(service, context),
      },
      // Only a person knows how the program is to be started.
      changes: [],
    };
  },
};

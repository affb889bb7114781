/**
 * A promise of the manager's to start a service again, whatever becomes of the one who stops it: a transient timer that
 * fires unless it is put off again and again.
 *
 * Source: systemd-run(1), systemd.timer(5) "OnActiveSec"; that a restart of a transient timer begins its time anew was
 * tried on systemd 247, 252, 257 and 262.
 */
import { CommandFailed, runCommand } from '../../transaction/commands.ts';
import type { Command } from '../../programs/command.ts';
import { saysUnitIsThere, systemctlCommand, transientCommand, unitCommand } from '../../systemd/commands.ts';
import type { Host } from '../../systemd/host/host.ts';
import { ownUnitName } from '../../systemd/own-unit-name.ts';

export interface StartAgain {
  /** The service runs again: nothing is to be done any more. */
  takeBack(): Promise<void>;
  /** It does not run: the timer is left to fire. */
  leave(): void;
}

/** A service stays down no longer than this after the end of whoever stopped it. */
const startAgainSeconds = 30;
const putOffMs = 8_000;

/**
 * @returns once the manager has confirmed it; `busy` where it was promised before, which somebody else has done
 * @throws CommandFailed
 */
export async function promiseStart(unit: string, host: Host): Promise<StartAgain | 'busy'> {
  const name = ownUnitName('daruma-start-again', unit);
  const timer = `${name}.timer`;
  const run = (command: Command) => runCommand(command, host);
  const promise = transientCommand(host.scope, {
    name,
    description: `daruma starts ${unit} again`,
    options: [`--on-active=${startAgainSeconds}`, '--timer-property=AccuracySec=1s'],
    command: systemctlCommand(host.scope, ['start'], [unit]),
  });
  try {
    await run(promise);
  } catch (error) {
    if (error instanceof CommandFailed && saysUnitIsThere(error.message)) return 'busy';
    throw error;
  }
  const state = (await host.manager?.units([timer]))?.get(timer);
  if (state?.activeState !== 'active') {
    await run(unitCommand(host.scope, 'stop', timer)).catch(() => undefined);
    throw new CommandFailed(promise, state?.activeState ?? 'not-found');
  }
  const putOff = setInterval(() => {
    // Once it has fired there is nothing to put off, and the service runs.
    run(systemctlCommand(host.scope, ['try-restart'], [timer])).catch(() => undefined);
  }, putOffMs);
  return {
    leave: () => clearInterval(putOff),
    async takeBack() {
      clearInterval(putOff);
      await run(unitCommand(host.scope, 'stop', timer)).catch(() => undefined);
    },
  };
}

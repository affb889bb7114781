/**
 * A transient timer of the manager that starts a service again, even if daruma is killed. While daruma runs it restarts the
 * timer regularly, so that it does not fire.
 *
 * Source: systemd-run(1), systemd.timer(5) "OnActiveSec". Tried on systemd 247, 252, 257 and 262: a restart of a transient timer
 * begins its time anew.
 */
import { CommandFailed, runCommand } from '../../transaction/run-command.ts';
import type { Command } from '../../programs/command.ts';
import { saysUnitIsThere, systemctlCommand, transientCommand, unitCommand } from '../../systemd/commands.ts';
import type { Host } from '../../systemd/host/host.ts';
import { ownUnitName, transientPrefix } from '../../systemd/own-units.ts';
import { endOfFall, type FallKind } from './fall.ts';

export interface StartAgain {
  /** Removes the timer, because the service runs again. */
  takeBack(): Promise<void>;
  /** Stops delaying the timer, so that it fires: the service does not run. */
  leave(): void;
}

/** The longest time that a service stays down after the process that stopped it has ended. */
const startAgainSeconds = 30;
const putOffMs = 8_000;

/** Whether a timer stands ready to start a service again: a test has stopped it. */
export async function isPromised(unit: string, { manager }: Host): Promise<boolean> {
  const timer = `${ownUnitName(transientPrefix.startAgain, unit)}.timer`;
  return (await manager?.units([timer]))?.get(timer)?.activeState === 'active';
}

/**
 * @returns after the manager has confirmed the timer; `busy` when another process has already set one
 * @throws CommandFailed
 */
export async function promiseStart(unit: string, host: Host, fall: FallKind): Promise<StartAgain | 'busy'> {
  const name = ownUnitName(transientPrefix.startAgain, unit);
  const timer = `${name}.timer`;
  const run = (command: Command) => runCommand(command, host);
  const promise = transientCommand(host.scope, {
    name,
    description: `daruma starts ${unit} again`,
    options: [`--on-active=${startAgainSeconds}`, '--timer-property=AccuracySec=1s'],
    command: endOfFall(unit, host, fall),
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
    // After the timer has fired there is nothing to delay, and the service runs.
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

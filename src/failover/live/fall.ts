/** How a service on trial falls, and how that ends. */
import type { Command } from '../../programs/command.ts';
import { signalCommand, systemctlCommand, unitCommand } from '../../systemd/commands.ts';
import type { Host } from '../../systemd/host/host.ts';

/** `kill`: all of its processes, as a crash does; `hang`: they are stopped as by SIGSTOP. */
export const fallKinds = ['stop', 'kill', 'hang'] as const;
export type FallKind = (typeof fallKinds)[number];

export function beginOfFall(unit: string, { scope }: Host, fall: FallKind): Command {
  if (fall === 'stop') return unitCommand(scope, 'stop', unit);
  return signalCommand(scope, fall === 'kill' ? 'KILL' : 'STOP', unit);
}

/** The command that ends a fall: a service that hangs goes on, any other is started. */
export function endOfFall(unit: string, { scope }: Host, fall: FallKind): Command {
  return fall === 'hang' ? signalCommand(scope, 'CONT', unit) : systemctlCommand(scope, ['start'], [unit]);
}

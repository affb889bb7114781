/** The commands of systemd's own that daruma runs, or has a person run. */
import { argumentsOf, type Command } from '../programs/command.ts';
import type { ManagerScope } from './search-path.ts';

/** `systemctl` for a manager; units are operands, whatever they are called. */
export function systemctlCommand(
  scope: ManagerScope,
  options: readonly string[],
  units: readonly string[] = [],
): Command {
  return { program: 'systemctl', options: [...scopeFlags(scope), ...options], operands: units };
}

/** Makes a manager read its units anew. */
export function reloadCommand(scope: ManagerScope): Command {
  return systemctlCommand(scope, ['daemon-reload']);
}

/** Turns a unit without waiting for it: a service may take minutes to stop. */
export function unitCommand(scope: ManagerScope, verb: 'start' | 'stop' | 'restart', unit: string): Command {
  return systemctlCommand(scope, [verb, '--no-block'], [unit]);
}

export function lingerCommand(user: string, turn: 'on' | 'off'): Command {
  const verb = turn === 'on' ? 'enable-linger' : 'disable-linger';
  return { program: 'loginctl', options: [verb], operands: [user] };
}

/** The last lines that a unit has written, without a word about where they are from. */
export function journalCommand(scope: ManagerScope, unit: string, lines: number): Command {
  const of = scope === 'user' ? '--user-unit' : '--unit';
  return {
    program: 'journalctl',
    options: [`${of}=${unit}`, `--lines=${lines}`, '--output=cat', '--no-pager', '--quiet'],
    operands: [],
  };
}

export interface TransientUnit {
  /** With its suffix for a service, without for a timer with its service. */
  readonly name: string;
  readonly description: string;
  /** More options of systemd-run(1). */
  readonly options: readonly string[];
  readonly command: Command;
}

/** Has the manager run a command in a unit of its own, which is gone when it has ended. */
export function transientCommand(
  scope: ManagerScope,
  { name, description, options, command }: TransientUnit,
): Command {
  return {
    program: 'systemd-run',
    options: [
      ...scopeFlags(scope),
      '--quiet',
      '--collect',
      `--unit=${name}`,
      `--description=${description}`,
      ...options,
    ],
    operands: [command.program, ...argumentsOf(command)],
  };
}

/** Whether a transient unit of that name is there, in the words of the manager (`method_start_transient_unit()`). */
export function saysUnitIsThere(message: string): boolean {
  return /already (?:exists|loaded)|was already/.test(message);
}

function scopeFlags(scope: ManagerScope): readonly string[] {
  return scope === 'user' ? ['--user'] : [];
}

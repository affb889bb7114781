/** Commands that are printed to be pasted: each has a line of its own, since one that is folded does half of its work. */
import { printable } from './printable.ts';
import { type Terminal, wrapText } from './terminal.ts';

export function commandLine(command: string): string {
  return `  $ ${printable(command)}`;
}

/** A text, and below it the commands that it announces. */
export function textWithCommands(terminal: Terminal, text: string, commands: readonly string[]): string {
  return [wrapText(terminal, text, [0, 2]), ...commands.map(commandLine)].join('\n');
}

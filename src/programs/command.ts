/** A program with its arguments, as data: what of them are our own words, and what is only named. */

export interface Command {
  readonly program: string;
  /** Verbs and options; a value from elsewhere stands in the same word, behind the `=` of its option. */
  readonly options: readonly string[];
  /** Units, users, files: whatever they are called, none of them is taken for an option. */
  readonly operands: readonly string[];
}

/** A whole command line of somebody's own, taken as it is. */
export function givenCommandLine([program = '', ...options]: readonly string[]): Command {
  return { program, options, operands: [] };
}

/** What the program gets. `--` ends the options (POSIX.1-2024, 12.2 "Utility Syntax Guidelines", guideline 10). */
export function argumentsOf({ options, operands }: Command): readonly string[] {
  return operands.length === 0 ? options : [...options, '--', ...operands];
}

/** The command as it is shown: without a `--` that changes nothing. */
export function wordsOf({ program, options, operands }: Command): readonly string[] {
  const isNeeded = operands.some(operand => operand.startsWith('-'));
  return [program, ...options, ...(isNeeded ? ['--'] : []), ...operands];
}

/** The command as a person pastes it into a shell. */
export function shellText(command: Command): string {
  return wordsOf(command).map(inShell).join(' ');
}

/** A word that a shell takes literally (POSIX.1-2024, Shell Command Language, 2.2 "Quoting"). */
export function inShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A program with its arguments as data: daruma's own words apart from names of others. */

export interface Command {
  readonly program: string;
  /** Verbs and options; a value of others follows the `=` of its option in the same word. */
  readonly options: readonly string[];
  /** Units, users, files: whatever their names are, the program does not take them as options. */
  readonly operands: readonly string[];
}

/** A whole command line of the user, used as it is. */
export function givenCommandLine([program = '', ...options]: readonly string[]): Command {
  return { program, options, operands: [] };
}

/**
 * The arguments that the program gets. `--` ends the options (POSIX.1-2024, 12.2 "Utility Syntax Guidelines", guideline
 * 10).
 */
export function argumentsOf({ options, operands }: Command): readonly string[] {
  return operands.length === 0 ? options : [...options, '--', ...operands];
}

/** The words of the command as it is shown: without a `--` that changes nothing. */
export function shownWords({ program, options, operands }: Command): readonly string[] {
  const isNeeded = operands.some(operand => operand.startsWith('-'));
  return [program, ...options, ...(isNeeded ? ['--'] : []), ...operands];
}

/** The command as a person pastes it into a shell. */
export function shellText(command: Command): string {
  return shownWords(command).map(inShell).join(' ');
}

/** A word that a shell takes literally (POSIX.1-2024, Shell Command Language, 2.2 "Quoting"). */
export function inShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

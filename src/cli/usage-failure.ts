/** Translates errors of the option parser into the reader's language. */
import type { Command, CommanderError } from 'commander';
import type { Catalogue } from '../i18n/catalogue.ts';
import { daruma } from '../i18n/shown-commands.ts';
import { nearest } from '../systemd/nearest.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import { actionsOf } from './actions.ts';
import { badInput, type Failure } from './failure.ts';

/** Makes a failure from the error's code and the name that its English message quotes. */
export function fromCommander(error: CommanderError, program: Command, { errors }: Catalogue): Failure {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const name = quoted.split(/[ ,=]/)[0] ?? quoted;
  switch (error.code) {
    case 'commander.unknownOption':
      if (quoted.includes('=') && isKnown(name, program))
        return badInput('unexpected-value', errors.takesNoValue(name), name, errors.seeHelp);
      return badInput('unknown-option', errors.unknownOption(name), name, optionHint(name, program, errors));
    case 'commander.optionMissingArgument':
      return badInput(
        'missing-value',
        errors.missingValue(longOption(quoted)),
        longOption(quoted),
        errors.seeHelp,
      );
    case 'commander.missingArgument':
      return badInput('missing-argument', errors.missingArgument(quoted), quoted, errors.seeHelp);
    default:
      return badInput('usage', errors.excessArguments(), undefined, errors.seeHelp);
  }
}

/** Whether the program, or the command that runs, has an option. */
function isKnown(name: string, program: Command): boolean {
  const running = program.commands.find(command => command.name() === program.args[0]);
  return [program, ...(running ? [running] : [])].some(({ options }) =>
    options.some(option => option.long === name),
  );
}

/** Suggests a similar option, or the command that has this one. */
function optionHint(name: string, program: Command, errors: Catalogue['errors']): string {
  const owner = program.commands.find(({ options }) => options.some(option => option.long === name));
  if (owner !== undefined) return errors.didYouMean(`daruma ${owner.name()} ${name}`);
  const all = [program, ...program.commands].flatMap(({ options }) =>
    options.map(option => option.long ?? ''),
  );
  const meant = nearest(
    name.replace(/^-+/, ''),
    all.map(long => long.slice(2)),
  );
  return meant === undefined ? errors.seeHelp : errors.didYouMean(`--${meant}`);
}

/** The failure for a word that is no action of a command. */
export function unknownAction(command: string, word: string, { errors }: Catalogue): Failure {
  const known = actionsOf.get(command) ?? [];
  const meant = nearest(word, known);
  const hint = meant === undefined ? undefined : errors.didYouMean(`daruma ${command} ${meant}`);
  return badInput('bad-choice', errors.badChoice(command, word, known.join(', ')), word, hint);
}

/** The failure for a first word that is not a command. */
export function unknownCommand(word: string, commands: readonly string[], { errors }: Catalogue): Failure {
  const meant =
    nearest(word, commands) ?? (looksLikeUnit(word) ? daruma('explain', 'user', word) : undefined);
  const hint = meant === undefined ? errors.seeHelp : errors.didYouMean(meant);
  return badInput('unknown-command', errors.unknownCommand(word), word, hint);
}

function looksLikeUnit(word: string): boolean {
  return word.includes('/') || parseUnitName(word) !== undefined;
}

/** `--root` of `--root <DIR>` or `-V, --version`. */
function longOption(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}

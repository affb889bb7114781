/** Words what the option parser did not take, in the reader's language. */
import type { CommanderError } from 'commander';
import type { Catalogue } from '../i18n/catalogue.ts';
import { badInput, type Failure } from './failure.ts';

/** The parser's own message is English; its code and the name it quotes say all that is needed. */
export function fromCommander(error: CommanderError, { errors }: Catalogue): Failure {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const name = quoted.split(/[ ,=]/)[0] ?? quoted;
  const suggestion = /\(Did you mean (?:one of )?([^?,]+)/.exec(error.message)?.[1];
  const hint = suggestion === undefined ? errors.seeHelp : errors.didYouMean(suggestion);
  switch (error.code) {
    case 'commander.unknownCommand':
      return badInput('unknown-command', errors.unknownCommand(quoted), quoted, hint);
    case 'commander.unknownOption':
      return badInput('unknown-option', errors.unknownOption(name), name, hint);
    case 'commander.optionMissingArgument':
      return badInput(
        'missing-value',
        errors.missingValue(longOption(quoted)),
        longOption(quoted),
        errors.seeHelp,
      );
    default:
      return badInput('usage', errors.excessArguments(), undefined, errors.seeHelp);
  }
}

/** `--root` of `--root <DIR>` or `-V, --version`. */
function longOption(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}

/** Words what the option parser did not take, in the reader's language. */
import type { CommanderError } from 'commander';
import type { Catalogue } from '../i18n/catalogue.ts';
import { nearest } from '../systemd/nearest.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import { badInput, type Failure } from './failure.ts';

/** The parser's own message is English; its code and the name it quotes say all that is needed. */
export function fromCommander(error: CommanderError, { errors }: Catalogue): Failure {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const name = quoted.split(/[ ,=]/)[0] ?? quoted;
  const suggestion = /\(Did you mean (?:one of )?([^?,]+)/.exec(error.message)?.[1];
  const hint = suggestion === undefined ? errors.seeHelp : errors.didYouMean(suggestion);
  switch (error.code) {
    case 'commander.unknownOption':
      return badInput('unknown-option', errors.unknownOption(name), name, hint);
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

/** A first word that is no command. */
export function unknownCommand(word: string, commands: readonly string[], { errors }: Catalogue): Failure {
  const meant = nearest(word, commands) ?? (looksLikeUnit(word) ? `daruma explain ${word}` : undefined);
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

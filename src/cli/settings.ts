/** Chooses language, width and colours of the output from the command line and the environment. */
import type { Language } from '../i18n/catalogue.ts';
import type { Terminal } from '../report/terminal.ts';
import type { Environment, Output } from './io.ts';

type Stream = Pick<Output, 'isTTY' | 'columns'>;

/** The language of the output: the preferred one, or English where the locale's character set has no Chinese in UTF-8. */
export function chooseLanguage(wanted: string | undefined, environment: Environment): Language {
  return wanted || showsUnicode(environment) ? preferredLanguage(wanted, environment) : 'en';
}

/** The language that somebody reads: `--lang`, or else LC_ALL, LC_MESSAGES, LANG (locale(7)). */
export function preferredLanguage(wanted: string | undefined, environment: Environment): Language {
  const locale = wanted || environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return /^zh(?:[-_.@]|$)/i.test(locale) ? 'zh-CN' : 'en';
}

/** Describes the terminal of stdout; without a terminal 80 columns and no colours. */
export function describeTerminal(stream: Stream, wantsColor: boolean, environment: Environment): Terminal {
  return {
    columns: columnsOf(stream, environment),
    color: wantsColor && hasColor(stream, environment),
    unicode: showsUnicode(environment),
  };
}

function columnsOf(stream: Stream, environment: Environment): number {
  const given = Number(environment['COLUMNS']);
  const columns = stream.columns || (Number.isSafeInteger(given) ? given : 0);
  return columns > 0 ? columns : 80;
}

/** Whether to use colours; see no-color.org and force-color.org. A terminal with TERM=dumb has none. */
function hasColor(stream: Stream, environment: Environment): boolean {
  if (environment['NO_COLOR']) return false;
  const force = environment['FORCE_COLOR'];
  if (force) return force !== '0' && force !== 'false';
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

/** Whether UTF-8 can be shown: unless the locale names another character set. */
function showsUnicode(environment: Environment): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  if (locale === 'C' || locale === 'POSIX') return false;
  const charset = /\.([^@]+)/.exec(locale)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

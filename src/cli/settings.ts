/** What the command line and the environment say about how to look and how to speak. */
import type { Language } from '../i18n/catalogue.ts';
import type { Terminal } from '../report/terminal.ts';
import type { Environment, Output } from './io.ts';

type Stream = Pick<Output, 'isTTY' | 'columns'>;

/** The language: `--lang`, else LC_ALL, LC_MESSAGES, LANG (locale(7)). */
export function chooseLanguage(wanted: string | undefined, environment: Environment): Language {
  const locale = wanted || environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return /^zh(?:[-_.@]|$)/i.test(locale) ? 'zh-CN' : 'en';
}

/** The terminal that stdout is, or 80 plain columns. */
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

/** See no-color.org and force-color.org; a dumb terminal has none. */
function hasColor(stream: Stream, environment: Environment): boolean {
  if (environment['NO_COLOR']) return false;
  const force = environment['FORCE_COLOR'];
  if (force) return force !== '0' && force !== 'false';
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

/** Only a locale that names another character set rules UTF-8 out; one that is not set does not. */
function showsUnicode(environment: Environment): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  if (locale === 'C' || locale === 'POSIX') return false;
  const charset = /\.([^@]+)/.exec(locale)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

/**
 * Finds passwords by the program that takes them. Their option alone proves nothing: `-p` of mysql(1) is a password,
 * but a port of ssh(1). Command lines are recognised as shells, systemd, JSON and YAML write them.
 */
import { endBeforeQuote, endOfWord, isQuote, matchAt, REFERENCE } from './ends.ts';
import type { Span } from './recognition.ts';

export function* programSecrets(text: string): Iterable<Span> {
  if (!namesProgramWithPassword(text)) return;
  /** Up to which offset the words after a program were examined, for each family. */
  const past = new Map<Family, number>();
  for (const { 0: program, index } of text.matchAll(PROGRAM)) {
    for (const family of familiesOf.get(program) ?? []) {
      if (index < (past.get(family) ?? 0)) continue;
      past.set(family, yield* secretsBehind(text, index + program.length, family));
    }
  }
}

/** Whether a text contains an option and the name of a program that takes passwords by options. */
export function namesProgramWithPassword(text: string): boolean {
  return HAS_OPTION.test(text) && text.search(PROGRAM) !== -1;
}

/** Programs that take passwords with the same options. */
interface Family {
  readonly programs: string;
  /** Option letters, with one dash; the value is the rest of the word, or the next word. */
  readonly short?: string;
  /** Option names, with two dashes; the value follows `=`, or is the next word. */
  readonly long?: string;
  /** The character between a user and the password, or the name of a cookie and its value; when it is missing, the whole value is the password. */
  readonly behind?: ':' | '%' | ',' | '=';
  /** The subcommand after which the options have this meaning. */
  readonly command?: string;
  /** Whether the program runs another program, whose options have other meanings. */
  readonly isWrapper?: true;
}

/** Sources: the manual pages of these programs, and the output of their `--help`. */
const families: readonly Family[] = [
  {
    programs:
      'mysql mysqladmin mysqlbinlog mysqlcheck mysqldump mysqlimport mysqlpump mysqlsh mysqlshow mysqlslap mycli mariadb mariadb-admin mariadb-backup mariadb-binlog mariadb-check mariadb-dump mariadb-import mariadb-show mariadb-slap mariabackup xtrabackup',
    short: 'p',
  },
  {
    programs: 'mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop cqlsh',
    short: 'p',
  },
  { programs: 'sshpass', short: 'p', isWrapper: true },
  { programs: 'redis-cli valkey-cli keydb-cli', short: 'a' },
  { programs: 'curl', short: 'uUE', long: 'user proxy-user cert proxy-cert', behind: ':' },
  { programs: 'curl', long: 'oauth2-bearer' },
  { programs: 'curl', short: 'b', behind: '=' },
  { programs: 'http https xh xhs', short: 'a', long: 'auth' },
  { programs: 'hey', short: 'a', behind: ':' },
  { programs: 'ab', short: 'AP', behind: ':' },
  { programs: 'ntfy', short: 'u', long: 'user', behind: ':' },
  { programs: 'ttyd gotty', short: 'c', behind: ':' },
  { programs: 'transmission-remote', short: 'n', behind: ':' },
  { programs: 'lftp', short: 'u', behind: ',' },
  { programs: 'smbclient smbget rpcclient', short: 'U', long: 'user', behind: '%' },
  {
    programs:
      'ldapadd ldapcompare ldapdelete ldapexop ldapmodify ldapmodrdn ldappasswd ldapsearch ldapwhoami',
    short: 'w',
  },
  { programs: 'mosquitto_pub mosquitto_sub mosquitto_rr ipmitool sqlcmd bcp tsql zip unzip', short: 'P' },
  { programs: '7z 7za 7zr 7zz rar unrar', short: 'p' },
  { programs: 'snmpget snmpgetnext snmpset snmpwalk snmpbulkget snmpbulkwalk snmptrap', short: 'cAX' },
  { programs: 'ss-local ss-server ss-redir ss-tunnel sslocal ssserver', short: 'k' },
  { programs: 'docker podman nerdctl buildah skopeo helm oras az oc', short: 'p', command: 'login' },
];

const familiesOf = new Map<string, readonly Family[]>();
for (const family of families) {
  for (const program of family.programs.split(' '))
    familiesOf.set(program, [...(familiesOf.get(program) ?? []), family]);
}

const HAS_OPTION = /[\s"'`,[]-{1,2}[A-Za-z]/;

// unchecked: made of the names above, none of which has a repetition; systemd has `ExecStart=-mysql`
const PROGRAM = new RegExp(`(?<![\\w.]|(?<!=)-)(?:${[...familiesOf.keys()].join('|')})(?=[\\s"'\`,]|$)`, 'g');

/**
 * Finds the passwords among the words after a program, up to the end of its command.
 *
 * @returns the offset of that end
 */
function* secretsBehind(text: string, from: number, family: Family): Generator<Span, number> {
  const isList = text[from] === ',';
  const words = /[^\s"'`]+/g;
  let isCommand = family.command === undefined;
  let isAwaited = false;
  let [before, end] = ['', from];
  for (;;) {
    words.lastIndex = end;
    const found = words.exec(text);
    if (found === null) return text.length;
    const { 0: word, index } = found;
    if (text.slice(end, index).includes('\n') && !/[\\,]$/.test(before) && word !== '-') return index;
    end = index + word.length;
    before = word;
    // A separator of list items in JSON or YAML.
    if (/^(?:,+|-)$/.test(word)) continue;
    const option = matchedOption(word.replace(/[,\]]{1,9}$/, ''), family);
    const isOption = word.startsWith('-');
    if (isCommand && (option?.length !== undefined || (isAwaited && !isOption))) {
      const start = index + (option?.length ?? 0);
      end = endOfValue(text, start, index, isList);
      yield* passwordIn(text, start, end, family);
    } else if (family.isWrapper && !isOption) {
      return index;
    }
    isAwaited = option !== undefined && option.length === undefined;
    isCommand ||= word === family.command;
    if (/[;|&]$/.test(word)) return end;
  }
}

/** @returns the length of the option when its value is in the same word; undefined when the word is no such option */
function matchedOption(
  word: string,
  { short = '', long = '', behind }: Family,
): { readonly length: number | undefined } | undefined {
  const [, name = '', equals] = /^--([a-z\d-]+)(=)?/.exec(word) ?? [];
  if (name !== '') {
    if (!long.split(' ').includes(name)) return undefined;
    return { length: equals === undefined ? undefined : name.length + 3 };
  }
  // When a value is recognised by its parts, options without values may precede its option in the same word.
  const [letters = ''] = (behind === undefined ? /^-[A-Za-z]/ : /^-[A-Za-z]{1,12}/).exec(word) ?? [];
  const place = letters.split('').findIndex(letter => letter !== '-' && short.includes(letter));
  if (place === -1) return undefined;
  return { length: place + 1 === word.length ? undefined : place + 1 };
}

/** @param word the start of the word that is the value, or that contains it */
function endOfValue(text: string, start: number, word: number, isList: boolean): number {
  const quote = text[word - 1] ?? '';
  if (isQuote(quote)) return endBeforeQuote(text, word, quote);
  const end = endOfWord(text, start);
  return isList && /[,\]]/.test(text[end - 1] ?? '') ? end - 1 : end;
}

/** Of a value that contains a user, only the password; when the password is empty, the user, which is then an API key. */
function* passwordIn(text: string, start: number, end: number, { behind }: Family): Iterable<Span> {
  const value = text.slice(start, end);
  const at = behind === undefined ? -1 : value.indexOf(behind);
  if (behind !== undefined && at === -1) return;
  const isUserAlone = at !== -1 && behind !== '=' && /^["']?$/.test(value.slice(at + 1));
  const span = isUserAlone ? { start, end: start + at } : { start: start + at + 1, end };
  if (span.end > span.start && matchAt(REFERENCE, text, span.start) === undefined) yield span;
}

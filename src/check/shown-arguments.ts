/**
 * Secrets among the arguments of commands: /proc/PID/cmdline shows the arguments of every process to every user
 * (proc(5)).
 */
import { baseName, layersOf } from '../services/command-words.ts';
import { isSecret, looksSecret, namesSecret } from '../secrets/recognition.ts';
import { commandsIn, parseShellScript, type ShellStatement } from '../services/shell/script.ts';
import { shellProgram } from '../services/shell/shell-program.ts';
import type { Limit } from '../systemd/host/limit.ts';
import type { ReadScript } from '../services/script-reader.ts';

/** An argument that is a secret, or becomes one when the variable in it is replaced. */
export interface ShownArgument {
  readonly how: 'option' | 'header' | 'url' | 'assignment' | 'value';
  /**
   * What identifies the argument, without the secret: `--api-key`, `Authorization`, `api.telegram.org`; empty for a
   * bare value.
   */
  readonly name: string;
  /** The program that has the argument. */
  readonly program: string;
  /** The place of the argument in a script; null in the command itself. */
  readonly script: { readonly file: string; readonly line: number } | null;
}

/**
 * Looks through a command, and through the shell text or script that it runs.
 *
 * @param met is called when a limit was met beyond which a script was not read; its file is null for a text in the
 * command itself
 */
export function shownArguments(
  words: readonly string[],
  readScript: ReadScript,
  met: MeetLimit = () => {},
): readonly ShownArgument[] {
  const shown = new Map<string, ShownArgument>();
  for (const argument of argumentsToShow(words, readScript, met)) {
    const { how, name, script } = argument;
    const key = JSON.stringify([how, name, script]);
    if (!shown.has(key)) shown.set(key, argument);
  }
  return [...shown.values()];
}

type MeetLimit = (limit: Limit, file: string | null) => void;

function argumentsToShow(
  command: readonly string[],
  readScript: ReadScript,
  met: MeetLimit,
): readonly ShownArgument[] {
  const { wrappers, words } = layersOf(command);
  const ofWrappers = wrappers.flatMap(({ own }) => secretsAmong(own, null));
  const shell = shellProgram(words);
  if (shell?.kind === 'text') {
    // The whole text is one argument of the shell, assignments included.
    const statements = parseShellScript(shell.text, limit => met(limit, null));
    return [...ofWrappers, ...assignedIn(statements), ...argumentsOfScript(statements, null)];
  }
  const file = shell?.path ?? words[0] ?? '';
  const text = file.startsWith('/') ? readScript(file) : undefined;
  const isScript = text !== undefined && (shell !== undefined || /^#!.*sh\b/.test(text));
  const ofScript = isScript
    ? argumentsOfScript(
        parseShellScript(text, limit => met(limit, file)),
        file,
      )
    : [];
  return [...ofWrappers, ...secretsAmong(words, null), ...ofScript];
}

function argumentsOfScript(
  statements: readonly ShellStatement[],
  file: string | null,
): readonly ShownArgument[] {
  return [...commandsIn(statements)].flatMap(({ words, line }) => {
    const command = words.slice(
      Math.max(
        0,
        words.findIndex(word => !ASSIGNMENT.test(word)),
      ),
    );
    // Commands that the shell runs itself start no process, so that no other user can see their arguments.
    if (builtIn.has(command[0] ?? '') || ASSIGNMENT.test(command[0] ?? '')) return [];
    return secretsOfCommand(command, file === null ? null : { file, line });
  });
}

function secretsOfCommand(
  words: readonly string[],
  script: ShownArgument['script'],
): readonly ShownArgument[] {
  const layers = layersOf(words);
  const commands = [...layers.wrappers.map(({ own }) => own), layers.words];
  return commands.flatMap(command => secretsAmong(command, script));
}

function assignedIn(statements: readonly ShellStatement[]): readonly ShownArgument[] {
  return [...commandsIn(statements)].flatMap(({ words }) =>
    words.flatMap(word => {
      const [, name = '', value = ''] = ASSIGNMENT.exec(word) ?? [];
      return isSecret(name, value) ? [{ how: 'assignment', name, program: 'sh', script: null } as const] : [];
    }),
  );
}

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

const builtIn: ReadonlySet<string> = new Set(
  ': . [ [[ alias break cd continue declare echo eval exit export false hash let local printf pwd read readonly return set shift source test times trap true type typeset ulimit umask unset wait'.split(
    ' ',
  ),
);

function secretsAmong(words: readonly string[], script: ShownArgument['script']): readonly ShownArgument[] {
  const program = baseName(words[0] ?? '');
  return words.slice(1).flatMap((word, index) => {
    const found = secretOf(word, words[index]);
    return found === undefined ? [] : [{ ...found, program, script }];
  });
}

function secretOf(word: string, before: string | undefined): Pick<ShownArgument, 'how' | 'name'> | undefined {
  const hasEquals = word.includes('=');
  const [, attached, attachedValue = ''] = (hasEquals && /^(--?[A-Za-z][\w-]*)=(.*)$/s.exec(word)) || [];
  if (attached !== undefined && isSecretOption(attached, attachedValue))
    return { how: 'option', name: attached };
  if (before?.startsWith('-') && /^--?[A-Za-z][\w-]*$/.test(before) && isSecretOption(before, word)) {
    return { how: 'option', name: before };
  }
  if (word.includes(':')) {
    const [, header, credential = ''] = HEADER.exec(word) ?? [];
    if (header !== undefined && isSecretOrReference(header, credential))
      return { how: 'header', name: header };
    const url = secretUrl(word);
    if (url !== undefined) return { how: 'url', name: url };
  }
  const [, name, value = ''] = (hasEquals && ASSIGNMENT.exec(word)) || [];
  if (name !== undefined && isSecret(name, value)) return { how: 'assignment', name };
  return looksSecret(word) ? { how: 'value', name: '' } : undefined;
}

function isSecretOption(option: string, value: string): boolean {
  const name = option.replace(/^-+/, '');
  return namesSecret(name) && !value.startsWith('-') && isSecretOrReference(name, value);
}

/**
 * Whether a value is a secret, or a reference that the shell or systemd replaces by the value of a variable or by the
 * output of a command.
 */
function isSecretOrReference(name: string, value: string): boolean {
  return isSecret(name, value) || /^(?:\$\{?[A-Za-z_]|\$\(|`)/.test(value);
}

const HEADER =
  /^((?:proxy-)?authorization|[\w-]*(?:api-key|token|secret)):\s*(?:(?:bearer|basic|token)\s+)?(\S+)\s*$/i;

/** The host of a URL that contains a secret: a bot's token in the path, a password, or a key among the parameters. */
function secretUrl(word: string): string | undefined {
  const [, userInfo, host = '', rest = ''] =
    /^[a-z][a-z\d+.-]*:\/\/(?:([^\s/@]*)@)?([^\s/?]+)(.*)$/is.exec(word) ?? [];
  if (host === '') return undefined;
  const password = userInfo?.split(':')[1];
  const key = /[?&](?:api_?key|key|token|access_token)=([^&\s]+)/i.exec(rest)?.[1];
  const bot = host === 'api.telegram.org' ? /^\/bot([^/]+)/.exec(rest)?.[1] : undefined;
  const isShown = [password, key, bot].some(
    secret => secret !== undefined && isSecretOrReference('token', secret),
  );
  return isShown ? host : undefined;
}

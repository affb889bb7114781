/**
 * Finds commands of a service that send messages by themselves, as people wrote them before daruma: beside the hooks each
 * restart would be told twice.
 */
import { baseName, withoutWrappers } from '../services/command-words.ts';
import { isOwnHook } from '../check/own-hooks.ts';
import { hooksDropInName } from '../check/own-drop-ins.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { ownFilesOf } from '../services/own-files.ts';
import { commandsIn, parseShellScript } from '../services/shell/script.ts';
import { shellProgram } from '../services/shell/shell-program.ts';
import { wordsOf } from '../services/wrappers.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { overlayFiles } from '../systemd/host/overlay-files.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import { resolveService } from '../systemd/service.ts';
import { parseCommandLines } from '../systemd/values/command-line.ts';

/** The settings whose commands systemd runs beside the service at each start and end. */
const hookKeys = ['ExecStartPost', 'ExecStopPost'] as const;
type HookKey = (typeof hookKeys)[number];

export interface OtherMessenger {
  readonly unit: string;
  readonly key: HookKey;
  /** The value as written. */
  readonly line: string;
  /** The service that it sends to. */
  readonly receiver: string;
  /** Whether all that it does is understood, and is for the message only: then it can be taken out. */
  readonly isOnlyMessage: boolean;
}

/** What the hooks of a unit are to leave of its lists: the lines of others, without those that only send a message. */
export type KeptLines = ReadonlyMap<HookKey, readonly string[]>;

export interface FoundMessengers {
  readonly messengers: readonly OtherMessenger[];
  /** By unit; only lists that change. */
  readonly kept: ReadonlyMap<string, KeptLines>;
}

/** Looks at the services as they are without daruma's own hooks, which may have taken such a command out before. */
export async function findMessengers(
  { host }: Inventory,
  units: readonly string[],
): Promise<FoundMessengers> {
  const folder = ownUnitFolder(host.scope, host.environment);
  const own = units.map(unit => [`${folder ?? ''}/${unit}.d/${hooksDropInName}`, absent] as const);
  const before = {
    ...host,
    files: overlayFiles(host.files, new Map<string, FileState>(own)),
    manager: undefined,
  };
  const inventory = await takeInventory(before);
  const messengers: OtherMessenger[] = [];
  const kept = new Map<string, KeptLines>();
  for (const unit of units) {
    const found = messengersOf(unit, inventory);
    messengers.push(...found.messengers);
    if (found.kept.size > 0) kept.set(unit, found.kept);
  }
  return { messengers, kept };
}

const absent = { kind: 'absent' } as const;

function messengersOf(
  unit: string,
  inventory: Inventory,
): { readonly messengers: readonly OtherMessenger[]; readonly kept: KeptLines } {
  const { loader, host } = inventory;
  const loaded = loader.load(unit);
  const { settings } = resolveService(loaded, loader.defaults, host.systemd.version);
  const messengers: OtherMessenger[] = [];
  const kept = new Map<HookKey, readonly string[]>();
  for (const key of hookKeys) {
    const lines = loaded.assignments.get('Service', key);
    const commands = settings?.[key].value ?? [];
    const isOneEach = lines.every(
      ({ value }) => parseCommandLines(value, { version: host.systemd.version }).commands.length === 1,
    );
    const found = commands.flatMap((command, index) => {
      const message = messageOf(wordsOf(command), inventory);
      const line = lines[index]?.value;
      if (message === undefined) return [];
      const isKnownLine = isOneEach && lines.length === commands.length && line !== undefined;
      const isOnlyMessage = message.isOnlyMessage && isKnownLine;
      return [{ index, messenger: { unit, key, line: line ?? command.path, ...message, isOnlyMessage } }];
    });
    messengers.push(...found.map(({ messenger }) => messenger));
    const out = new Set(found.flatMap(({ index, messenger }) => (messenger.isOnlyMessage ? index : [])));
    if (out.size > 0) {
      kept.set(
        key,
        lines.flatMap(({ value }, index) => (out.has(index) ? [] : value)),
      );
    }
  }
  return { messengers, kept };
}

function messageOf(
  words: readonly string[],
  { host }: Inventory,
): Pick<OtherMessenger, 'receiver' | 'isOnlyMessage'> | undefined {
  if (isOwnHook(words)) return undefined;
  // systemd replaces a doubled dollar sign by a single one before a shell sees it.
  const command = withoutWrappers(words.map(word => word.replaceAll('$$', '$')));
  const shell = shellProgram(command);
  const file = shell?.kind === 'file' ? shell.path : (command[0] ?? '');
  let isWhole = true;
  let commands: readonly (readonly string[])[] = [command];
  if (shell?.kind === 'text') commands = commandsOf(shell.text);
  else if (file.startsWith('/')) {
    const content = ownFilesOf(host).readScript(file);
    if (content.state === 'read' && (shell !== undefined || /^#!.*sh\b/.test(content.text))) {
      commands = commandsOf(content.text);
    } else if (shell !== undefined) return undefined;
  }
  const receiver = commands.flatMap(each => receiverOf(each) ?? [])[0];
  if (receiver === undefined) return undefined;
  return { receiver, isOnlyMessage: isWhole && commands.every(isForMessage) };

  function commandsOf(text: string): readonly (readonly string[])[] {
    if (writesToFile.test(text)) isWhole = false;
    const statements = parseShellScript(text, () => {
      isWhole = false;
    });
    return [...commandsIn(statements)].map(each => each.words);
  }
}

/** What goes elsewhere than to /dev/null or another stream; also one in a quoted text, since a doubtful script stays. */
const writesToFile = />(?!\s{0,9}\/dev\/null\b|&\d)/;

function withoutAssignments(words: readonly string[]): readonly string[] {
  const first = words.findIndex(word => !/^\w+=/.test(word));
  return first === -1 ? [] : words.slice(first);
}

/** The service that a request sends a message to; undefined for any other command. */
function receiverOf(words: readonly string[]): string | undefined {
  const [program = '', ...args] = withoutWrappers(withoutAssignments(words));
  if (!requests.has(baseName(program))) return undefined;
  for (const word of args) {
    const address = /https?:\/\/([a-z0-9.-]{1,200})(?::\d{1,5})?(\/[^\s]{0,40})?/i.exec(word);
    const [, host = '', path = ''] = address ?? [];
    const known = receivers.find(each => each.host === host.toLowerCase() && path.startsWith(each.path));
    if (known !== undefined) return known.host;
  }
  return undefined;
}

/** Whether a command serves a message only: it sends it, waits for the service of this machine, or makes the text. */
function isForMessage(words: readonly string[]): boolean {
  const [program = '', ...args] = withoutWrappers(withoutAssignments(words));
  const name = baseName(program);
  if (program === '' || harmless.has(name)) return true;
  if (readers.has(name))
    return (
      args[0] === '-c' && !/write|['"][wax][bt+]?['"]|system|subprocess|unlink|remove/.test(args.join(' '))
    );
  if (!requests.has(name)) return false;
  return receiverOf(words) !== undefined || args.some(word => localAddress.test(word));
}

const localAddress = /^(?:https?:\/\/)?(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?:[:/]|$)/;

const requests: ReadonlySet<string> = new Set(['curl', 'wget']);

/** Interpreters that a script asks for a value of a file. */
const readers: ReadonlySet<string> = new Set(['python3', 'python']);

const harmless: ReadonlySet<string> = new Set(
  '[ [[ : basename break cat continue cut date dirname echo exit export false grep head hostname jq local printf read return seq set sleep tail test tr true uname wc'.split(
    ' ',
  ),
);

/** Services that pass messages on to people, and where their addresses for messages begin. */
const receivers: readonly { readonly host: string; readonly path: string }[] = [
  { host: 'api.telegram.org', path: '/bot' },
  { host: 'ntfy.sh', path: '/' },
  { host: 'api.day.app', path: '/' },
  { host: 'hooks.slack.com', path: '/' },
  { host: 'discord.com', path: '/api/webhooks' },
  { host: 'discordapp.com', path: '/api/webhooks' },
  { host: 'open.feishu.cn', path: '/open-apis/bot' },
  { host: 'open.larksuite.com', path: '/open-apis/bot' },
  { host: 'oapi.dingtalk.com', path: '/robot' },
  { host: 'qyapi.weixin.qq.com', path: '/cgi-bin/webhook' },
  { host: 'sctapi.ftqq.com', path: '/' },
  { host: 'www.pushplus.plus', path: '/send' },
  { host: 'api.pushover.net', path: '/' },
];

/**
 * The chats of a Telegram bot of OpenClaw, as its files have them: its owners, whom it lets in, and with whom it has talked.
 *
 * Sources: docs.openclaw.ai/channels/pairing ("Where the state lives"), docs.openclaw.ai/channels/telegram/access-control,
 * docs.openclaw.ai/reference/session-management-compaction; run: openclaw 2026.9.6, with a Bot API on loopback. Earlier versions
 * had files of JSON in their place, which `openclaw doctor --fix` takes in.
 */
import path from 'node:path';
import { fieldOf, isMapping, itemsOf as itemsIn, textIn } from '../json/value.ts';
import type { HostFiles } from '../systemd/host/host.ts';
import type { MetLimit } from '../systemd/host/limit.ts';
import { type ConfigNode, itemsOf, nodeAt, scalarOf } from './config-node.ts';
import { readForeignDatabase } from './foreign-database.ts';
import type { OpenclawConfig } from './openclaw-config.ts';
import { ownFilesAmong } from './own-files.ts';

/**
 * How a chat is known, from the surest: its person is an `owner` of the commands, is `allowed` by the configuration, was `paired`;
 * has a conversation (`direct`, `group`), or has asked to be let in (`waiting`). Anybody who finds the bot can do the last, and
 * with some configurations the last but one.
 */
const chatOrigins = ['owner', 'allowed', 'paired', 'direct', 'group', 'waiting'] as const;
export type ChatOrigin = (typeof chatOrigins)[number];

export interface FoundChat {
  /** In Telegram, the number of a private chat is that of its person; that of a group is negative. */
  readonly id: number;
  readonly origin: ChatOrigin;
  /** What a person calls themselves: a foreign text. */
  readonly name: string | undefined;
}

/**
 * @param account the id of the account
 * @param note is called with a file that exists and is not read, and with the reason
 * @returns each chat once, the surest first
 */
export function telegramChats(
  config: OpenclawConfig,
  account: string,
  files: HostFiles,
  note: (file: string, why: MetLimit['limit']) => void,
): readonly FoundChat[] {
  const folder = path.posix.dirname(config.environmentFile);
  const state: StateFolder = { folder, real: files.resolve(folder) ?? folder, files, note };
  const id = account.toLowerCase();
  const { paired, waiting } = pairedIn(state, id);
  const letIn = [...ownersIn(config), ...allowedIn(config, account), ...paired];
  // The databases of agents hold all that was said and are large; they are read only where nobody was let in.
  const found = [...letIn, ...waiting, ...(letIn.length === 0 ? talkedWith(state, id) : [])];
  const byId = new Map<number, FoundChat>();
  for (const chat of found.toSorted(bySureness)) {
    const known = byId.get(chat.id);
    byId.set(chat.id, known === undefined ? chat : { ...known, name: known.name ?? chat.name });
  }
  return [...byId.values()].slice(0, mostChats);
}

/** Nobody chooses among more. */
const mostChats = 20;

function bySureness(a: FoundChat, b: FoundChat): number {
  return chatOrigins.indexOf(a.origin) - chatOrigins.indexOf(b.origin);
}

/** The folder of the state, which no link of it leads out of. */
interface StateFolder {
  readonly folder: string;
  readonly real: string;
  readonly files: HostFiles;
  readonly note: (file: string, why: MetLimit['limit']) => void;
}

/** `commands.ownerAllowFrom: ["telegram:42"]`, which the first approval of a person writes. */
function ownersIn(config: OpenclawConfig): readonly FoundChat[] {
  const entries = textsOf(nodeAt(config.root, 'commands', 'ownerAllowFrom'), config);
  return entries.flatMap(entry => (isPrefixed(entry) ? chatsIn(entry, 'owner') : []));
}

/** `allowFrom` of the account, or else of the channel, with the groups of people that it names. */
function allowedIn(config: OpenclawConfig, account: string): readonly FoundChat[] {
  const channel = nodeAt(config.root, 'channels', 'telegram');
  const own = nodeAt(channel, 'accounts', account, 'allowFrom');
  return [...new Set(textsOf(own ?? nodeAt(channel, 'allowFrom'), config))]
    .flatMap(entry => {
      const group = /^accessGroup:(.+)$/.exec(entry)?.[1];
      if (group === undefined) return [entry];
      return textsOf(nodeAt(config.root, 'accessGroups', group, 'members', 'telegram'), config);
    })
    .flatMap(entry => chatsIn(entry, 'allowed'));
}

function textsOf(list: ConfigNode | undefined, config: OpenclawConfig): readonly string[] {
  return itemsOf(list)
    .slice(0, mostEntries)
    .flatMap(node => {
      const value = scalarOf(node);
      return typeof value === 'number' ? String(value) : (config.text(node) ?? []);
    });
}

const mostEntries = 1_000;

function isPrefixed(entry: string): boolean {
  return /^(?:telegram|tg):/i.test(entry);
}

/** @param text a number, as Telegram's own, or with a prefix; other texts such as `*` and `@name` are no chats */
function chatsIn(text: string, origin: ChatOrigin, name?: string): readonly FoundChat[] {
  const digits = /^(?:(?:telegram|tg):)?(?:group:)?(-?\d{1,16})(?::topic:\d+)?$/i.exec(text.trim())?.[1];
  const id = Number(digits);
  return digits !== undefined && Number.isSafeInteger(id) && id !== 0 ? [{ id, origin, name }] : [];
}

/** Whom a person has let in, and who waits for it. */
interface Paired {
  readonly paired: readonly FoundChat[];
  readonly waiting: readonly FoundChat[];
}

function pairedIn(state: StateFolder, account: string): Paired {
  const where = { channel_key: 'telegram', account_id: account };
  const [entries = [], requests = []] = rowsIn(state, 'state/openclaw.sqlite', [
    { table: 'channel_pairing_allow_entries', columns: ['entry'], where },
    {
      table: 'channel_pairing_requests',
      columns: ['request_id', 'meta_json'],
      where,
      latestBy: 'last_seen_at',
    },
  ]);
  // Before there were accounts, the file had no name of one.
  const earlier = [
    `telegram-${account}-allowFrom.json`,
    ...(account === 'default' ? ['telegram-allowFrom.json'] : []),
  ];
  return {
    paired: [
      ...entries.flatMap(({ entry = '' }) => chatsIn(entry, 'paired')),
      ...earlier.flatMap(name => {
        const listed = itemsIn(fieldOf(jsonIn(state, `credentials/${name}`), 'allowFrom'));
        return listed.slice(0, mostEntries).flatMap(entry => chatsIn(String(entry), 'paired'));
      }),
    ],
    waiting: requests.flatMap(({ request_id: person = '', meta_json: meta = '' }) =>
      chatsIn(person, 'waiting', nameIn(parsed(meta))),
    ),
  };
}

/** What a person calls themselves. */
function nameIn(meta: unknown): string | undefined {
  const username = textIn(meta, 'username');
  return username === undefined ? textIn(meta, 'firstName') : `@${username}`;
}

/** The conversations of the agents. */
function talkedWith(state: StateFolder, account: string): readonly FoundChat[] {
  return agentsIn(state).flatMap(agent => {
    const [rows = []] = rowsIn(state, `agents/${agent}/agent/openclaw-agent.sqlite`, [
      {
        table: 'conversations',
        columns: ['kind', 'delivery_target'],
        where: { channel: 'telegram', account_id: account },
        latestBy: 'updated_at',
      },
    ]);
    const earlier = jsonIn(state, `agents/${agent}/sessions/sessions.json`);
    return [
      ...rows.flatMap(({ kind, delivery_target: target = '' }) =>
        chatsIn(target, kind === 'direct' ? 'direct' : 'group'),
      ),
      ...Object.values(isMapping(earlier) ? earlier : {})
        .slice(0, mostEntries)
        .flatMap(session => ofSession(session, account)),
    ];
  });
}

/** The route of the last answer. */
function ofSession(session: unknown, account: string): readonly FoundChat[] {
  const to = textIn(session, 'lastTo') ?? '';
  if (textIn(session, 'lastChannel') !== 'telegram') return [];
  if ((textIn(session, 'lastAccountId') ?? account) !== account) return [];
  return chatsIn(to, 'direct').map(each => ({ ...each, origin: each.id < 0 ? 'group' : 'direct' }));
}

function agentsIn({ folder, real, files }: StateFolder): readonly string[] {
  const agents = `${folder}/agents`;
  const isInside = files.resolve(agents)?.startsWith(`${real}/`) === true;
  const own = ownFilesAmong(files, () => isInside);
  return (own.list(agents) ?? []).toSorted().slice(0, mostAgents);
}

const mostAgents = 16;

function rowsIn(
  state: StateFolder,
  name: string,
  selections: Parameters<typeof readForeignDatabase>[2],
): ReturnType<typeof readForeignDatabase> {
  const file = fileIn(state, name);
  if (file === undefined) return [];
  return readForeignDatabase(file, state.files, selections, limit => state.note(file, limit));
}

function jsonIn(state: StateFolder, name: string): unknown {
  const file = fileIn(state, name);
  if (file === undefined) return undefined;
  const content = ownFilesAmong(state.files, () => true, state.note).read(file);
  return content.state === 'read' ? parsed(content.text) : undefined;
}

/** The path of a file without links; undefined when there is none, or when a link leads out of the folder. */
function fileIn({ folder, real, files }: StateFolder, name: string): string | undefined {
  try {
    const file = files.resolve(`${folder}/${name}`);
    return file?.startsWith(`${real}/`) ? file : undefined;
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

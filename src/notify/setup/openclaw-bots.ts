/** The Telegram bots that OpenClaw has on a machine, with the chats that its files know. */
import { isReadWhole } from '../../services/config-problem.ts';
import { readPicture } from '../../routes/read-picture.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { type TelegramAccount, telegramAccounts } from '../../secrets/openclaw-secret.ts';
import { readSecret } from '../../secrets/secret.ts';
import { type FoundChat, telegramChats } from '../../services/openclaw-chats.ts';
import { entriesOf, nodeAt } from '../../services/config-node.ts';
import type { OpenclawConfig } from '../../services/openclaw-config.ts';
import { noteLimit } from '../../systemd/host/limit.ts';

export interface OpenclawBot {
  /** The configuration that has it. */
  readonly file: string;
  /** The key of its account. */
  readonly key: string;
  readonly token: string;
  /** The reference by which a program that the manager starts finds the token; undefined when it would not. */
  readonly reference: string | undefined;
  /** A Bot API server of its own. */
  readonly api: string | undefined;
  readonly chats: readonly FoundChat[];
}

export interface FoundBots {
  /** Each bot once; the one that OpenClaw uses when none is chosen comes first. */
  readonly bots: readonly OpenclawBot[];
  /** Whether OpenClaw may have further ones, whose tokens cannot be read here. */
  readonly mayHaveMore: boolean;
}

export async function openclawBots(inventory: Inventory): Promise<FoundBots> {
  const { gateways } = await readPicture(inventory, []);
  const byToken = new Map<string, OpenclawBot>();
  for (const { config } of gateways) {
    for (const account of telegramAccounts(config)) {
      if (isBotToken(account.token) && !byToken.has(account.token))
        byToken.set(account.token, botOf(account, config, inventory));
    }
  }
  return { bots: [...byToken.values()], mayHaveMore: gateways.some(({ config }) => mayHaveUnread(config)) };
}

function mayHaveUnread(config: OpenclawConfig): boolean {
  if (config.state === 'missing') return false;
  const isWhole = config.state === 'read' && isReadWhole(config.problems);
  const channel = nodeAt(config.root, 'channels', 'telegram');
  const accounts = Math.max(1, entriesOf(nodeAt(channel, 'accounts')).length);
  return !isWhole || (channel !== undefined && telegramAccounts(config).length < accounts);
}

function botOf(
  { id, key, token }: TelegramAccount,
  config: OpenclawConfig,
  { host }: Inventory,
): OpenclawBot {
  const reference = `openclaw:${key}`;
  const isFound = /^openclaw:[\w.-]+$/.test(reference) && readSecret(reference, host.environment) === token;
  const channel = nodeAt(config.root, 'channels', 'telegram');
  return {
    file: config.file,
    key,
    token,
    reference: isFound ? reference : undefined,
    api: address(config.text(nodeAt(channel, 'accounts', id, 'apiRoot') ?? nodeAt(channel, 'apiRoot'))),
    chats: telegramChats(config, id, host.files, (file, limit) =>
      noteLimit(host, { source: { file, line: null }, limit }),
    ),
  };
}

/** As a configuration may have it: with a password it may not. */
function address(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text);
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isPlain ? text : undefined;
}

/** Source: core.telegram.org/bots/api#authorizing-your-bot. No other text may become a part of an address. */
export function isBotToken(text: string): boolean {
  return /^\d{1,20}:[\w-]{30,64}$/.test(text);
}

/** The number of the bot, which everybody may know. */
export function botNumber(token: string): string {
  return token.slice(0, token.indexOf(':'));
}

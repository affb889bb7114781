/** Plans a channel of Telegram in the configuration, and the file of its token where no reference leads to it. */
import path from 'node:path';
import { type TelegramChannel, withChannel } from '../../config/edit.ts';
import { channelName } from '../../config/channel-name.ts';
import { channelDefaults } from '../../config/defaults.ts';
import type { WrittenConfiguration } from '../../config/schema.ts';
import { type EditableConfiguration, fileOf, originalAt } from '../../fix/draft.ts';
import { readSecret } from '../../secrets/secret.ts';
import type { Host } from '../../systemd/host/host.ts';
import type { Changes } from '../../transaction/changes.ts';
import { botNumber } from './openclaw-bots.ts';

/** A bot that may be told to write. */
export interface Bot {
  readonly token: string;
  /** Undefined when the token needs a file of its own. */
  readonly reference: string | undefined;
  readonly api: string | undefined;
}

export interface PlannedChannel {
  readonly name: string;
  readonly channel: TelegramChannel;
  /** Of the token and of the configuration; none when the configuration has such a channel already. */
  readonly changes: Pick<Changes, 'files'> & Required<Pick<Changes, 'madeFrom'>>;
  /** The file that the token goes to; undefined when a reference leads to it. */
  readonly tokenFile: string | undefined;
}

/**
 * @param written the present configuration
 * @param environment of this process: a present channel may have its token in a variable
 */
export function planChannel(
  bot: Bot,
  chat: number | string,
  written: WrittenConfiguration | undefined,
  { path: file, text }: EditableConfiguration,
  host: Host,
  environment: Readonly<Record<string, string | undefined>>,
): PlannedChannel {
  const channels = written?.notify?.channels ?? [];
  const present = channels
    .filter(each => each.type === 'telegram')
    .find(
      each =>
        String(each.chat) === String(chat) &&
        readSecret(each.token, { ...environment, ...host.environment }) === bot.token,
    );
  if (present !== undefined) {
    const { token, api } = present;
    const channel = { type: 'telegram', token, chat, ...(api === undefined ? {} : { api }) } as const;
    return { name: channelName(present), channel, changes: noChanges, tokenFile: undefined };
  }
  const tokenFile =
    bot.reference === undefined
      ? path.posix.join(path.posix.dirname(file), `telegram-${botNumber(bot.token)}.token`)
      : undefined;
  const name = freeName(channels.map(channelName));
  const channel: TelegramChannel = {
    type: 'telegram',
    ...(name === usualName ? {} : { name }),
    token: bot.reference ?? `file:${tokenFile}`,
    chat,
    ...(bot.api === undefined || bot.api === channelDefaults.api ? {} : { api: bot.api }),
  };
  const configuration = originalAt(file, host);
  const files = new Map([[file, fileOf(withChannel(text, channel), configuration.mode)]]);
  const madeFrom = new Map([[file, configuration.state]]);
  if (tokenFile !== undefined) {
    files.set(tokenFile, fileOf(`${bot.token}\n`, 0o600));
    madeFrom.set(tokenFile, originalAt(tokenFile, host).state);
  }
  return { name, channel, changes: { files, madeFrom }, tokenFile };
}

const noChanges = { files: new Map(), madeFrom: new Map() } as const;

const usualName = 'telegram';

/** The outbox stores messages by the name of the channel. */
function freeName(taken: readonly string[]): string {
  const names = taken.map((_, index) => `${usualName}-${index + 2}`);
  return [usualName, ...names].find(name => !taken.includes(name)) ?? usualName;
}

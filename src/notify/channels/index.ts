/** Opens the channels that a configuration names. */
import { channelName } from '../../config/channel-name.ts';
import type { WrittenChannel, WrittenConfiguration } from '../../config/schema.ts';
import type { Channel } from '../channel.ts';
import { readSecret } from '../../secrets/secret.ts';
import { apprise } from './apprise.ts';
import { command, desktop } from './command.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import { gotify } from './gotify.ts';
import { matrix } from './matrix.ts';
import { ntfy } from './ntfy.ts';
import type { SecretReader } from './settings.ts';
import { slack } from './slack.ts';
import { telegram } from './telegram.ts';
import { webhook } from './webhook.ts';

/** @param environment may contain secrets */
export function createChannels(
  written: WrittenConfiguration | undefined,
  environment: NodeJS.ProcessEnv,
): readonly Channel[] {
  const channels = written?.notify?.channels ?? [];
  const read: SecretReader = reference => readSecret(reference, environment);
  const ofPrograms = withoutVariables(environment, channels.flatMap(referredVariables));
  return channels.flatMap(channel => createChannel(channel, read, ofPrograms));
}

/** The environment without the given variables: a program receives no secrets that it does not need. */
function withoutVariables(environment: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}

function referredVariables(channel: WrittenChannel): readonly string[] {
  return Object.values(channel).flatMap(value =>
    typeof value === 'string' && value.startsWith('env:') ? [value.slice('env:'.length)] : [],
  );
}

function createChannel(
  channel: WrittenChannel,
  read: SecretReader,
  environment: NodeJS.ProcessEnv,
): Channel | readonly Channel[] {
  const name = channelName(channel);
  switch (channel.type) {
    case 'telegram':
      return telegram(name, channel, read);
    case 'ntfy':
      return ntfy(name, channel, read);
    case 'slack':
      return slack(name, channel, read);
    case 'discord':
      return discord(name, channel, read);
    case 'webhook':
      return webhook(name, channel, read);
    case 'email':
      return email(name, channel, read);
    case 'gotify':
      return gotify(name, channel, read);
    case 'apprise':
      return apprise(name, channel, read);
    case 'matrix':
      return matrix(name, channel, read);
    case 'desktop':
      return desktop(name, environment);
    case 'command':
      return command(name, channel, environment);
    default:
      return channel satisfies never;
  }
}

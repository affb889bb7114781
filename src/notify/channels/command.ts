/** A program of one's own, and the one that shows messages on a desktop. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Channel, ChannelFault, Receipt } from '../channel.ts';
import { escapeMarkup } from '../escape.ts';
import type { ChannelSettings } from './settings.ts';

/**
 * It gets the letter on its standard input: the title, and below it the text.
 *
 * @param environment without the secrets of other channels
 */
export function command(
  name: string,
  settings: ChannelSettings<'command'>,
  environment: NodeJS.ProcessEnv,
): Channel {
  const [file = '', ...args] = settings.command;
  return {
    name,
    markup: 'plain',
    send: ({ id, title, body }, signal) =>
      run(
        file,
        args,
        { environment: { ...environment, DARUMA_MESSAGE_ID: id }, input: `${title}\n${body}\n` },
        signal,
      ),
  };
}

/** notify-send(1) speaks to whatever desktop runs in the session of the user. */
export function desktop(name: string, environment: NodeJS.ProcessEnv): Channel {
  return {
    name,
    markup: 'plain',
    send: ({ title, body }, signal) =>
      run(
        'notify-send',
        ['--app-name=daruma', '--', title, escapeMarkup(body)],
        { environment, input: '' },
        signal,
      ),
  };
}

interface Errand {
  readonly environment: NodeJS.ProcessEnv;
  readonly input: string;
}

async function run(
  file: string,
  args: readonly string[],
  { environment: env, input }: Errand,
  signal: AbortSignal,
): Promise<Receipt> {
  try {
    const running = promisify(execFile)(file, args, { env, signal, killSignal: 'SIGKILL' });
    // One that does not read is not in the wrong.
    running.child.stdin?.on('error', () => undefined).end(input);
    await running;
    return { kind: 'delivered' };
  } catch (error) {
    return { kind: 'later', fault: commandFault(file, error) };
  }
}

function commandFault(file: string, error: unknown): ChannelFault {
  if (!(error instanceof Error)) return { code: 'command-failed', status: null, detail: String(error) };
  if (error.name === 'AbortError') return { code: 'timeout', status: null, detail: '' };
  const code = 'code' in error ? error.code : undefined;
  if (typeof code !== 'number') {
    return {
      code: 'command-failed',
      status: null,
      detail: typeof code === 'string' ? `${file}: ${code}` : file,
    };
  }
  const said = 'stderr' in error ? String(error.stderr).trim() : '';
  return { code: 'command-failed', status: code, detail: (said.split('\n').at(-1) ?? '').slice(0, 200) };
}

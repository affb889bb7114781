/** Channels that run a program: the user's own, or notify-send(1) for the desktop. */
import { type Command, givenCommandLine } from '../../programs/command.ts';
import type { ProgramFailure } from '../../programs/failure.ts';
import { runProgram } from '../../programs/run.ts';
import { inShort } from '../../secrets/redaction.ts';
import type { Channel, ChannelFault, Receipt } from '../channel.ts';
import { escapeMarkup } from '../escape.ts';
import type { ChannelSettings } from './settings.ts';

/**
 * The program receives the letter on its standard input: the title, and below it the text.
 *
 * @param environment the program's environment, without the secrets of other channels
 */
export function command(
  name: string,
  settings: ChannelSettings<'command'>,
  environment: NodeJS.ProcessEnv,
): Channel {
  return {
    name,
    markup: 'plain',
    send: ({ id, title, body }, signal) =>
      run(
        givenCommandLine(settings.command),
        { environment: { ...environment, DARUMA_MESSAGE_ID: id }, input: `${title}\n${body}\n` },
        signal,
      ),
  };
}

/** notify-send(1) shows the message on the desktop of the user's session. */
export function desktop(name: string, environment: NodeJS.ProcessEnv): Channel {
  return {
    name,
    markup: 'plain',
    send: ({ title, body }, signal) =>
      run(
        { program: 'notify-send', options: ['--app-name=daruma'], operands: [title, escapeMarkup(body)] },
        { environment, input: '' },
        signal,
      ),
  };
}

interface Errand {
  readonly environment: NodeJS.ProcessEnv;
  readonly input: string;
}

async function run(toRun: Command, { environment, input }: Errand, signal: AbortSignal): Promise<Receipt> {
  const { failure } = await runProgram(toRun, {
    environment,
    input,
    signal,
    timeoutMs: longestMs,
    outputBytes: 2 ** 20,
  });
  return failure === undefined
    ? { kind: 'delivered' }
    : { kind: 'later', fault: commandFault(toRun.program, failure) };
}

/** The signal of `send` normally ends the attempt earlier. */
const longestMs = 60_000;

function commandFault(program: string, failure: ProgramFailure): ChannelFault {
  switch (failure.code) {
    case 'interrupted':
    case 'timed-out':
      return { code: 'timeout', status: null, detail: '' };
    case 'exited':
      return { code: 'command-failed', status: failure.status, detail: inShort(failure.said, 200) };
    case 'not-found':
    case 'not-permitted':
    case 'not-started':
      return { code: 'command-failed', status: null, detail: `${program}: ${failure.errno}` };
    case 'killed':
      return { code: 'command-failed', status: null, detail: `${program}: ${failure.signal}` };
    case 'too-much-output':
      return { code: 'command-failed', status: null, detail: program };
    default:
      return failure satisfies never;
  }
}

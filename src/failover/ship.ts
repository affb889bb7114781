/** Lets the daruma of another machine make its changes there, over ssh(1). */
import type { Command } from '../programs/command.ts';
import { runProgram } from '../programs/run.ts';
import { readReply, type ShipAnswer, type ShipRequest } from './shipment.ts';

/** What went wrong, on the way or on the other machine. */
export type ShipFault =
  | { readonly code: 'no-destination' }
  | { readonly code: 'no-ssh' }
  /** ssh itself failed; `said` is the end of its message. */
  | { readonly code: 'not-connected'; readonly said: string }
  | { readonly code: 'no-daruma' }
  | { readonly code: 'too-old' }
  | { readonly code: 'timeout'; readonly seconds: number }
  /** The daruma there refused; `message` is its own text. */
  | { readonly code: 'refused'; readonly message: string; readonly hint: string | null }
  | { readonly code: 'no-answer'; readonly status: number | null; readonly said: string };

export type Shipped =
  | { readonly kind: 'answer'; readonly answer: ShipAnswer }
  | { readonly kind: 'fault'; readonly fault: ShipFault };

export interface ShipOptions {
  /** The language of the answer. It becomes part of a command line, so only known values are allowed. */
  readonly language: 'en' | 'zh-CN';
  readonly limitMs: number;
  /** The environment for ssh. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Sends a request on ssh's standard input, since every user can read arguments.
 *
 * @param destination for ssh: `kuma@kuma.example.com`, or a host of its configuration
 */
export async function ship(
  destination: string,
  request: ShipRequest,
  { language, limitMs, environment }: ShipOptions,
): Promise<Shipped> {
  if (!SSH_DESTINATION.test(destination)) return { kind: 'fault', fault: { code: 'no-destination' } };
  const { stdout, stderr, failure } = await runProgram(sshCommand(destination, language), {
    environment,
    input: JSON.stringify(request),
    timeoutMs: limitMs,
    outputBytes: longestAnswer,
  });
  const fault = (each: ShipFault): Shipped => ({ kind: 'fault', fault: each });
  if (failure !== undefined && 'errno' in failure) return fault({ code: 'no-ssh' });
  if (failure?.code === 'timed-out') return fault({ code: 'timeout', seconds: Math.round(limitMs / 1000) });
  const reply = readReply(stdout);
  if (reply.kind === 'answer') return reply;
  if (reply.kind === 'refused') {
    const { code, message, hint } = reply;
    return fault(unknownToOlder.has(code) ? { code: 'too-old' } : { code: 'refused', message, hint });
  }
  const status = failure === undefined ? 0 : failure.code === 'exited' ? failure.status : null;
  const said = stderr.trimEnd().split('\n').at(-1)?.trim() ?? '';
  // ssh(1), "EXIT STATUS"; 127 is the shell's status for a command that was not found.
  if (status === 255) return fault({ code: 'not-connected', said });
  if (status === 127) return fault({ code: 'no-daruma' });
  return fault({ code: 'no-answer', status, said });
}

const longestAnswer = 4 * 1024 * 1024;

/** @param destination checked: after `--`, a program that ssh passes it to could still read it as an option */
function sshCommand(destination: string, language: ShipOptions['language']): Command {
  // A login shell, because the user's profile may add folders to PATH.
  const command = `sh -lc 'exec daruma failover receive --json --lang ${language}'`;
  return { program: 'ssh', options, operands: [destination, command] };
}

/** A leading dash would make it an option, and a space would make it two words. */
const SSH_DESTINATION = /^[^-\s][^\s]*$/;

/** Error codes of a daruma that does not know the request. */
const unknownToOlder: ReadonlySet<string> = new Set(['unknown-command', 'bad-choice', 'other-protocol']);

/** ssh must not ask for a password, and must notice when the host no longer answers. */
const options = [
  '-T',
  '-o',
  'BatchMode=yes',
  '-o',
  'ConnectTimeout=10',
  '-o',
  'ServerAliveInterval=5',
  '-o',
  'ServerAliveCountMax=3',
] as const;

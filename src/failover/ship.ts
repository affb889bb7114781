/** Has another machine put right by the daruma there, over the system's own ssh(1). */
import type { Command } from '../programs/command.ts';
import { runProgram } from '../programs/run.ts';
import { readReply, type ShipAnswer, type ShipRequest } from './shipment.ts';

/** What went wrong on the way, or there. */
export type ShipFault =
  | { readonly code: 'no-destination' }
  | { readonly code: 'no-ssh' }
  /** ssh itself failed; its own last words. */
  | { readonly code: 'not-connected'; readonly said: string }
  | { readonly code: 'no-daruma' }
  | { readonly code: 'too-old' }
  | { readonly code: 'timeout'; readonly seconds: number }
  /** The daruma there would not; its own words. */
  | { readonly code: 'refused'; readonly message: string; readonly hint: string | null }
  | { readonly code: 'no-answer'; readonly status: number | null; readonly said: string };

export type Shipped =
  | { readonly kind: 'answer'; readonly answer: ShipAnswer }
  | { readonly kind: 'fault'; readonly fault: ShipFault };

export interface ShipOptions {
  /** In which language to answer; part of a command line, so one of those that daruma knows. */
  readonly language: 'en' | 'zh-CN';
  readonly limitMs: number;
  /** Of ssh. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Sends a request on ssh's standard input: arguments can be read by everybody.
 *
 * @param destination as ssh takes it: `kuma@kuma.example.com`, or a name of its configuration
 */
export async function ship(
  destination: string,
  request: ShipRequest,
  { language, limitMs, environment }: ShipOptions,
): Promise<Shipped> {
  if (!isDestination.test(destination)) return { kind: 'fault', fault: { code: 'no-destination' } };
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
  // ssh(1), "EXIT STATUS"; 127 is the shell's for a command that is not there.
  if (status === 255) return fault({ code: 'not-connected', said });
  if (status === 127) return fault({ code: 'no-daruma' });
  return fault({ code: 'no-answer', status, said });
}

const longestAnswer = 4 * 1024 * 1024;

/** @param destination is checked: with a `--` alone, what ssh hands it on to might still take it for an option */
function sshCommand(destination: string, language: ShipOptions['language']): Command {
  // A login shell: programs of a user's own are found by what their profile says.
  const command = `sh -lc 'exec daruma failover receive --json --lang ${language}'`;
  return { program: 'ssh', options, operands: [destination, command] };
}

/** What begins with a dash would be an option, and a space a second word. */
const isDestination = /^[^-\s][^\s]*$/;

/** How a daruma says that it does not know what it is asked for. */
const unknownToOlder: ReadonlySet<string> = new Set(['unknown-command', 'bad-choice', 'other-protocol']);

/** Nobody can be asked for a password; a host that is gone is noticed. */
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

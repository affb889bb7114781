/** Has another machine put right by the daruma there, over the system's own ssh(1). */
import { spawn } from 'node:child_process';
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
  // A login shell: programs of a user's own are found by what their profile says.
  const command = `sh -lc 'exec daruma failover receive --json --lang ${language}'`;
  const run = await runSsh(
    [...options, '--', destination, command],
    JSON.stringify(request),
    limitMs,
    environment,
  );
  const fault = (each: ShipFault): Shipped => ({ kind: 'fault', fault: each });
  if (run.error !== undefined) return fault({ code: 'no-ssh' });
  if (run.isTimeout) return fault({ code: 'timeout', seconds: Math.round(limitMs / 1000) });
  const reply = readReply(run.stdout);
  if (reply.kind === 'answer') return reply;
  if (reply.kind === 'refused') {
    const { code, message, hint } = reply;
    return fault(unknownToOlder.has(code) ? { code: 'too-old' } : { code: 'refused', message, hint });
  }
  const said = run.stderr.trimEnd().split('\n').at(-1)?.trim() ?? '';
  // ssh(1), "EXIT STATUS"; 127 is the shell's for a command that is not there.
  if (run.status === 255) return fault({ code: 'not-connected', said });
  if (run.status === 127) return fault({ code: 'no-daruma' });
  return fault({ code: 'no-answer', status: run.status, said });
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

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly isTimeout: boolean;
  readonly error: Error | undefined;
}

function runSsh(
  args: readonly string[],
  input: string,
  limitMs: number,
  env: NodeJS.ProcessEnv,
): Promise<Run> {
  return new Promise(resolve => {
    const child = spawn('ssh', args, { env, stdio: 'pipe', timeout: limitMs, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    const startMs = Date.now();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < longestAnswer) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < longestAnswer) stderr += text;
    });
    // Whoever does not read to the end says why with its status.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.once('error', error => resolve({ status: null, stdout, stderr, isTimeout: false, error }));
    child.once('close', status => {
      const isTimeout = status === null && Date.now() - startMs >= limitMs;
      resolve({ status, stdout, stderr, isTimeout, error: undefined });
    });
  });
}

const longestAnswer = 4 * 1024 * 1024;

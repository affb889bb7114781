/** Runs the command line as people do: a process of its own, no terminal, an environment that is known. */
import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import os from 'node:os';
import path from 'node:path';

export const checkout = path.join(import.meta.dirname, '../..');

export interface RunOptions {
  /** Added to the environment; undefined takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Run as this user; root alone may. */
  readonly uid?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Plain text in 80 columns, in English, of a user without units. The cache saves half of the time. */
const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  NO_COLOR: '1',
  COLUMNS: '80',
  NODE_COMPILE_CACHE: path.join(os.tmpdir(), `daruma-test-cache-${process.getuid?.() ?? 0}`),
} as const;

/** Runs `daruma ARGS`; one that hangs is ended and has no exit code. */
export function daruma(
  args: readonly string[],
  { env = {}, cwd = checkout, uid }: RunOptions = {},
): RunResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd,
    encoding: 'utf8',
    env: environmentWith(env),
    timeout: 15_000,
    killSignal: 'SIGKILL',
    maxBuffer: 256 * 1024 * 1024,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { code: status, stdout, stderr };
}

/** The same, while this process answers what it asks. */
export async function darumaMeanwhile(
  args: readonly string[],
  { env = {} }: Pick<RunOptions, 'env'> = {},
): Promise<RunResult> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: checkout,
    env: environmentWith(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>(resolve => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

const main = path.join(checkout, 'src/cli/main.ts');

function environmentWith(env: NonNullable<RunOptions['env']>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries({ ...environment, ...env }).filter(([, value]) => value !== undefined),
  );
}

/** What the documents of `status` and `explain` hold, as far as tests ask; docs/schema/ has all of it. */
export interface Document {
  readonly host: {
    readonly name: string;
    readonly user: string;
    readonly scope: string;
    readonly systemd: object;
  };
  readonly linger: boolean | null;
  readonly manager: { readonly transport: string | null; readonly problem: { readonly code: string } | null };
  readonly units: readonly Unit[];
}

export interface Unit {
  readonly unit: string;
  readonly host: string;
  readonly path: string | null;
  readonly load: string;
  readonly problem: { readonly code: string; readonly text: string } | null;
  readonly enabled: string | null;
  readonly needDaemonReload: boolean | null;
  // status
  readonly active: string | null;
  readonly sub: string | null;
  readonly pid: number | null;
  readonly nRestarts: number | null;
  readonly falls: Readonly<Record<string, Fall>>;
  // explain
  readonly systemd: number;
  readonly settings: Readonly<Record<string, { readonly value: string }>>;
  readonly outcomes: readonly Outcome[];
  readonly crashLoop: readonly object[];
}

interface Fall {
  readonly possible: boolean;
  readonly getsUp: boolean | 'on-demand';
  readonly undetermined: boolean;
}

interface Outcome {
  readonly on: string;
  readonly timeline?: object;
}

/** The document that `daruma ARGS --json` prints. */
export function darumaJson(args: readonly string[], options: RunOptions = {}): Document {
  const { stdout, stderr } = daruma(args.includes('--json') ? args : [...args, '--json'], options);
  if (stdout === '') throw new Error(`no document: ${stderr}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- test/report/schema.test.ts holds it to its schema
  return JSON.parse(stdout) as Document;
}

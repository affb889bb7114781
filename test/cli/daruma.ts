/** Runs the command line, in this process or in one of its own: no terminal, and an environment that is known. */
import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll } from 'vitest';
import { run } from '../../src/cli/run.ts';

export const checkout = path.join(import.meta.dirname, '../..');

export interface RunOptions {
  /** Added to the environment; undefined takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Whether stderr is a terminal, on which a wait is shown. */
  readonly isWatched?: true;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is done to trees that are looked at is written down by whoever looks; gone with the tests of the file. */
const state = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-state-'));
afterAll(() => fs.rmSync(state, { recursive: true, force: true }));

/** Plain text in 80 columns, in English, of a user without units. */
const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  XDG_STATE_HOME: state,
  NO_COLOR: '1',
  COLUMNS: '80',
} as const;

/** Runs `daruma ARGS` as a function. */
export async function daruma(
  args: readonly string[],
  { env = {}, cwd = checkout, isWatched }: RunOptions = {},
): Promise<RunResult> {
  const stdout = new Sink();
  const stderr = Object.assign(new Sink(), isWatched && { isTTY: isWatched });
  const io = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    workingDirectory: cwd,
    script: main,
    signals: new EventEmitter(),
  };
  const code = await run(args, io, environmentWith(env));
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** Keeps what is written. */
class Sink extends Writable {
  readonly #pieces: Buffer[] = [];

  override _write(piece: Buffer, _: BufferEncoding, done: () => void): void {
    this.#pieces.push(piece);
    done();
  }

  text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}

export interface ProcessOptions extends RunOptions {
  /** Run as this user; root alone may. */
  readonly uid?: number;
}

/**
 * Runs `daruma ARGS` as people do, for what only a process shows. One that hangs is ended and has no exit code. The cache
 * saves half of the time.
 */
export function darumaProcess(
  args: readonly string[],
  { env = {}, cwd = checkout, uid }: ProcessOptions = {},
): RunResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd,
    encoding: 'utf8',
    env: environmentWith({ NODE_COMPILE_CACHE: compileCache, ...env }),
    timeout: 15_000,
    killSignal: 'SIGKILL',
    maxBuffer: 256 * 1024 * 1024,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { code: status, stdout, stderr };
}

const main = path.join(checkout, 'src/cli/main.ts');
const compileCache = path.join(os.tmpdir(), `daruma-test-cache-${process.getuid?.() ?? 0}`);

/** Whoever has a home of their own keeps there what was done. */
function environmentWith(env: NonNullable<RunOptions['env']>): Record<string, string | undefined> {
  const kept = env['HOME'] === undefined ? {} : { XDG_STATE_HOME: undefined };
  return Object.fromEntries(
    Object.entries({ ...environment, ...kept, ...env }).filter(([, value]) => value !== undefined),
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

interface Because {
  readonly code: string;
  readonly source: { readonly file: string; readonly line: number } | null;
}

export interface Fall {
  readonly possible: boolean;
  readonly getsUp: boolean | 'on-demand';
  readonly undetermined: boolean;
  readonly because: readonly Because[];
}

export interface Outcome {
  readonly on: string;
  readonly restarts: boolean;
  readonly because: readonly Because[];
  readonly timeline?: object;
}

/** The document that `daruma ARGS --json` prints. */
export async function darumaJson(args: readonly string[], options: RunOptions = {}): Promise<Document> {
  const { stdout, stderr } = await daruma(args.includes('--json') ? args : [...args, '--json'], options);
  if (stdout === '') throw new Error(`no document: ${stderr}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- test/report/schema.test.ts holds it to its schema
  return JSON.parse(stdout) as Document;
}

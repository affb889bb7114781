/** Measures the time and the peak memory of commands. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Command {
  /** Name in the figure. */
  readonly name: string;
  readonly argv: readonly string[];
}

export interface Measurement {
  readonly milliseconds: number;
  /** Peak resident set in 10^6 bytes. */
  readonly megabytes: number;
}

export interface MeasureOptions {
  readonly repetitions: number;
  /** Exit codes that count as success. Any other one fails the benchmark. */
  readonly codes: readonly number[];
  readonly timeoutMs: number;
}

/**
 * The median wall time of each command, in milliseconds. The commands take turns, so that other work of the machine affects all
 * of them equally. The first turn warms the page cache and is not counted.
 *
 * @param codes exit codes that count as success
 * @throws Error when a command ends with another one
 */
export function medianTimes(
  commands: readonly Command[],
  repetitions: number,
  codes: readonly number[] = [0],
): number[] {
  const times = commands.map((): number[] => []);
  for (let turn = 0; turn <= repetitions; turn++) {
    for (const [index, { name, argv }] of commands.entries()) {
      const [file = '', ...args] = argv;
      const start = performance.now();
      const { status, error } = spawnSync(file, args, { stdio: 'ignore' });
      const milliseconds = performance.now() - start;
      if (status === null || !codes.includes(status))
        throw new Error(`${name} ended with ${status ?? error?.message}`);
      if (turn > 0) times[index]?.push(milliseconds);
    }
  }
  return times.map(median);
}

/**
 * As {@link medianTimes}, with the median of the peak memory, for commands that run long enough to be sampled.
 *
 * @throws Error when a command ends with another exit code, or not in time
 */
export async function medianRuns(
  commands: readonly Command[],
  options: MeasureOptions,
): Promise<Measurement[]> {
  const runs = commands.map((): Measurement[] => []);
  for (let turn = 0; turn < options.repetitions; turn++) {
    for (const [index, command] of commands.entries()) runs[index]?.push(await runOnce(command, options));
  }
  return runs.map(ofOne => ({
    milliseconds: median(ofOne.map(run => run.milliseconds)),
    megabytes: median(ofOne.map(run => run.megabytes)),
  }));
}

function runOnce({ name, argv }: Command, { codes, timeoutMs }: MeasureOptions): Promise<Measurement> {
  const [file = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(file, args, { stdio: 'ignore', timeout: timeoutMs, killSignal: 'SIGKILL' });
    let kilobytes = 0;
    const watch = setInterval(() => {
      kilobytes = peakKilobytes(child.pid) ?? kilobytes;
    }, watchIntervalMs);
    child.on('error', error => {
      clearInterval(watch);
      reject(error);
    });
    child.on('exit', (code, signal) => {
      const milliseconds = performance.now() - start;
      clearInterval(watch);
      if (code !== null && codes.includes(code)) {
        resolve({ milliseconds, megabytes: (kilobytes * 1024) / 1e6 });
      } else {
        reject(new Error(`${name} ended with ${code ?? signal} after ${milliseconds.toFixed(0)} ms`));
      }
    });
  });
}

/** The kernel records the peak itself, so only growth after the last sample is missed. */
const watchIntervalMs = 10;

/** `VmHWM` of proc_pid_status(5); undefined once the process has ended. */
function peakKilobytes(pid: number | undefined): number | undefined {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return peak === undefined ? undefined : Number(peak);
  } catch {
    return undefined;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, each) => sum + each, 0) / middle.length;
}

/** The mean without the lowest and the highest quarter. */
export function middleMean(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const dropped = Math.floor(sorted.length / 4);
  const middle = sorted.slice(dropped, sorted.length - dropped);
  return middle.reduce((sum, each) => sum + each, 0) / middle.length;
}

/**
 * Runs inside a host: starts each command that stands on the standard input as a service, and prints what becomes of it, one
 * line of JSON for each.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Observation } from './case.ts';

/** A command with all that it needs. */
export interface Task {
  readonly program: string;
  readonly argv: readonly string[];
  readonly user: string | null;
  readonly manager: Observation['manager'];
  readonly patienceSeconds: number;
  /** Text for sh that is run as root before and after. */
  readonly before: string;
  readonly after: string;
  readonly version: string;
  /** Whether it is started with `Restart=always`, too. */
  readonly again: boolean;
}

const unit = 'case.service';
const folders = { system: '/etc/systemd/system', user: '/root/.config/systemd/user' } as const;
const groups = { system: 'system.slice', user: 'user.slice/user-0.slice/user@0.service/app.slice' } as const;
const tasks: readonly Task[] = JSON.parse(readFileSync(0, 'utf8'));
for (const task of tasks) process.stdout.write(`${JSON.stringify(await observe(task))}\n`);

async function observe(task: Task): Promise<Observation> {
  const { program, argv, version, manager } = task;
  const apart = await once(task, ['KillMode=process']);
  const hasEnded = apart.exitStatus !== null;
  const leaves = apart.exitStatus === 0 && apart.inside.length + apart.outside.length > 0;
  const byDefault = leaves ? await once(task, []) : undefined;
  return {
    program,
    manager,
    argv,
    version,
    ...apart,
    leftByDefault: byDefault === undefined ? null : { inside: byDefault.inside, outside: byDefault.outside },
    again: leaves && task.again ? await repeatedly(task) : null,
    said: hasEnded && !leaves ? lastLine() : null,
  };
}

/** Starts the command once. */
async function once(
  task: Task,
  settings: readonly string[],
): Promise<Pick<Observation, 'state' | 'result' | 'exitStatus' | 'inside' | 'outside'>> {
  start(task, settings);
  const before = pids();
  systemctl(task.manager, 'start', '--no-block', unit);
  const latest = Date.now() + task.patienceSeconds * 1000;
  await wait(300);
  while (isRunning(task.manager) && Date.now() < latest) await wait(100);
  // What a command starts may need a moment, and what it has started may end by itself.
  await wait(1500);
  const first = new Set(pids());
  await wait(500);
  const running = pids().filter(pid => first.has(pid) && !before.includes(pid));
  const own = inUnit(task.manager);
  const [state, result, code, status] = show(
    task.manager,
    'ActiveState,SubState',
    'Result',
    'ExecMainCode',
    'ExecMainStatus',
  );
  const names = (some: readonly number[]) => some.map(nameOf).filter(Boolean).sort();
  const seen = {
    state: state ?? '',
    result: result ?? '',
    // A unit of which nothing is left is forgotten, after a success.
    exitStatus: code === '0' && state !== 'inactive/dead' ? null : Number(status),
    inside: names(running.filter(pid => own.has(pid))),
    outside: names(running.filter(pid => !own.has(pid))),
  };
  end(task, before);
  return seen;
}

async function repeatedly(task: Task): Promise<Observation['again']> {
  start(task, ['Restart=always', 'RestartSec=200ms']);
  const before = pids();
  systemctl(task.manager, 'start', '--no-block', unit);
  await wait(8000);
  const [state, result, restarts] = show(task.manager, 'ActiveState,SubState', 'Result', 'NRestarts');
  end(task, before);
  return { state: state ?? '', result: result ?? '', restarts: Number(restarts) };
}

function start({ argv, user, before, manager }: Task, settings: readonly string[]): void {
  shell(before);
  const lines = [
    '[Service]',
    'Type=exec',
    'Environment=HOME=/root LANG=C.UTF-8',
    ...(user === null ? [] : [`User=${user}`]),
    `ExecStart=${argv.map(quote).join(' ')}`,
    'TimeoutStopSec=2s',
    ...settings,
  ];
  const folder = folders[manager];
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${unit}`, `${lines.join('\n')}\n`);
  systemctl(manager, 'daemon-reload');
  systemctl(manager, 'reset-failed', unit);
}

/** Ends all that the command has started. */
function end({ after, manager }: Task, before: readonly number[]): void {
  shell(after);
  systemctl(manager, 'stop', unit);
  for (let round = 0; round < 3; round += 1) {
    for (const pid of pids().filter(each => !before.includes(each))) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }
}

function quote(word: string): string {
  return /^[\w./:=,@-]+$/.test(word)
    ? word
    : `"${word.replaceAll(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}

function isRunning(manager: Observation['manager']): boolean {
  const [state] = show(manager, 'ActiveState');
  return state === 'active' || state === 'activating' || state === 'deactivating';
}

/** Properties of the unit, several of one name joined by a slash. */
function show(manager: Observation['manager'], ...properties: readonly string[]): readonly string[] {
  return properties.map(names =>
    names
      .split(',')
      .map(name => systemctl(manager, 'show', '--value', '-p', name, unit).trim())
      .join('/'),
  );
}

function inUnit(manager: Observation['manager']): ReadonlySet<number> {
  const group = `/sys/fs/cgroup/${groups[manager]}/${unit}/cgroup.procs`;
  return new Set(
    existsSync(group) ? readFileSync(group, 'utf8').split('\n').filter(Boolean).map(Number) : [],
  );
}

/** All processes, apart from those of this program and of the kernel. */
function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => pid !== process.pid && nameOf(pid) !== '');
}

function nameOf(pid: number): string {
  try {
    const isAlive = readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
    return isAlive ? readFileSync(`/proc/${pid}/comm`, 'utf8').trim() : '';
  } catch {
    return '';
  }
}

function lastLine(): string | null {
  const { stdout } = spawnSync('journalctl', ['-u', unit, '-n', '8', '-o', 'cat', '--no-pager'], {
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter(line => line !== '' && !/^(?:case\.service|Start|Stop)/.test(line));
  return lines.at(-1)?.slice(0, 200) ?? null;
}

function systemctl(manager: Observation['manager'], ...args: readonly string[]): string {
  const env = { ...process.env, XDG_RUNTIME_DIR: '/run/user/0' };
  return spawnSync('systemctl', [`--${manager}`, ...args], { encoding: 'utf8', env }).stdout;
}

function shell(text: string): void {
  if (text !== '') execFileSync('/bin/sh', ['-c', text], { stdio: 'ignore' });
}

import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { labAvailability } from './availability.ts';
import { bootHost, findHost, type Host } from './host.ts';
import { hostRegistry } from './registry.ts';
import { machineSystemd, preparableVersions, prepareRootFileSystem } from './root-file-system.ts';
import { exitCode } from './run.ts';
import { allSoftware, isSoftware, prepareSoftware } from './software.ts';
import { sweep, tearDownHost } from './sweep.ts';

const USAGE = `Real systemd hosts on this machine.

  lab up NAME [--systemd N]              make a host and boot it, or boot it again after its end
  lab exec NAME [--user USER] -- CMD...  run a command in it
  lab reboot NAME                        systemctl reboot, and wait until it is up again
  lab kill NAME                          pull its plug: SIGKILL for all its processes
  lab down NAME                          take it away
  lab list                               the hosts there are
  lab prepare [--systemd all|N]... [openclaw] [litellm]
                                         make root file systems of other systemd versions and install
                                         programs that hosts run; everything when nothing is named

Node is on PATH in every host, this checkout at /opt/daruma.
`;

const commands: Readonly<Record<string, (args: Arguments) => Promise<number>>> = {
  up,
  exec,
  reboot: async ({ name }) => done(hostNamed(name).reboot()),
  kill: async ({ name }) => done(hostNamed(name).powerOff()),
  down: async ({ name }) => done(tearDownHost(hostNamed(name).id)),
  list,
  prepare,
};

interface Arguments {
  readonly name: string;
  readonly rest: readonly string[];
  readonly systemd: readonly string[];
  readonly user: string | undefined;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      systemd: { type: 'string', multiple: true, default: [] },
      user: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command = '', name = '', ...rest] = positionals;
  const action = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (values.help || action === undefined) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }
  const versions = values.systemd.filter(version => version !== 'all').map(Number);
  const missing = labAvailability(versions);
  if (missing.length > 0) throw new Error(`missing on this machine: ${missing.join(', ')}`);
  await sweep();
  return action({ name, rest, systemd: values.systemd, user: values.user });
}

async function up({ name, systemd: [systemd] }: Arguments): Promise<number> {
  const there = findHost(name);
  if (there !== undefined) return done(there.boot());
  const host = await bootHost({
    id: name,
    name,
    ...(systemd === undefined ? {} : { systemd: Number(systemd) }),
  });
  host.keep();
  process.stdout.write(describe(host));
  return 0;
}

async function exec({ name, rest, user }: Arguments): Promise<number> {
  const [command = '', ...args] = hostNamed(name).execArgv(rest, user);
  const child = spawn(command, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(exitCode(code, signal)));
  });
}

async function list(): Promise<number> {
  const hosts = hostRegistry.ids().flatMap(id => findHost(id) ?? []);
  process.stdout.write(hosts.map(describe).join(''));
  return 0;
}

async function prepare({ name, rest, systemd }: Arguments): Promise<number> {
  const named = [...systemd, name, ...rest].filter(Boolean);
  const software = named.length === 0 ? allSoftware : named.filter(isSoftware);
  const versions = named.filter(word => !isSoftware(word));
  const all = preparableVersions.filter(version => version !== machineSystemd());
  for (const version of named.length === 0 || versions.includes('all') ? all : versions.map(Number)) {
    process.stdout.write(`${await prepareRootFileSystem(version)}\n`);
  }
  for (const each of software) process.stdout.write(`${await prepareSoftware(each)}\n`);
  return 0;
}

function hostNamed(name: string): Host {
  const host = findHost(name);
  if (host === undefined)
    throw new Error(`no host ${name}; there are: ${hostRegistry.ids().join(', ') || 'none'}`);
  return host;
}

function describe(host: Host): string {
  return `${host.id}  systemd ${host.systemd}  ${host.isRunning() ? 'running' : 'off'}  ${host.rootDir}\n`;
}

async function done(action: Promise<void>): Promise<number> {
  await action;
  return 0;
}

/** Holds what daruma makes of units against what the manager of a lab host says of them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Host } from '../../lab/host.ts';
import { run } from '../../lab/run.ts';
import type { ManagerScope } from '../../src/systemd/search-path.ts';
import { type Tree, writeTree } from '../support/root.ts';
import type { Effective } from './print-effective.ts';

/** Puts a tree into a running host; what lies in the home of kuma becomes hers. */
export async function install(host: Host, tree: Tree): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-tree-'));
  try {
    writeTree(folder, tree);
    const packed = await run(['sh', '-c', 'tar -c -C "$0" . | base64 -w0', folder]);
    const unpack = `base64 -d | tar -x -C / --no-overwrite-dir --keep-directory-symlink && chown -R kuma: /home/kuma && chmod 755 /home/kuma`;
    await must(host, ['sh', '-c', unpack], { input: packed.stdout });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Takes away what {@link install} put there. */
export async function uninstall(host: Host, tree: Tree): Promise<void> {
  const tops = Object.keys(tree).filter(name => !name.includes('/systemd/'));
  const units = Object.keys(tree).flatMap(name => /^(.*\/systemd\/[^/]+\/[^/]+)/.exec(name)?.[1] ?? []);
  await must(host, ['xargs', '-0', 'rm', '-rf', '--'], {
    input: [...new Set([...tops, ...units])].join('\0'),
  });
}

export interface Comparison {
  readonly units: number;
  readonly values: number;
  /** One line for each difference: the unit, what differs, systemd's word and daruma's. */
  readonly differences: readonly string[];
}

/** Reloads the manager and compares units by name. */
export async function compare(
  host: Host,
  scope: ManagerScope,
  names: readonly string[],
): Promise<Comparison> {
  const systemctl = scope === 'user' ? ['systemctl', '--user'] : ['systemctl'];
  const user = scope === 'user' ? 'kuma' : 'root';
  await must(host, [...systemctl, 'daemon-reload'], { user });
  const { stdout } = await must(host, ['node', '/opt/daruma/test/systemd/print-effective.ts', scope], {
    user,
    input: JSON.stringify(names),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own script's word
  const ours = JSON.parse(stdout) as Record<string, Effective>;
  const theirs = await shownBySystemd(host, systemctl, user, names);
  const enabled = await enabledBySystemd(host, systemctl, user, names);

  const differences: string[] = [];
  let values = 0;
  for (const [index, name] of names.entries()) {
    const our = ours[name];
    const their = theirs[index];
    if (our === undefined || their === undefined) {
      differences.push(`${name}: no answer`);
      continue;
    }
    for (const [what, systemd, daruma] of facts(our, their, enabled[index] ?? '')) {
      values += 1;
      if (systemd !== daruma)
        differences.push(
          `${name}: ${what}: systemd ${systemd} | daruma ${daruma} ${our.problem === undefined ? '' : JSON.stringify(our.problem)}`,
        );
    }
  }
  return { units: names.length, values, differences };
}

/** What `systemctl is-enabled` says, name by name: of several it stops at the first that it does not know. */
async function enabledBySystemd(
  host: Host,
  systemctl: readonly string[],
  user: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const script = `for name; do echo "$(${systemctl.join(' ')} is-enabled -- "$name" 2>/dev/null)"; done`;
  const { stdout } = await host.exec(['sh', '-c', script, 'sh', ...names], { user });
  return stdout.split('\n').map(line => (line === 'not-found' ? '' : line));
}

type Shown = ReadonlyMap<string, readonly string[]>;

async function shownBySystemd(
  host: Host,
  systemctl: readonly string[],
  user: string,
  names: readonly string[],
): Promise<readonly Shown[]> {
  const blocks: Shown[] = [];
  for (let start = 0; start < names.length; start += 250) {
    const some = names.slice(start, start + 250);
    const { stdout } = await host.exec([...systemctl, 'show', '--', ...some], { user });
    blocks.push(...stdout.trimEnd().split('\n\n').map(parseBlock));
  }
  return blocks;
}

function parseBlock(block: string): Shown {
  const properties = new Map<string, string[]>();
  for (const line of block.split('\n')) {
    const equals = line.indexOf('=');
    const key = line.slice(0, equals);
    properties.set(key, [...(properties.get(key) ?? []), line.slice(equals + 1)]);
  }
  return properties;
}

/** The builds of Debian say /lib where others say /usr/lib: that it is the same place is all that can be known offline. */
function merged(file: string): string {
  return file.replace(/^\/lib\//, '/usr/lib/');
}

/** Names of properties that differ from the directive's. */
function propertyOf(directive: string): string {
  return directive.replace(/Sec$/, 'USec');
}

type Fact = readonly [what: string, systemd: string, daruma: string];

function facts(our: Effective, their: Shown, enabled: string): readonly Fact[] {
  const one = (property: string) => their.get(property)?.[0] ?? '';
  // What a masked unit's other names come to depends on which of them was asked for first.
  const isMaskWithNames =
    our.LoadState === 'masked' && Math.max(our.Names.length, wordsOf(one('Names')).length) > 1;
  if (isMaskWithNames) return [['FragmentPath', merged(one('FragmentPath')), merged(our.FragmentPath)]];
  const always: Fact[] = [
    ['LoadState', one('LoadState'), our.LoadState],
    ['Id', one('Id'), our.Id],
    ['Names', wordsOf(one('Names')).sort().join(' '), our.Names.join(' ')],
    ['FragmentPath', merged(one('FragmentPath')), merged(our.FragmentPath)],
  ];
  // Of a unit that has no file, systemd 247 may still find something to say. Where there is no answer, there is no reason.
  if (our.FragmentPath !== '') {
    always.push(['is-enabled', enabled, our.UnitFileState === 'bad' ? '' : our.UnitFileState]);
  }
  const isOwnName = our.name === one('Id');
  if (isOwnName) always.push(['UnitFileState', one('UnitFileState'), our.UnitFileState]);
  if (our.LoadState !== 'loaded' || one('LoadState') !== 'loaded') return always;
  // Of equally named drop-ins of several aliases one applies, by an order that is different in every process.
  if (our.Names.length > 2) return always;
  const dropIns: Fact = [
    'DropInPaths',
    wordsOf(one('DropInPaths')).map(merged).join(' '),
    our.DropInPaths.map(merged).join(' '),
  ];
  const shown = Object.entries(our.shown ?? {})
    // It is only shown of a unit that has been started.
    .filter(([directive]) => directive !== 'WatchdogSec')
    .map(([directive, value]): Fact => [directive, one(propertyOf(directive)), value]);
  const commands = Object.entries(our.commands ?? {}).map(
    ([directive, values]): Fact => [
      directive,
      (their.get(directive) ?? []).map(firstFields).join('\n'),
      values.map(value => `{ ${value}`).join('\n'),
    ],
  );
  const dependencies = Object.entries(our.dependencies).map(([directive, units]): Fact => {
    const known = new Set(wordsOf(one(directive)));
    const names = [...new Set(units)].filter(unit => !our.Names.includes(unit));
    return [directive, names.filter(unit => known.has(unit)).join(' '), names.join(' ')];
  });
  // systemd expands specifiers under the name by which a unit is asked for first: aliases are no test of that.
  if (!isOwnName) return [...always, dropIns, ...shown.filter(([directive]) => directive !== 'PIDFile')];
  return [...always, dropIns, ...shown, ...commands, ...dependencies];
}

/** Lists of strings are shown with quotes and escapes where a shell would need them. */
function wordsOf(list: string): string[] {
  return (list.match(/"(?:[^"\\]|\\.)*"|[^ ]+/g) ?? []).map(word =>
    word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word,
  );
}

/** `{ path=/bin/true ; argv[]=/bin/true a ; ignore_errors=no ; ...` up to the fields that are about running. */
function firstFields(command: string): string {
  return command.replace(/ ; start_time=.*$/s, '');
}

async function must(host: Host, argv: readonly string[], options?: Parameters<Host['exec']>[1]) {
  const result = await host.exec(argv, options);
  if (result.code !== 0) throw new Error(`${argv.join(' ')} ended with ${result.code}: ${result.stderr}`);
  return result;
}

/** Trees that somebody made to have daruma write where it must not, hang or fall: random ones, and how they are laid out. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import fc from 'fast-check';

/** What is made of a place, on top of a machine that has something to mend. */
type Change =
  | { readonly at: string; readonly is: 'link'; readonly target: string }
  | { readonly at: string; readonly is: 'file'; readonly text: string }
  | { readonly at: string; readonly is: 'mode'; readonly mode: number }
  | { readonly at: string; readonly is: 'sparse'; readonly bytes: number }
  | { readonly at: string; readonly is: 'fifo' | 'socket' | 'null' | 'zero' | 'folder' | 'nothing' }
  /** A file whose name is given as bytes, in hex. */
  | { readonly at: string; readonly is: 'named'; readonly name: string };

export interface HostileTree {
  readonly changes: readonly Change[];
  readonly commands: readonly (readonly string[])[];
  /** How the tree is named to daruma. */
  readonly as: 'root' | 'root-and-home' | 'system' | 'home';
  /** A second process swaps this folder for a link that leads out, again and again. */
  readonly swapped?: string;
}

/** Where the tree of one run lies, and who owns the home in it. */
export const treeFolder = '/trees';
const owner = 1000;

/** Files and folders outside, which nothing may touch; what they hold is known to whoever plants records. */
export const victims: Readonly<Record<string, { readonly text: string; readonly mode: number }>> = {
  '/etc/victim.conf': { text: 'victim\n', mode: 0o644 },
  '/root/victim.env': { text: 'API_KEY=sk-victim-0123456789\n', mode: 0o644 },
  '/root/victim-folder/x.service': {
    text: '[Service]\nExecStart=/bin/true\nRestart=on-failure\n',
    mode: 0o644,
  },
  '/home/other/.config/systemd/user/x.service': { text: '[Service]\nExecStart=/bin/true\n', mode: 0o644 },
  '/home/other/program': { text: '#!/bin/sh\n', mode: 0o755 },
};

const [home, units] = ['home/kuma', 'home/kuma/.config/systemd/user'];

/** A machine with much to mend: drop-ins, links, modes, lingering and a configuration are written on it. */
const machine: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nkuma:x:1000:1000::/home/kuma:/bin/sh\n',
  'etc/hostname': 'machine\n',
  'bin/true': '#!/bin/sh\ntouch /root/was-run\n',
  'usr/bin/openclaw': '#!/bin/sh\ntouch /root/was-run\n',
  'usr/bin/litellm': '#!/bin/sh\ntouch /root/was-run\n',
  'usr/lib/systemd/user/default.target': '[Unit]\n',
  'usr/lib/systemd/system/multi-user.target': '[Unit]\n',
  'etc/systemd/system/x.service': `[Service]\nExecStart=/bin/true\nRestart=on-failure\nEnvironmentFile=/etc/x.env\n[Install]\nWantedBy=multi-user.target\n`,
  'etc/x.env': 'API_KEY=sk-0123456789abcdef\n',
  [`${units}/x.service`]: `[Service]\nExecStart=/bin/true\nRestart=on-failure\nEnvironmentFile=/home/kuma/secrets.env\n[Install]\nWantedBy=default.target\n`,
  [`${units}/x.service.d/10.conf`]: '[Service]\nRestartSec=1\n',
  [`${units}/litellm.service`]: `[Service]\nExecStart=/usr/bin/litellm --config /home/kuma/litellm.yaml\nRestart=on-failure\n[Install]\nWantedBy=default.target\n`,
  [`${units}/openclaw-gateway.service`]: `[Service]\nExecStart=/usr/bin/openclaw gateway --port 18789\nRestart=on-failure\n[Install]\nWantedBy=default.target\n`,
  [`${home}/secrets.env`]: 'API_KEY=sk-0123456789abcdef\n',
  [`${home}/litellm.yaml`]:
    'model_list:\n  - model_name: m\n    litellm_params: {model: openai/m, api_base: "http://127.0.0.1:1/v1", api_key: sk-0123456789abcdef}\n',
  [`${home}/.openclaw/openclaw.json`]: JSON.stringify({
    gateway: { auth: { token: 'secret-token-0123456789' } },
    models: { providers: { l: { baseUrl: 'http://127.0.0.1:4000/v1', models: [{ id: 'm', name: 'm' }] } } },
    agents: { defaults: { model: { primary: 'l/m' } } },
  }),
  [`${home}/.openclaw/.env`]: 'A_KEY=sk-0123456789abcdef\n',
  [`${home}/.config/daruma/config.yaml`]:
    'nodes:\n  - {name: machine, url: "http://127.0.0.1:1/v1", key: "env:A_KEY"}\n  - {name: b, url: "http://127.0.0.1:2/v1", key: "env:A_KEY"}\n',
};

const state = `${home}/.local/state/daruma`;

/** Places of a machine that daruma reads or writes. */
const places = [
  ...Object.keys(machine),
  'etc',
  'etc/systemd',
  'etc/systemd/system',
  'etc/systemd/system/x.service.d',
  'etc/systemd/system/x.service.d/zz-daruma.conf',
  'etc/systemd/system/multi-user.target.wants',
  'etc/systemd/user',
  'etc/daruma',
  'etc/daruma/config.yaml',
  'etc/os-release',
  'home',
  home,
  `${home}/.config`,
  `${home}/.config/systemd`,
  units,
  `${units}/x.service.d`,
  `${units}/x.service.d/zz-daruma.conf`,
  `${units}/.zz-daruma.conf.daruma`,
  `${units}/x.service.d/.zz-daruma.conf.daruma`,
  `${units}/new.service`,
  `${units}/default.target.wants`,
  `${units}/default.target.wants/x.service`,
  `${home}/.config/daruma`,
  `${home}/.openclaw`,
  `${home}/.local`,
  `${home}/.local/state`,
  state,
  `${state}/fixes`,
  `${state}/fixes/begun`,
  `${state}/fixes/20260101T000000Z.json`,
  'usr',
  'usr/bin',
  'usr/lib/systemd/user',
  'var',
  'var/lib',
  'var/lib/daruma',
  'var/lib/daruma/fixes',
  'var/lib/daruma/fixes/begun',
  'var/lib/daruma/fixes/20260101T000000Z.json',
  'var/lib/systemd',
  'var/lib/systemd/linger',
  'var/lib/systemd/linger/kuma',
] as const;

const place = fc.constantFrom(...places);

/** Inside, outside, nowhere, round and round. */
const target = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(victims)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '/root',
      '/root/victim-folder',
      '/home/other',
      '/home/other/.config/systemd/user',
      '/etc',
      '/root/new-file',
      '/root/new-folder/new-file',
      '..',
      '.',
      '../../../../../../../../root/victim-folder',
      '../../../../../../../../root/victim.env',
      '/proc/self/environ',
      '/proc/self/root/root/victim-folder',
      '/dev/null',
      '/dev/zero',
      '/x',
      'loop',
    ),
  },
  { weight: 2, arbitrary: place.map(inside => `/${inside}`) },
);

const modes = [0o000, 0o400, 0o644, 0o666, 0o777, 0o1777, 0o4755, 0o2755, 0o6777] as const;

const oddName = fc
  .constantFrom(
    '-Hevil.service',
    '::error::x.service',
    '..service',
    'a\nb.service',
    '\u001b[2J\u202e.service',
    `${'x'.repeat(247)}.service`,
    'x@.service',
    'x@-Hevil.service',
    String.raw`x\x2fy.service`,
    '二.service',
    '.service',
  )
  .map(name => Buffer.from(name).toString('hex'))
  // Not UTF-8.
  .chain(name => fc.constantFrom(name, `${name.slice(0, 8)}fffe${name.slice(8)}`))
  .filter(name => name.length <= 510);

const stateAt = fc.oneof(
  fc.constant({ kind: 'absent' }),
  fc.record({
    kind: fc.constant('file'),
    content: fc.constant(Buffer.from('planted\n').toString('base64')),
    mode: fc.constantFrom(0o4755, 0o6777, 0o644, 0o600),
  }),
  fc.record({ kind: fc.constant('link'), target: fc.constantFrom('/etc/victim.conf', '../x') }),
  fc.record({ kind: fc.constant('mode'), mode: fc.constantFrom(0o4755, 0o777, 0o644, 0o7777) }),
);

/** What is there now, so that a record that was planted is believed. */
const presentAt = fc.constantFrom(
  ...Object.entries(victims).flatMap(([file, { text, mode }]) => [
    { path: file, now: { kind: 'file', content: Buffer.from(text).toString('base64'), mode } },
    { path: file, now: { kind: 'mode', mode } },
  ]),
  { path: '/root/new-file', now: { kind: 'absent' } },
  { path: '/root/victim-folder/new-file', now: { kind: 'absent' } },
  { path: '/home/other/new-folder/new-file', now: { kind: 'absent' } },
  { path: `${treeFolder}/TREE/${home}/new-file`, now: { kind: 'absent' } },
  { path: `${treeFolder}/TREE/${home}/../../../../root/new-file`, now: { kind: 'absent' } },
  { path: `${treeFolder}/TREE/bin/true`, now: { kind: 'mode', mode: 0o755 } },
);

const record = fc
  .record({
    phase: fc.constantFrom('done', 'begun'),
    present: presentAt,
    other: stateAt,
    folders: fc.constantFrom([], ['/root/victim-folder'], ['/root/victim-empty']),
    root: fc.constantFrom('/', `${treeFolder}/TREE`),
    scope: fc.constantFrom('user', 'system'),
    lingering: fc.constantFrom(null, 'kuma', '../../../../root/victim.env', '-x'),
    units: fc.constantFrom(['x.service'], ['\u001b[2J::error::x', '-Hevil.service']),
  })
  .map(({ phase, present: { path: file, now }, other, ...rest }) =>
    JSON.stringify({
      version: 1,
      id: '20260101T000000Z',
      phase,
      process: { pid: 4_000_000, started: null },
      ...rest,
      operations: [
        phase === 'done'
          ? { path: file, before: other, after: now }
          : { path: file, before: now, after: other },
      ],
      isReloaded: true,
      started: ['-Hevil.service'],
      stopped: [],
      restarted: [],
    }),
  );

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ at: place, is: fc.constant('link' as const), target }) },
  {
    weight: 3,
    arbitrary: fc.record({
      at: fc.constantFrom(
        `${state}/fixes/20260101T000000Z.json`,
        'var/lib/daruma/fixes/20260101T000000Z.json',
      ),
      is: fc.constant('file' as const),
      text: record,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      at: fc.constantFrom(`${state}/fixes/begun`, 'var/lib/daruma/fixes/begun'),
      is: fc.constant('file' as const),
      text: fc.constantFrom('20260101T000000Z 4000000', '20260101T000000Z 1', '\u001b[2J', 'T 1 ::error::'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ at: place, is: fc.constant('mode' as const), mode: fc.constantFrom(...modes) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      at: place,
      is: fc.constantFrom(
        'fifo' as const,
        'socket' as const,
        'null' as const,
        'zero' as const,
        'folder' as const,
        'nothing' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      at: place,
      is: fc.constant('sparse' as const),
      bytes: fc.constantFrom(64 * 1024 * 1024, 3 * 1024 * 1024 * 1024),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      at: fc.constantFrom(
        units,
        'etc/systemd/system',
        `${units}/x.service.d`,
        `${state}/fixes`,
        'var/lib/systemd/linger',
      ),
      is: fc.constant('named' as const),
      name: oddName,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      at: fc.constantFrom(
        `${home}/.config/daruma/config.yaml`,
        `${home}/.openclaw/openclaw.json`,
        `${home}/.openclaw/.env`,
        `${units}/x.service`,
      ),
      is: fc.constant('file' as const),
      text: fc.constantFrom(
        '',
        '\u001b[2J: \u202e::error::x',
        'a: &a {<<: *a}',
        '{',
        '['.repeat(5_000),
        '\0',
      ),
    }),
  },
);

const looking = [
  ['status'],
  ['explain'],
  ['check'],
  ['check', '--format', 'github'],
  ['fix', '--dry-run'],
  ['undo', '--list'],
  ['config', 'show'],
  ['failover', 'plan'],
  ['failover', 'status'],
] as const;

const writing = [
  ['fix', '--yes'],
  ['fix', '--yes', '--restart'],
  ['fix', '--continue'],
  ['undo'],
  ['undo', '20260101T000000Z'],
  ['new', 'new', '--yes', '--', '/bin/true'],
  ['notify', 'install', '--yes'],
  ['failover', 'apply', '--yes'],
] as const;

const commands = fc
  .tuple(
    fc.subarray<readonly string[]>([...looking], { maxLength: 2 }),
    fc.shuffledSubarray<readonly string[]>([...writing], { minLength: 2, maxLength: 4 }),
  )
  .map(([look, write]) => [...look, ...write, ['undo']]);

const as = fc.constantFrom(
  'root' as const,
  'root' as const,
  'root-and-home' as const,
  'system' as const,
  'home' as const,
);

/** A tree, and what is done with it. */
export const hostileTree: fc.Arbitrary<HostileTree> = fc.record({
  changes: fc.array(anyChange, { minLength: 1, maxLength: 6 }),
  commands,
  as,
});

/** One in which somebody is at work meanwhile. */
export const swappedTree: fc.Arbitrary<HostileTree> = fc.record({
  changes: fc.constant([]),
  commands: fc.constant([['fix', '--yes'], ['undo'], ['new', 'new', '--yes', '--', '/bin/true'], ['undo']]),
  as: fc.constantFrom('root' as const, 'home' as const),
  swapped: fc.constantFrom(
    units,
    `${home}/.config`,
    `${home}/.config/systemd`,
    `${units}/x.service.d`,
    `${units}/litellm.service.d`,
    `${units}/default.target.wants`,
    `${home}/.local/state`,
  ),
});

/** Lays a tree out below a folder; what a change has made impossible is left out. */
export function layOut(folder: string, { changes }: HostileTree, number: string): void {
  for (const [name, text] of Object.entries(machine)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { mode: /^(?:usr\/)?bin\//.test(name) ? 0o755 : 0o644 });
  }
  for (const name of fs.readdirSync(path.join(folder, home), { recursive: true, encoding: 'utf8' })) {
    fs.lchownSync(path.join(folder, home, name), owner, owner);
  }
  fs.lchownSync(path.join(folder, home), owner, owner);
  for (const each of changes) {
    try {
      make(folder, each, number);
    } catch {
      // Another change has put something else in the way, or a name is too long.
    }
  }
}

function make(folder: string, change: Change, number: string): void {
  const file = path.join(folder, change.at);
  if (isBehindLink(folder, change.at)) return;
  makeFolder(path.dirname(file));
  if (change.is === 'mode') {
    if (!fs.lstatSync(file).isSymbolicLink()) fs.chmodSync(file, change.mode);
    return;
  }
  if (change.is === 'named') {
    if (isBehindLink(folder, path.join(change.at, 'x'))) return;
    const name = Buffer.concat([Buffer.from(`${file}/`), Buffer.from(change.name, 'hex')]);
    fs.writeFileSync(name, machine[`${units}/x.service`] ?? '');
    return;
  }
  fs.rmSync(file, { recursive: true, force: true });
  put(file, change, number);
  if (change.is !== 'nothing' && file.startsWith(path.join(folder, home))) fs.lchownSync(file, owner, owner);
}

function isBehindLink(folder: string, at: string): boolean {
  const above = path.dirname(at);
  if (above === '.') return false;
  return (
    fs.lstatSync(path.join(folder, above), { throwIfNoEntry: false })?.isSymbolicLink() === true ||
    isBehindLink(folder, above)
  );
}

/** One link of the tree's own would lead the test itself astray. */
function makeFolder(folder: string): void {
  const status = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (status?.isDirectory()) return;
  if (status !== undefined) throw new Error(`${folder} is no folder`);
  makeFolder(path.dirname(folder));
  fs.mkdirSync(folder);
}

function put(file: string, change: Exclude<Change, { readonly is: 'mode' | 'named' }>, number: string): void {
  switch (change.is) {
    case 'link':
      fs.symlinkSync(change.target, file);
      return;
    case 'file':
      fs.writeFileSync(
        file,
        change.text.replaceAll('/TREE/', `/${number}/`).replaceAll('/TREE"', `/${number}"`),
      );
      return;
    case 'sparse':
      fs.writeFileSync(file, '[Service]\n');
      fs.truncateSync(file, change.bytes);
      return;
    case 'folder':
      fs.mkdirSync(file);
      return;
    case 'fifo':
      execFileSync('mkfifo', [file]);
      return;
    case 'socket':
      // Bound at once; closing it would take it away.
      net.createServer().listen(file).unref();
      return;
    case 'null':
    case 'zero':
      execFileSync('mknod', [file, 'c', '1', change.is === 'null' ? '3' : '5']);
      return;
    case 'nothing':
      return;
    default:
      change satisfies never;
  }
}

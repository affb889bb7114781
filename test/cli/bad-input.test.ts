/** Whatever is handed in: one clear line, the right exit code, never a stack, never a hang. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/report/printable.ts';
import { unpackedRoot, writeTree } from '../support/root.ts';
import { checkout, daruma, darumaJson, type RunOptions, type Unit } from './daruma.ts';

const service = '[Service]\nExecStart=/bin/true\nRestart=always\n';

function makePipes(...paths: readonly string[]): void {
  execFileSync('bash', ['-c', 'mkfifo "$@"', 'bash', ...paths]);
}

/** The failure's one line on stderr, held against the document that programs get. */
function failure(args: readonly string[], options: RunOptions = {}): { code: number | null; line: string } {
  const { code, stdout, stderr } = daruma(args, options);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^daruma: [^\n]+\n$/);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  const separator = args.indexOf('--');
  const asked = separator === -1 ? [...args, '--json'] : args.toSpliced(separator, 0, '--json');
  const document = daruma(asked, options);
  expect({ code: document.code, stderr: document.stderr }).toEqual({ code, stderr: '' });
  const { message, hint } = JSON.parse(document.stdout).error;
  const line = stderr.slice('daruma: '.length, -1);
  // What JSON escapes is spelt out for a terminal.
  expect(line).toBe(printable(hint === null ? message : `${message} (${hint})`));
  return { code, line };
}

function unitIn(folder: string): Unit {
  const [unit] = darumaJson(['explain', folder]).units;
  if (unit === undefined) throw new Error(`no unit in ${folder}`);
  return unit;
}

describe('commands and options', () => {
  it.each([
    ['a mistyped command', ['stauts'], 'there is no command "stauts" (did you mean status?)'],
    ['no command at all', ['help'], 'there is no command "help" (run "daruma --help")'],
    [
      'a unit as a command',
      ['litellm.service'],
      'there is no command "litellm.service" (did you mean daruma explain litellm.service?)',
    ],
    [
      'a file as a command',
      ['./x.service'],
      'there is no command "./x.service" (did you mean daruma explain ./x.service?)',
    ],
    ['a mistyped option', ['status', '--jsno'], 'there is no option --jsno (did you mean --json?)'],
    [
      "another command's option",
      ['status', '--on', 'exit:1'],
      'there is no option --on (did you mean daruma explain --on?)',
    ],
    ['a value left out', ['explain', 'x', '--on'], '--on needs a value (run "daruma --help")'],
    ['an argument left out', ['completion'], 'SHELL is missing (run "daruma --help")'],
    [
      'an argument too many',
      ['completion', 'bash', 'zsh'],
      'that is more than this command takes (run "daruma --help")',
    ],
    ['an unknown shell', ['completion', 'ksh'], 'completion does not take "ksh"; it takes bash, zsh, fish'],
    ['an unknown language', ['--lang', 'fr'], '--lang does not take "fr"; it takes en, zh-CN'],
    ['two managers', ['--user', '--system'], '--user and --system exclude each other'],
    [
      'a version too old',
      ['--systemd', '244'],
      '"244" is not a version of systemd (257, for example); daruma knows 245 and newer',
    ],
    [
      'a version that is none',
      ['--systemd', '25x'],
      '"25x" is not a version of systemd (257, for example); daruma knows 245 and newer',
    ],
    [
      'an empty version',
      ['--systemd', ''],
      '"" is not a version of systemd (257, for example); daruma knows 245 and newer',
    ],
    [
      'a negative version',
      ['--systemd=-252'],
      '"-252" is not a version of systemd (257, for example); daruma knows 245 and newer',
    ],
    [
      'a lifetime that is none',
      ['explain', '--lifetime', 'soon'],
      '"soon" is not a time span such as 2s, 90s or 1min 30s',
    ],
    [
      'an endless lifetime',
      ['explain', '--lifetime', 'infinity'],
      '"infinity" is not a time span such as 2s, 90s or 1min 30s',
    ],
    [
      'a root and a folder',
      ['status', '--root', 'examples/neko', 'examples/kuma'],
      '--root and examples/kuma exclude each other',
    ],
    [
      'a file to be put right, which may be of any machine',
      ['fix', 'examples/neko/home/azureuser/.config/systemd/user/litellm.service', '--dry-run'],
      'daruma fix takes units of one machine: names, or --root DIR for an unpacked system',
    ],
    [
      'a fix that is finished, and only shown',
      ['fix', '--continue', '--dry-run'],
      '--continue and --dry-run exclude each other',
    ],
    [
      'a mute that is only shown',
      ['notify', 'mute', '2h', '--dry-run'],
      'mute and --dry-run exclude each other',
    ],
    [
      'a message that is only shown',
      ['notify', 'send', 'a', '--dry-run'],
      'send and --dry-run exclude each other',
    ],
    [
      'an unpacked root that is to reach another machine',
      ['failover', 'apply', '--root', 'examples/kuma-fixed', '--to', 'neko'],
      '--to and --root exclude each other',
    ],
    [
      'a new unit that is no service',
      ['new', 'squad.timer', '--', '/bin/true'],
      'squad.timer is not a service: daruma looks at services',
    ],
    [
      'a configuration that is named and not there',
      ['config', '--config', '/nonexistent'],
      '/nonexistent does not exist',
    ],
    ['a root that is not there', ['--root', '/nonexistent'], '/nonexistent does not exist'],
    ['a root that is a file', ['--root', 'package.json'], 'package.json is not a directory'],
    [
      'a home that is not in the root',
      ['--root', 'examples/neko', '--home', '/home/x'],
      'there is no home /home/x',
    ],
    ['a home that is not there', ['--home', '/nonexistent'], '/nonexistent does not exist'],
  ])('%s', (_, args, line) => {
    expect(failure(args)).toEqual({ code: 2, line });
  });

  it('an unknown format', () => {
    const { code, stderr } = daruma(['--format', 'sarif']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'daruma: --format does not take "sarif"; it takes human, json (did you mean daruma check --format sarif?)\n',
    });
  });

  it('in Chinese', () => {
    const { code, stderr } = daruma(['stauts', '--lang=zh-CN']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^daruma: \p{Script=Han}/u);
  });

  it('shows the stack with --verbose, and only then', () => {
    expect(daruma(['stauts', '--verbose']).stderr).toMatch(/^\s+at /m);
  });
});

describe('endings', () => {
  it.each([
    ['SIGTERM', 'did you mean signal:SIGTERM?'],
    ['exit1', 'did you mean exit:1?'],
    ['143', 'did you mean exit:143?'],
    ['sigal:TERM', 'did you mean signal:TERM?'],
    ['signal:TREM', 'did you mean signal:NAME?'],
    ['exit:256', 'did you mean exit:N?'],
    ['exit:', 'did you mean exit:N?'],
    ['watchdgo', 'did you mean watchdog?'],
    ['fall-of:litellm', 'did you mean fall-of:litellm.service?'],
    ['fall-of:a b', 'did you mean fall-of:UNIT?'],
    ['exit=1', 'did you mean exit:1?'],
    ['15', 'did you mean signal:15?'],
  ])('%s', (text, hint) => {
    const args = ['explain', 'litellm', '--root', 'examples/neko', '--on', text];
    expect(failure(args)).toEqual({ code: 2, line: `"${text}" is not an ending (${hint})` });
  });

  it.each(['bogus', '', 'constructor'])('%j: tells which there are', text => {
    const { code, line } = failure(['explain', '--on', text]);
    expect(code).toBe(2);
    expect(line).toContain('endings are exit:N, signal:NAME,');
  });
});

describe('names', () => {
  const inNeko = ['--root', 'examples/neko'];

  it.each([
    ['opeclaw-gateway', 'did you mean openclaw-gateway.service?'],
    ['lite-llm.service', 'did you mean litellm.service?'],
    ['LiteLLM', 'did you mean litellm.service?'],
    ['postgres', 'run "daruma status" to see the services there are'],
    ['xyz', 'run "daruma status" to see the services there are'],
  ])('%s is unknown', (name, hint) => {
    const full = name.endsWith('.service') ? name : `${name}.service`;
    for (const command of ['status', 'explain']) {
      expect(failure([command, name, ...inNeko])).toEqual({
        code: 2,
        line: `there is no ${full} among the units of azureuser (${hint})`,
      });
    }
  });

  it.each(['..%2f..%2fetc', 'a b', '', '@', 'x'.repeat(300)])('%j is no name', name => {
    expect(failure(['explain', name, ...inNeko])).toEqual({
      code: 2,
      line: `"${name}" is not the name of a unit`,
    });
  });

  it('only services are looked at', () => {
    expect(failure(['status', 'litellm.timer', ...inNeko])).toEqual({
      code: 2,
      line: 'litellm.timer is not a service: daruma looks at services',
    });
  });

  it('a path out of the folder is a path like any other, and has to end in a name', () => {
    const root = unpackedRoot({ 'units/': '', passwd: 'root' });
    expect(failure(['explain', `${root}/units/../passwd`])).toEqual({
      code: 2,
      line: `${root}/units/../passwd is not a unit file: daruma reads NAME.service and NAME.service.d/*.conf`,
    });
    expect(failure(['explain', '../../nowhere/x.service'])).toEqual({
      code: 2,
      line: '../../nowhere/x.service does not exist',
    });
  });

  it('control characters are spelt out, not sent to the terminal', () => {
    expect(failure(['explain', 'a\nb\u001b[2J'])).toEqual({
      code: 2,
      line: '"a\\x0ab\\x1b[2J" is not the name of a unit',
    });
  });

  it('a name that begins with a dash can be asked for behind --', () => {
    expect(failure(['status', ...inNeko, '--', '-x']).line).toContain('there is no -x.service');
  });
});

describe('files that are none', () => {
  it('a file that is not there', () => {
    expect(failure(['explain', '/nonexistent/x.service'])).toEqual({
      code: 2,
      line: '/nonexistent/x.service does not exist',
    });
  });

  it('a path through a file', () => {
    expect(failure(['explain', './package.json/x.service'])).toEqual({
      code: 2,
      line: './package.json/x.service does not exist',
    });
  });

  it('a file that is no unit file, by its path and by its name alone', () => {
    const cwd = unpackedRoot({ 'config.yaml': 'a: 1', 'x.timer': '[Timer]\n' });
    const notOne = 'is not a unit file: daruma reads NAME.service and NAME.service.d/*.conf';
    expect(failure(['check', './config.yaml'], { cwd })).toEqual({
      code: 2,
      line: `./config.yaml ${notOne}`,
    });
    expect(failure(['check', 'config.yaml'], { cwd })).toEqual({ code: 2, line: `config.yaml ${notOne}` });
    expect(failure(['check', './x.timer'], { cwd }).line).toBe(
      './x.timer is not a service: daruma looks at services',
    );
  });

  it('links and pipes by their names alone', () => {
    const cwd = unpackedRoot({ 'dangling.service': { link: 'nowhere' }, 'a.service': { link: 'a.service' } });
    makePipes(`${cwd}/fifo.service`);
    expect(failure(['check', 'dangling.service'], { cwd }).line).toBe(
      'dangling.service is a link that leads nowhere',
    );
    expect(failure(['check', 'a.service'], { cwd }).line).toBe(
      'a.service is a link that leads round in a circle',
    );
    expect(failure(['check', 'fifo.service'], { cwd }).line).toBe('fifo.service is not a regular file');
  });

  it.runIf(process.getuid?.() === 0)('a folder that may not be looked into is named itself', () => {
    const cwd = unpackedRoot({ 'locked/x.service': service });
    fs.chmodSync(cwd, 0o755);
    for (const mode of [0o600, 0o700, 0o711]) {
      fs.chmodSync(`${cwd}/locked`, mode);
      expect(failure(['check', 'locked/'], { cwd, uid: 65534 })).toEqual({
        code: 3,
        line: 'locked/ cannot be read (EACCES)',
      });
    }
  });

  it('links that lead nowhere or round', () => {
    const folder = unpackedRoot({
      'dangling.service': { link: 'nowhere' },
      'a.service': { link: 'b.service' },
      'b.service': { link: 'a.service' },
    });
    expect(failure(['explain', `${folder}/dangling.service`])).toEqual({
      code: 2,
      line: `${folder}/dangling.service is a link that leads nowhere`,
    });
    expect(failure(['explain', `${folder}/a.service`])).toEqual({
      code: 2,
      line: `${folder}/a.service is a link that leads round in a circle`,
    });
    expect(daruma(['status', folder])).toMatchObject({ code: 0, stderr: '' });
  });

  it('pipes and sockets: nobody waits for them', async () => {
    const folder = unpackedRoot({ 'x.service': service, 'x.service.d/': '', 'y.service.d/': '' });
    makePipes(`${folder}/fifo.service`, `${folder}/x.service.d/a.conf`, `${folder}/x.socket`);
    expect(failure(['explain', `${folder}/fifo.service`])).toEqual({
      code: 2,
      line: `${folder}/fifo.service is not a regular file`,
    });
    const server = net.createServer().listen(`${folder}/socket.service`);
    await new Promise(resolve => server.once('listening', resolve));
    expect(failure(['explain', `${folder}/socket.service`])).toEqual({
      code: 2,
      line: `${folder}/socket.service is not a regular file`,
    });
    server.close();
    expect(daruma(['status', folder])).toMatchObject({ code: 0, stderr: '' });
    expect(daruma(['explain', `${folder}/x.service`])).toMatchObject({ code: 0, stderr: '' });
  });

  it('pipes in the place of what else is read of a root', () => {
    const root = unpackedRoot({
      'etc/systemd/user/x.service': service,
      'home/kuma/': '',
      'usr/share/dbus-1/services/': '',
    });
    const files = [
      'etc/passwd',
      'etc/hostname',
      'etc/systemd/user.conf',
      'usr/share/dbus-1/services/a.service',
    ];
    makePipes(...files.map(file => path.join(root, file)));
    expect(daruma(['status', root])).toMatchObject({ code: 0, stderr: '' });
  });

  it('devices are what systemd takes them for: masks', () => {
    const folder = unpackedRoot({
      'null.service': { link: '/dev/null' },
      'zero.service': { link: '/dev/zero' },
    });
    for (const name of ['null', 'zero']) {
      const { code, stdout } = daruma(['explain', `${folder}/${name}.service`]);
      expect(code).toBe(0);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`it is masked by ${folder}/${name}.service`);
    }
  });

  it('a directory called like a unit is a folder of units', () => {
    const folder = unpackedRoot({ 'x.service/': '' });
    expect(daruma(['explain', `${folder}/x.service`])).toEqual({
      code: 0,
      stdout: `no services in ${folder}/x.service\n`,
      stderr: '',
    });
  });
});

describe('contents that systemd refuses are shown as refused, with the reason', () => {
  const cases: readonly (readonly [string, string | Uint8Array, string, RegExp])[] = [
    ['empty', '', 'masked', /^it is masked by /],
    [
      'binary garbage',
      Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 197 + 129) % 256)),
      'error',
      /not UTF-8/,
    ],
    ['Latin 1', Buffer.from('[Service]\nExecStart=/bin/caf\u00e9\n', 'latin1'), 'error', /not UTF-8/],
    ['a line of 2 MiB', `[Service]\nExecStart=/bin/${'a'.repeat(2 ** 21)}\n`, 'error', /1 MiB/],
    ['no section header', '[Service\nExecStart=/bin/true\n', 'error', /section header/],
    ['no command', '[Service]\nRestart=always\n', 'bad-setting', /ExecStart=/],
    ['two commands', '[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n', 'bad-setting', /several ExecStart=/],
    [
      'a oneshot that restarts always',
      '[Service]\nType=oneshot\nExecStart=/bin/a\nRestart=always\n',
      'bad-setting',
      /oneshot/,
    ],
  ];

  it.each(cases)('%s', (_, text, load, reason) => {
    const folder = unpackedRoot({ 'x.service': text });
    const unit = unitIn(folder);
    expect(unit.load).toBe(load);
    expect(unit.problem?.text).toMatch(reason);
    for (const args of [
      ['status', folder],
      ['explain', `${folder}/x.service`],
    ]) {
      const { code, stdout, stderr } = daruma(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(reason.source.replace('^', '')));
      expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(
        80 + folder.length,
      );
    }
  });

  it('a NUL byte ends a line, as it does for systemd', () => {
    const folder = unpackedRoot({ 'x.service': `${service}Type=exec\0Restart=no\n` });
    expect(unitIn(folder)).toMatchObject({ load: 'loaded', settings: { Restart: { value: 'no' } } });
  });

  it('escape sequences of a unit file do not reach the terminal', () => {
    const folder = unpackedRoot({
      'x.service': `${service}Restrat=\u001b[2J\u202e\nSuccessExitStatus=\u0007\n`,
    });
    const { stdout } = daruma(['explain', `${folder}/x.service`]);
    expect(stdout).toContain('Restrat=\\x1b[2J\\u202e');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('what may not be read', () => {
  const nobody = 65_534;
  const isRoot = process.getuid?.() === 0;
  const asNobody = isRoot ? { uid: nobody } : {};
  const canRun = daruma(['--version'], asNobody).code === 0;

  function locked(tree: Readonly<Record<string, string>>, ...paths: readonly string[]): string {
    const root = unpackedRoot(tree);
    fs.chmodSync(root, 0o755);
    for (const name of paths) fs.chmodSync(path.join(root, name), 0);
    return root;
  }

  it.runIf(canRun)('a unit file', () => {
    const folder = locked({ 'x.service': service }, 'x.service');
    expect(failure(['explain', `${folder}/x.service`], asNobody)).toEqual({
      code: 3,
      line: `${folder}/x.service cannot be read (EACCES)`,
    });
    const { code, stdout } = daruma(['status', folder], asNobody);
    expect(code).toBe(0);
    expect(stdout).toContain('cannot be read (EACCES)');
    expect(stdout).not.toContain('systemd refuses');
  });

  it.runIf(canRun)('a folder on the way', () => {
    const folder = locked({ 'a/x.service': service }, 'a');
    expect(failure(['explain', `${folder}/a/x.service`], asNobody)).toEqual({
      code: 3,
      line: `${folder}/a/x.service cannot be read (EACCES)`,
    });
    expect(failure(['status', `${folder}/a`], asNobody).code).toBe(3);
    fs.chmodSync(path.join(folder, 'a'), 0o755);
  });

  it.runIf(canRun)('the folder of the own units: that is not the same as none', () => {
    const home = locked({ '.config/systemd/user/x.service': service }, '.config/systemd/user');
    const own = `${home}/.config/systemd/user`;
    expect(failure(['status', '--home', home], asNobody)).toEqual({
      code: 3,
      line: `${own} cannot be read (EACCES)`,
    });
    expect(failure(['status'], { ...asNobody, env: { HOME: home } })).toEqual({
      code: 3,
      line: `${own} cannot be read (EACCES)`,
    });
    fs.chmodSync(own, 0o755);
  });

  it.runIf(canRun)('a root', () => {
    const root = locked({ 'etc/hostname': 'x\n', 'home/kuma/': '' });
    fs.chmodSync(root, 0);
    expect(failure(['--root', root], asNobody).line).toContain('cannot be read (EACCES)');
    expect(failure(['status', root], asNobody).code).toBe(3);
    fs.chmodSync(root, 0o755);
  });
});

describe('surroundings', () => {
  it('a Node that is too old', () => {
    const old =
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })';
    const env = { NODE_OPTIONS: `--import ${dataUrl(old)}` };
    expect(failure(['status'], { env })).toEqual({
      code: 3,
      line: `this is Node ${process.version}, and daruma needs Node 24 or newer (install it, or put it first in PATH)`,
    });
    expect(daruma(['--version'], { env }).code).toBe(0);
  });

  it.each([
    ['no HOME', { HOME: undefined }],
    ['an empty HOME', { HOME: '' }],
    ['HOME that leads nowhere', { HOME: '/nonexistent' }],
    ['HOME that is a file', { HOME: '/etc/passwd' }],
    ['a relative HOME', { HOME: 'home' }],
    ['a broken XDG_CONFIG_HOME', { XDG_CONFIG_HOME: '\u0001' }],
  ])('%s', (_, env) => {
    const { code, stderr } = daruma(['status'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('folders without units, and without anything', () => {
    const folder = unpackedRoot({ 'readme.txt': 'hi' });
    for (const command of ['status', 'explain']) {
      const { code, stdout, stderr } = daruma([command, folder]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`no services in ${folder}`);
    }
    expect(darumaJson(['status', folder])).toMatchObject({ units: [] });
  });

  it('a folder of two thousand units', () => {
    const folder = unpackedRoot({});
    for (let i = 0; i < 2000; i++) writeTree(folder, { [`s${i}.service`]: service });
    expect(darumaJson(['status', folder])).toHaveProperty('units.length', 2000);
    expect(daruma(['explain', folder])).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    'status examples/neko',
    'explain --json examples/neko examples/kuma examples/neko-fixed',
    '--help',
    'completion zsh',
  ])('a reader that has had enough: %s', line => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', 'set -o pipefail; "$0" src/cli/main.ts "$@" | head -c1', process.execPath, ...line.split(' ')],
      { cwd: checkout, encoding: 'utf8' },
    );
    expect({ status, stderr, length: stdout.length }).toEqual({ status: 0, stderr: '', length: 1 });
  });

  it('a disk that is full', () => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', '"$0" src/cli/main.ts status examples/neko > /dev/full', process.execPath],
      { cwd: checkout, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: 'daruma: the output cannot be written (ENOSPC)\n',
    });
  });
});

function dataUrl(script: string): string {
  return `data:text/javascript,${encodeURIComponent(script)}`;
}

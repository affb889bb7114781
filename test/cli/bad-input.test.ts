/** Whatever is handed in: one clear line, the right exit code, never a stack, never a hang. */
import { describe, expect, it } from 'vitest';
import { languages } from '../../src/i18n/catalogue.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { signalNames } from '../../src/systemd/values/signal.ts';
import { unpackedRoot, writeTree } from '../support/root.ts';
import { checkout, daruma, darumaJson, type RunOptions, type Unit } from './daruma.ts';
import { failureOf } from './failure.ts';

const service = '[Service]\nExecStart=/bin/true\nRestart=always\n';
const failure = (args: readonly string[], options?: RunOptions) =>
  failureOf(args, asked => daruma(asked, options));

async function unitIn(folder: string): Promise<Unit> {
  const [unit] = (await darumaJson(['explain', folder])).units;
  if (unit === undefined) throw new Error(`no unit in ${folder}`);
  return unit;
}

describe('commands and options', () => {
  it.each([
    ['a mistyped command', ['stauts'], 'there is no command "stauts" (did you mean status?)'],
    ['no command at all', ['halp', '--help'], 'there is no command "halp" (run "daruma --help")'],
    [
      'no action at all',
      ['failover', 'statu', '--help'],
      'failover does not take "statu"; it takes status, plan, apply, check, test (did you mean daruma failover status?)',
    ],
    [
      'help for no action',
      ['config', 'paths', '--help'],
      'config does not take "paths"; it takes show, path, schema, validate (did you mean daruma config path?)',
    ],
    ['help for no command', ['help', 'stauts'], 'there is no command "stauts" (did you mean status?)'],
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
    [
      'a script as a document',
      ['completion', 'bash', '--format', 'human'],
      'completion and --format exclude each other',
    ],
    ['a list of one', ['undo', '--list', 'x'], '--list and x exclude each other'],
    [
      'a check that is only shown',
      ['failover', 'check', '--dry-run'],
      'check and --dry-run exclude each other',
    ],
    ['a restart elsewhere', ['fix', '--to', 'x', '--restart'], '--to and --restart exclude each other'],
    ['a value for what takes none', ['status', '--user=1'], '--user takes no value (run "daruma --help")'],
    [
      'a value for an option of the command',
      ['fix', '--restart=x'],
      '--restart takes no value (run "daruma --help")',
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
      'a file to be put right, which is part of an unpacked system',
      ['fix', 'examples/neko/home/azureuser/.config/systemd/user/litellm.service', '--dry-run'],
      `the units in ${checkout}/examples/neko/home/azureuser/.config/systemd/user are put right by "daruma fix --root ${checkout}/examples/neko --home /home/azureuser", with the names of some for these alone`,
    ],
    [
      'a file to be put right, which may be of any machine',
      ['fix', 'test/check/rules/goes-to-background/fires/example/bot.service', '--dry-run'],
      `no manager is known to read units from ${checkout}/test/check/rules/goes-to-background/fires/example, so nothing is written there: give names, --home DIR for a home, or --root DIR for an unpacked system`,
    ],
    [
      'units of two machines',
      ['fix', 'examples/neko', 'examples/kuma', '--dry-run'],
      'units of one machine are put right at a time: give names, or --root DIR for an unpacked system',
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
  ])('%s', async (_, args, line) => {
    expect(await failure(args)).toEqual({ code: 2, line });
  });

  it('an unknown format', async () => {
    const { code, stderr } = await daruma(['--format', 'sarif']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'daruma: --format does not take "sarif"; it takes human, json (did you mean daruma check --format sarif?)\n',
    });
  });

  it('in Chinese', async () => {
    const { code, stderr } = await daruma(['stauts', '--lang=zh-CN']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^daruma: \p{Script=Han}/u);
  });

  it('shows the stack with --verbose, and only then', async () => {
    expect((await daruma(['stauts', '--verbose'])).stderr).toMatch(/^\s+at /m);
  });
});

describe('endings', () => {
  it.each([
    ['SIGTERM', 'did you mean signal:SIGTERM?'],
    ['exit1', 'did you mean exit:1?'],
    ['143', 'did you mean exit:143?'],
    ['sigal:TERM', 'did you mean signal:TERM?'],
    ['signal:TREM', 'did you mean signal:TERM?'],
    ['exit:256', 'behind "exit:" comes an exit status from 0 to 255'],
    ['start-pre:-1', 'behind "start-pre:" comes an exit status from 0 to 255'],
    ['stop-of:', 'behind "stop-of:" comes the name of a unit'],
    ['exit:', 'did you mean exit:1?'],
    ['SIGTREM', 'did you mean signal:TERM?'],
    ['CORE:segf', 'did you mean core:SEGV?'],
    ['signal:', 'did you mean signal:TERM?'],
    ['signal:FOO', `signals are ${signalNames.join(', ')}`],
    ['watchdgo', 'did you mean watchdog?'],
    ['fall-of:litellm', 'did you mean fall-of:litellm.service?'],
    ['fall-of:a b', 'behind "fall-of:" comes the name of a unit'],
    ['exit=1', 'did you mean exit:1?'],
    ['15', 'did you mean signal:15?'],
  ])('%s', async (text, hint) => {
    const args = ['explain', 'litellm', '--root', 'examples/neko', '--on', text];
    expect(await failure(args)).toEqual({ code: 2, line: `"${text}" is not an ending (${hint})` });
  });

  it.each(['bogus', '', 'constructor'])('%j: tells which there are', async text => {
    const { code, line } = await failure(['explain', '--on', text]);
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
    ['postgres', 'run "daruma status --root examples/neko" to see the services there are'],
    ['xyz', 'run "daruma status --root examples/neko" to see the services there are'],
  ])('%s is unknown', async (name, hint) => {
    const full = name.endsWith('.service') ? name : `${name}.service`;
    for (const command of ['status', 'explain']) {
      expect(await failure([command, name, ...inNeko])).toEqual({
        code: 2,
        line: `there is no ${full} among the units of azureuser (${hint})`,
      });
    }
  });

  it.each(['..%2f..%2fetc', 'a b', '', '@', 'x'.repeat(300)])('%j is no name', async name => {
    expect(await failure(['explain', name, ...inNeko])).toEqual({
      code: 2,
      line: `"${name}" is not the name of a unit`,
    });
  });

  it('only services are looked at', async () => {
    expect(await failure(['status', 'litellm.timer', ...inNeko])).toEqual({
      code: 2,
      line: 'litellm.timer is not a service: daruma looks at services',
    });
  });

  it('a path out of the folder is a path like any other, and has to end in a name', async () => {
    const root = unpackedRoot({ 'units/': '', passwd: 'root' });
    expect(await failure(['explain', `${root}/units/../passwd`])).toEqual({
      code: 2,
      line: `${root}/units/../passwd is not a unit file: daruma reads NAME.service and NAME.service.d/*.conf`,
    });
    expect(await failure(['explain', '../../nowhere/x.service'])).toEqual({
      code: 2,
      line: '../../nowhere/x.service does not exist',
    });
  });

  it('control characters are spelt out, not sent to the terminal', async () => {
    expect(await failure(['explain', 'a\nb\u001b[2J'])).toEqual({
      code: 2,
      line: '"a\\x0ab\\x1b[2J" is not the name of a unit',
    });
  });

  it('a name that begins with a dash can be asked for behind --', async () => {
    expect((await failure(['status', ...inNeko, '--', '-x'])).line).toContain('there is no -x.service');
  });
});

describe('files that are none', () => {
  it('a file that is not there', async () => {
    expect(await failure(['explain', '/nonexistent/x.service'])).toEqual({
      code: 2,
      line: '/nonexistent/x.service does not exist',
    });
  });

  it('a path through a file', async () => {
    expect(await failure(['explain', './package.json/x.service'])).toEqual({
      code: 2,
      line: './package.json/x.service does not exist',
    });
  });

  it('a file that is no unit file, by its path and by its name alone', async () => {
    const cwd = unpackedRoot({ 'config.yaml': 'a: 1', 'x.timer': '[Timer]\n' });
    const notOne = 'is not a unit file: daruma reads NAME.service and NAME.service.d/*.conf';
    expect(await failure(['check', './config.yaml'], { cwd })).toEqual({
      code: 2,
      line: `./config.yaml ${notOne}`,
    });
    expect(await failure(['check', 'config.yaml'], { cwd })).toEqual({
      code: 2,
      line: `config.yaml ${notOne}`,
    });
    expect((await failure(['check', './x.timer'], { cwd })).line).toBe(
      './x.timer is not a service: daruma looks at services',
    );
  });

  it('links that lead nowhere or round', async () => {
    const folder = unpackedRoot({
      'dangling.service': { link: 'nowhere' },
      'a.service': { link: 'b.service' },
      'b.service': { link: 'a.service' },
    });
    expect(await failure(['explain', `${folder}/dangling.service`])).toEqual({
      code: 2,
      line: `${folder}/dangling.service is a link that leads nowhere`,
    });
    expect(await failure(['explain', `${folder}/a.service`])).toEqual({
      code: 2,
      line: `${folder}/a.service is a link that leads round in a circle`,
    });
    expect(await daruma(['status', folder])).toMatchObject({ code: 0, stderr: '' });
  });

  it('a directory called like a unit is a folder of units', async () => {
    const folder = unpackedRoot({ 'x.service/': '' });
    expect(await daruma(['explain', `${folder}/x.service`])).toEqual({
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

  it.each(cases)('%s', async (_, text, load, reason) => {
    const folder = unpackedRoot({ 'x.service': text });
    const unit = await unitIn(folder);
    expect(unit.load).toBe(load);
    expect(unit.problem?.text).toMatch(reason);
    for (const args of [
      ['status', folder],
      ['explain', `${folder}/x.service`],
    ]) {
      const { code, stdout, stderr } = await daruma(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(reason.source.replace('^', '')));
      expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(
        80 + folder.length,
      );
    }
  });

  it('a NUL byte ends a line, as it does for systemd', async () => {
    const folder = unpackedRoot({ 'x.service': `${service}Type=exec\0Restart=no\n` });
    expect(await unitIn(folder)).toMatchObject({ load: 'loaded', settings: { Restart: { value: 'no' } } });
  });

  it('escape sequences of a unit file do not reach the terminal', async () => {
    const folder = unpackedRoot({
      'x.service': `${service}Restrat=\u001b[2J\u202e\nSuccessExitStatus=\u0007\n`,
    });
    const { stdout } = await daruma(['explain', `${folder}/x.service`]);
    expect(stdout).toContain('Restrat=\\x1b[2J\\u202e');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('surroundings', () => {
  it.each([
    ['no HOME', { HOME: undefined }],
    ['an empty HOME', { HOME: '' }],
    ['HOME that leads nowhere', { HOME: '/nonexistent' }],
    ['HOME that is a file', { HOME: '/etc/passwd' }],
    ['a relative HOME', { HOME: 'home' }],
    ['a broken XDG_CONFIG_HOME', { XDG_CONFIG_HOME: '\u0001' }],
  ])('%s', async (_, env) => {
    const { code, stderr } = await daruma(['status'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('folders without units, and without anything', async () => {
    const folder = unpackedRoot({ 'readme.txt': 'hi' });
    for (const command of ['status', 'explain']) {
      const { code, stdout, stderr } = await daruma([command, folder]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`no services in ${folder}`);
    }
    expect(await darumaJson(['status', folder])).toMatchObject({ units: [] });
  });

  it('a folder of two thousand units', async () => {
    const folder = unpackedRoot({});
    for (let i = 0; i < 2000; i++) writeTree(folder, { [`s${i}.service`]: service });
    expect(await darumaJson(['status', folder])).toHaveProperty('units.length', 2000);
    expect(await daruma(['explain', folder])).toMatchObject({ code: 0, stderr: '' });
  });
});

it.each([
  ['undo', '--list'],
  ['fix', '--continue'],
  ['new', 'y', '--no-input', '--', '/bin/true'],
])('%s does nothing in the home of whoever runs it for a --home that is none', async (...args) => {
  const home = unpackedRoot({ 'x.service': '[Service]\nExecStart=/bin/true\n' });
  const [command = '', ...rest] = args;
  const { code, stderr } = await daruma([command, '--home', home, ...rest]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `daruma: there is no home ${home}\n` });
});

it('names the folder that stands where a drop-in should', async () => {
  const root = unpackedRoot({
    'home/': '',
    'etc/systemd/system/x.service':
      '[Service]\nExecStart=/bin/true\nRestart=on-failure\n[Install]\nWantedBy=multi-user.target\n',
    'etc/systemd/system/x.service.d/zz-daruma.conf': { link: '/etc' },
  });
  const { code, stdout, stderr } = await daruma(['fix', '--dry-run', '--root', root, '--system']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    `x.service: ${root}/etc/systemd/system/x.service.d/zz-daruma.conf leads to nothing that could be written`,
  );
});

describe('what the program says of itself', () => {
  it.each(languages)('begins with its name once: %s', async language => {
    const { errors, fix, notify, setup, failover, configuration } = await loadCatalogue(language);
    const texts = [errors, fix, notify, setup, failover, configuration].flatMap(each =>
      Object.entries(each).map(([key, say]: readonly [string, unknown]) => {
        try {
          return [key, typeof say === 'function' ? String(say('x', 'y', 'z', 1)) : String(say)];
        } catch {
          // It takes data, and none of those begins its line.
          return [key, ''];
        }
      }),
    );
    expect(texts.length).toBeGreaterThan(100);
    // That is a command, which hints quote.
    expect(texts.filter(([key, text]) => key !== 'fixInstead' && /^daruma\b/i.test(text ?? ''))).toEqual([]);
  });

  it.each([['status'], ['explain'], ['check'], ['fix', '--dry-run'], ['status', '--json']])(
    'tells once that systemd is newer than the newest it knows: %s %s',
    async (...words) => {
      const args = [...words, '--root', 'examples/neko', '--systemd'];
      const note = /systemd 263 is judged as 262/g;
      expect((await daruma([...args, '263'])).stderr.match(note)).toHaveLength(1);
      expect((await daruma([...args, '263', '--quiet'])).stderr).not.toMatch(note);
      expect((await daruma([...args, '262'])).stderr).not.toMatch(note);
    },
  );
});

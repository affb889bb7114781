/** What the options of `status` and `explain` do, as programs see it. */
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma, darumaJson, type Unit } from './daruma.ts';

const documentOf = (...args: readonly string[]) => darumaJson(args);
const neko = ['--root', 'examples/neko'];

async function unitOf(...args: readonly string[]): Promise<Unit> {
  const [unit, ...others] = (await documentOf(...args)).units;
  if (unit === undefined || others.length > 0) throw new Error(`not one unit: ${args.join(' ')}`);
  return unit;
}

const namesOf = async (...args: readonly string[]) =>
  (await documentOf(...args)).units.map(({ unit }) => unit);

const squad = ['copilot-api.service', 'litellm.service', 'openclaw-gateway.service'];

describe('what is meant', () => {
  it('units by name, with and without their suffix, in the order given', async () => {
    expect(await namesOf('status', 'litellm', 'copilot-api.service', ...neko)).toEqual([
      'litellm.service',
      'copilot-api.service',
    ]);
  });

  it('everything of a root', async () => {
    expect(await namesOf('status', ...neko)).toEqual(squad);
    expect(await namesOf('--root=examples/neko')).toEqual(squad);
    expect(await namesOf('explain', 'examples/neko')).toEqual(squad);
  });

  it('a folder with home/ is a root, one with units in .config a home, any other a folder of units', async () => {
    expect(await documentOf('status', 'examples/kuma')).toMatchObject({
      host: { name: 'kuma', user: 'kuma' },
      linger: false,
    });
    expect(await namesOf('status', 'examples/neko/home/azureuser')).toEqual(squad);
    expect(await namesOf('status', 'examples/neko/home/azureuser/.config/systemd/user')).toEqual(squad);
    expect(await namesOf('status', '--home', 'examples/neko/home/azureuser')).toEqual(squad);
  });

  it('the home meant, where a root has several', async () => {
    const unit = { '.config/systemd/user/a.service': '[Service]\nExecStart=/bin/a\n' };
    const tree = ['usagi', 'tora'].flatMap(user =>
      Object.entries(unit).map(([file, text]) => [`home/${user}/${file}`, text] as const),
    );
    const root = unpackedRoot(Object.fromEntries(tree));
    const { code, stderr } = await daruma(['status', root]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^daruma: several users have units there: .*--home \/home\/usagi.*\n$/);
    expect((await documentOf('status', '--root', root, '--home', '/home/tora')).host.user).toBe('tora');
  });

  it('a file, several files and folders, each with the host it is on', async () => {
    const file = 'examples/neko/home/azureuser/.config/systemd/user/litellm.service';
    expect((await unitOf('explain', file)).path).toBe(file.replace('examples/neko', ''));
    const { units } = await documentOf('status', 'examples/neko', file, 'examples/kuma');
    expect(units.map(({ unit }) => unit)).toEqual([...squad, 'litellm.service', ...squad]);
    expect(units[0]?.host).toBe('neko');
    expect(units[6]?.host).toBe('kuma');
  });

  it('the system manager', async () => {
    const root = unpackedRoot({
      'etc/systemd/system/db.service': '[Service]\nExecStart=/bin/db\n',
      'etc/systemd/user/own.service': '[Service]\nExecStart=/bin/own\n',
      'home/kuma/': '',
    });
    expect(await namesOf('status', '--root', root, '--system')).toEqual(['db.service']);
    expect(await namesOf('status', '--root', root, '--user')).toEqual(['own.service']);
    expect(await documentOf('status', '--root', root, '--system')).toMatchObject({
      linger: null,
      host: { scope: 'system', user: null },
      units: [{ falls: { logout: { getsUp: true }, managerKill: { possible: false } } }],
    });
  });

  it('nothing here and no manager: a checkout shows its example and says so', async () => {
    const env = { XDG_RUNTIME_DIR: undefined, HOME: unpackedRoot({}) };
    const { code, stdout, stderr } = await daruma([], { env });
    const isBare = stdout.startsWith('No service manager');
    if (!isBare) return; // this machine has a manager, or units for everybody
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('neko · azureuser');
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
    expect((await daruma(['--json'], { env })).stderr).toMatch(/^No service manager.*\n$/);
    expect(await daruma(['--json', '--quiet'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await darumaJson([], { env })).toMatchObject({ host: { name: 'neko' } });
  });
});

describe('--on', () => {
  it.each([
    ['exit:0', 'exit:0', true, false],
    ['exit:143', 'exit:143', true, true],
    ['signal:TERM', 'signal:SIGTERM', true, false],
    ['signal:SIGKILL', 'signal:SIGKILL', true, true],
    ['signal:9', 'signal:SIGKILL', true, true],
    ['signal:RTMIN+3', 'signal:SIGRTMIN+3', true, true],
    ['core:SEGV', 'core:SIGSEGV', true, true],
    ['watchdog', 'watchdog', false, false],
    ['start-timeout', 'start-timeout', false, false],
    ['runtime-max', 'runtime-max', false, false],
    ['oom', 'oom', true, true],
    ['start-pre:1', 'start-pre:1', false, false],
    ['start-post:1', 'start-post:1', false, false],
    ['start-post-timeout', 'start-post-timeout', false, false],
    ['condition:1', 'condition:1', false, false],
    ['unready-exit:0', 'unready-exit:0', false, false],
    ['unready-signal:TERM', 'unready-signal:SIGTERM', false, false],
    ['stop', 'stop', true, false],
    ['hang', 'hang', true, false],
    ['logout', 'logout', true, true],
    ['manager-kill', 'manager-kill', true, false],
    ['reboot', 'reboot', true, true],
    ['fall-of:x.service', 'fall-of:x.service', false, false],
    ['stop-of:x.service', 'stop-of:x.service', false, false],
  ])('%s', async (asked, on, possible, restarts) => {
    const { outcomes, crashLoop } = await unitOf('explain', 'litellm', ...neko, '--on', asked);
    expect(outcomes).toMatchObject([{ on, possible, restarts }]);
    expect(outcomes[0]?.timeline).toHaveProperty('givesUp');
    expect(crashLoop).toMatchObject([{ on, lifetimeSeconds: 0 }]);
    expect(await daruma(['explain', 'litellm', ...neko, '--on', asked])).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it('asks for several, in their order, and for nothing else', async () => {
    const { outcomes } = await unitOf(
      'explain',
      'litellm',
      ...neko,
      '--on',
      'stop',
      '--on=exit:1',
      '--on',
      'exit:0',
    );
    expect(outcomes.map(({ on }) => on)).toEqual(['stop', 'exit:1', 'exit:0']);
  });

  it('left out: every ending, none of them with a timeline', async () => {
    const { outcomes, crashLoop } = await unitOf('explain', 'litellm', ...neko);
    expect(outcomes.length).toBeGreaterThan(15);
    expect(outcomes.some(outcome => 'timeline' in outcome)).toBe(false);
    expect(crashLoop).toMatchObject([{ on: 'exit:1', lifetimeSeconds: 0, givesUp: 'yes' }]);
  });
});

describe('--lifetime', () => {
  it.each([
    ['0', 0, 'yes'],
    ['100ms', 0.1, 'yes'],
    ['1.5', 1.5, 'yes'],
    ['3s', 3, 'no'],
    ['1min 30s', 90, 'no'],
  ])('%s', async (span, lifetimeSeconds, givesUp) => {
    const { crashLoop } = await unitOf('explain', 'litellm', ...neko, '--lifetime', span);
    expect(crashLoop).toMatchObject([{ on: 'exit:1', lifetimeSeconds, givesUp }]);
  });
});

describe('--systemd', () => {
  it.each([245, 247, 249, 250, 252, 253, 254, 255, 256, 257, 262])('%i', async version => {
    const { systemd, settings } = await unitOf('explain', 'litellm', ...neko, '--systemd', String(version));
    expect(systemd).toBe(version);
    expect('ExitType' in settings).toBe(version >= 250);
    expect('RestartMode' in settings).toBe(version >= 254);
    expect('RestartSteps' in settings).toBe(version >= 254);
  });

  it('says that the version is not the one that is there', async () => {
    expect((await daruma(['status', 'examples/neko', '--systemd', '257'])).stdout).toContain(
      'systemd 257 (as asked)',
    );
  });
});

describe('--format', () => {
  it('json and --json are the same document', async () => {
    const spellings = [['--json'], ['--format', 'json'], ['--format=json'], ['--json', '--format', 'json']];
    const runs = await Promise.all(spellings.map(args => daruma(['status', 'examples/neko', ...args])));
    const documents = runs.map(({ stdout }) => stdout);
    expect(new Set(documents).size).toBe(1);
    expect(JSON.parse(documents[0] ?? '')).toHaveProperty('schemaVersion', 1);
  });

  it('another format and --json exclude each other', async () => {
    for (const format of ['human', 'sarif']) {
      const { code, stdout } = await daruma(['check', 'examples/neko', '--json', '--format', format]);
      expect({ code, error: JSON.parse(stdout).error.message }).toEqual({
        code: 2,
        error: '--format and --json exclude each other',
      });
    }
  });

  it('human is what comes without', async () => {
    expect(await daruma(['status', 'examples/neko', '--format', 'human'])).toEqual(
      await daruma(['status', 'examples/neko']),
    );
  });

  it('options may stand before the command and behind it', async () => {
    const behind = await daruma(['status', 'litellm', '--json', ...neko]);
    expect(await daruma([...neko, '--json', 'status', 'litellm'])).toEqual(behind);
  });
});

describe('what files alone do not tell', () => {
  it('is a question, not a fall: lingering of a unit without a home', async () => {
    const folder = unpackedRoot({ 'a.service': '[Service]\nExecStart=/bin/a\nRestart=always\n' });
    const { falls } = await unitOf('status', folder);
    expect(falls['logout']).toMatchObject({ getsUp: false, undetermined: true });
    const { stdout } = await daruma(['status', folder]);
    expect(stdout).toMatch(/^\? a: logout, reboot: whether lingering is on is not known here$/m);
  });
});

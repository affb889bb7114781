/** What only a process shows of bad input: that it does not hang, whom it runs as, and what reads its output. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { checkout, darumaProcess, type ProcessOptions } from './daruma.ts';
import { failureOf } from './failure.ts';

const service = '[Service]\nExecStart=/bin/true\nRestart=always\n';
const failure = (args: readonly string[], options?: ProcessOptions) =>
  failureOf(args, asked => darumaProcess(asked, options));

function makePipes(...paths: readonly string[]): void {
  execFileSync('bash', ['-c', 'mkfifo "$@"', 'bash', ...paths]);
}

describe('what would keep its reader waiting', () => {
  it('links and pipes by their names alone', async () => {
    const cwd = unpackedRoot({ 'dangling.service': { link: 'nowhere' }, 'a.service': { link: 'a.service' } });
    makePipes(`${cwd}/fifo.service`);
    expect((await failure(['check', 'dangling.service'], { cwd })).line).toBe(
      'dangling.service is a link that leads nowhere',
    );
    expect((await failure(['check', 'a.service'], { cwd })).line).toBe(
      'a.service is a link that leads round in a circle',
    );
    expect((await failure(['check', 'fifo.service'], { cwd })).line).toBe(
      'fifo.service is not a regular file',
    );
  });

  it('pipes and sockets: nobody waits for them', async () => {
    const folder = unpackedRoot({ 'x.service': service, 'x.service.d/': '', 'y.service.d/': '' });
    makePipes(`${folder}/fifo.service`, `${folder}/x.service.d/a.conf`, `${folder}/x.socket`);
    expect(await failure(['explain', `${folder}/fifo.service`])).toEqual({
      code: 2,
      line: `${folder}/fifo.service is not a regular file`,
    });
    const server = net.createServer().listen(`${folder}/socket.service`);
    await new Promise(resolve => server.once('listening', resolve));
    expect(await failure(['explain', `${folder}/socket.service`])).toEqual({
      code: 2,
      line: `${folder}/socket.service is not a regular file`,
    });
    server.close();
    expect(darumaProcess(['status', folder])).toMatchObject({ code: 0, stderr: '' });
    expect(darumaProcess(['explain', `${folder}/x.service`])).toMatchObject({ code: 0, stderr: '' });
  });

  it('pipes in the place of what else is read of a root', async () => {
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
    expect(darumaProcess(['status', root])).toMatchObject({ code: 0, stderr: '' });
  });

  it('devices are what systemd takes them for: masks', async () => {
    const folder = unpackedRoot({
      'null.service': { link: '/dev/null' },
      'zero.service': { link: '/dev/zero' },
    });
    for (const name of ['null', 'zero']) {
      const { code, stdout } = darumaProcess(['explain', `${folder}/${name}.service`]);
      expect(code).toBe(0);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`it is masked by ${folder}/${name}.service`);
    }
  });
});

/** Several processes one after the other: on a busy machine each takes seconds. */
const timeout = 120_000;

describe('what may not be read', { timeout }, () => {
  const nobody = 65_534;
  const isRoot = process.getuid?.() === 0;
  const asNobody = isRoot ? { uid: nobody } : {};
  const canRun = darumaProcess(['--version'], asNobody).code === 0;

  function locked(tree: Readonly<Record<string, string>>, ...paths: readonly string[]): string {
    const root = unpackedRoot(tree);
    fs.chmodSync(root, 0o755);
    for (const name of paths) fs.chmodSync(path.join(root, name), 0);
    return root;
  }

  it.runIf(process.getuid?.() === 0)('a folder that may not be looked into is named itself', async () => {
    const cwd = unpackedRoot({ 'locked/x.service': service });
    fs.chmodSync(cwd, 0o755);
    for (const mode of [0o600, 0o700, 0o711]) {
      fs.chmodSync(`${cwd}/locked`, mode);
      expect(await failure(['check', 'locked/'], { cwd, uid: 65534 })).toEqual({
        code: 3,
        line: 'locked/ cannot be read (EACCES)',
      });
    }
  });

  it.runIf(canRun)('a unit file', async () => {
    const folder = locked({ 'x.service': service }, 'x.service');
    expect(await failure(['explain', `${folder}/x.service`], asNobody)).toEqual({
      code: 3,
      line: `${folder}/x.service cannot be read (EACCES)`,
    });
    const { code, stdout } = darumaProcess(['status', folder], asNobody);
    expect(code).toBe(0);
    expect(stdout).toContain('cannot be read (EACCES)');
    expect(stdout).not.toContain('systemd refuses');
  });

  it.runIf(canRun)('a folder on the way', async () => {
    const folder = locked({ 'a/x.service': service }, 'a');
    expect(await failure(['explain', `${folder}/a/x.service`], asNobody)).toEqual({
      code: 3,
      line: `${folder}/a/x.service cannot be read (EACCES)`,
    });
    expect((await failure(['status', `${folder}/a`], asNobody)).code).toBe(3);
    fs.chmodSync(path.join(folder, 'a'), 0o755);
  });

  it.runIf(canRun)('the folder of the own units: that is not the same as none', async () => {
    const home = locked({ '.config/systemd/user/x.service': service }, '.config/systemd/user');
    const own = `${home}/.config/systemd/user`;
    expect(await failure(['status', '--home', home], asNobody)).toEqual({
      code: 3,
      line: `${own} cannot be read (EACCES)`,
    });
    expect(await failure(['status'], { ...asNobody, env: { HOME: home } })).toEqual({
      code: 3,
      line: `${own} cannot be read (EACCES)`,
    });
    fs.chmodSync(own, 0o755);
  });

  it.runIf(canRun)('a root', async () => {
    const root = locked({ 'etc/hostname': 'x\n', 'home/kuma/': '' });
    fs.chmodSync(root, 0);
    expect((await failure(['--root', root], asNobody)).line).toContain('cannot be read (EACCES)');
    expect((await failure(['status', root], asNobody)).code).toBe(3);
    fs.chmodSync(root, 0o755);
  });
});

describe('surroundings', { timeout }, () => {
  it.each([
    'status examples/neko',
    'explain --json examples/neko examples/kuma examples/neko-fixed',
    '--help',
    'completion zsh',
  ])('a reader that has had enough: %s', line => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', 'set -o pipefail; "$0" bin/daruma.cjs "$@" | head -c1', process.execPath, ...line.split(' ')],
      { cwd: checkout, encoding: 'utf8' },
    );
    expect({ status, stderr, length: stdout.length }).toEqual({ status: 0, stderr: '', length: 1 });
  });

  it.each([
    ['status examples/neko', 0],
    ['--version', 0],
    ['--help', 0],
    ['complete -- st', 0],
    ['nothing --json', 0],
    ['nothing', 2],
    ['notify hook a.service', 2],
  ])('nobody who reads: %s', async (line, expected) => {
    const child = spawn(process.execPath, ['bin/daruma.cjs', ...line.split(' ')], {
      cwd: checkout,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Long before it has anything to say.
    child.stdout.destroy();
    child.stderr.destroy();
    const [code] = await once(child, 'exit');
    expect(code).toBe(expected);
  });

  it.each(['status examples/neko', '--version', '--help', 'complete -- st', 'nothing --json'])(
    'a disk that is full: %s',
    line => {
      const { status, stderr } = spawnSync(
        'bash',
        ['-c', '"$0" bin/daruma.cjs "$@" > /dev/full', process.execPath, ...line.split(' ')],
        { cwd: checkout, encoding: 'utf8' },
      );
      expect({ status, stderr }).toEqual({
        status: 3,
        stderr: 'daruma: the output cannot be written (ENOSPC)\n',
      });
    },
  );
});

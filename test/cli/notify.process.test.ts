/** `daruma notify` as people and timers call it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { json, text as textOf } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { checkout } from './daruma.ts';

/** A person with one webhook, that answers as the test says. */
async function person(answer: (response: http.ServerResponse) => void) {
  const letters: { readonly title: string; readonly text: string }[] = [];
  const asked = Promise.withResolvers<void>();
  const server = http.createServer((request, response) => {
    const take = async () => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the webhook channel writes
      letters.push((await json(request)) as (typeof letters)[number]);
      asked.resolve();
      answer(response);
    };
    void take();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const home = unpackedRoot({
    '.config/daruma/config.yaml': `notify:\n  channels:\n    - type: webhook\n      url: http://127.0.0.1:${port}/\n`,
  });
  const start = (...args: readonly string[]) =>
    spawn(process.execPath, [path.join(checkout, 'bin/daruma.cjs'), 'notify', ...args], {
      env: { PATH: process.env['PATH'], HOME: home, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const isMarked = () => fs.existsSync(path.join(home, '.local/state/daruma/waiting'));
  return { home, letters, start, asked: asked.promise, isMarked };
}

describe('the mark that the timer looks for', () => {
  it('is there after a kill -9 in the middle of a delivery', async () => {
    const { start, asked, isMarked } = await person(() => {});
    const child = start('send', 'hello');
    await asked;
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isMarked()).toBe(true);
  });

  it('goes with the last message', async () => {
    const { start, isMarked, letters } = await person(response => response.end());
    const child = start('send', 'hello');
    await once(child, 'exit');
    expect([child.exitCode, isMarked(), letters.length]).toEqual([0, false, 1]);
  });
});

describe('a configuration that is edited while a message waits', () => {
  const busy = (seconds: number) => (response: http.ServerResponse) => {
    response.writeHead(429, { 'Retry-After': String(seconds) }).end();
  };
  const configurationOf = (home: string) => path.join(home, '.config/daruma/config.yaml');
  const status = async ({ start }: Awaited<ReturnType<typeof person>>) => {
    const child = start('status');
    const [text] = await Promise.all([textOf(child.stdout), once(child, 'exit')]);
    return text.replaceAll(/\s+/g, ' ');
  };

  it('counts for the next process, which tries at once what was put off before', async () => {
    const [old, other] = [await person(busy(3_600)), await person(response => response.end())];
    await once(old.start('send', 'hello'), 'exit');
    fs.copyFileSync(configurationOf(other.home), configurationOf(old.home));
    await once(old.start('await'), 'exit');
    expect([old.letters.length, other.letters.length, old.isMarked()]).toEqual([1, 1, false]);
  });

  it('counts for one that runs', async () => {
    const [old, other] = [await person(busy(40)), await person(response => response.end())];
    await once(old.start('send', 'hello'), 'exit');
    const child = old.start('await');
    await setTimeout(3_000);
    expect(child.exitCode).toBe(null);
    fs.copyFileSync(configurationOf(other.home), configurationOf(old.home));
    const atMs = Date.now();
    await once(child, 'exit');
    expect([old.letters.length, other.letters.length]).toEqual([1, 1]);
    expect(Date.now() - atMs).toBeLessThan(20_000);
  });

  it('keeps what waits where it names no channel any more, and says so', async () => {
    const old = await person(busy(3_600));
    const written = fs.readFileSync(configurationOf(old.home));
    await once(old.start('send', 'hello'), 'exit');
    fs.writeFileSync(configurationOf(old.home), 'notify: {}\n');
    await once(old.start('await'), 'exit');
    expect(await status(old)).toContain(
      'webhook: 1 message waits for this channel, which is not configured any more',
    );
    expect(old.isMarked()).toBe(true);
    fs.writeFileSync(configurationOf(old.home), 'notify: {channels: [\n');
    const broken = old.start('await');
    await once(broken, 'exit');
    expect(broken.exitCode).toBe(2);
    fs.writeFileSync(
      configurationOf(old.home),
      String(written).replace('type: webhook', 'type: webhook\n      name: again'),
    );
    await once(old.start('await'), 'exit');
    expect(old.letters.length).toBe(2);
  });
});

describe.skipIf(process.getuid?.() !== 0)('hooks on a machine without a program that they need', () => {
  /** Commands of a shell that hide a program, in a mount namespace that ends with the shell. */
  const hidden = {
    timeout: 'mount --bind /dev/null "$(realpath /usr/bin/timeout)"',
    // As of a BusyBox before 1.34, which knows no `-k`.
    'timeout -k': 'mount --bind "$OLD" "$(realpath /usr/bin/timeout)"',
    sync: 'mount -t tmpfs tmpfs "$EMPTY" && cp -L /usr/bin/timeout /usr/bin/mkdir /bin/sh "$EMPTY" && mount --bind "$EMPTY" /usr/bin',
  };

  it.each(Object.entries(hidden))('are not installed, and it is said why: %s', (_, hide) => {
    const home = unpackedRoot({
      '.config/systemd/user/a.service': '[Service]\nExecStart=/bin/sleep 1000\n',
      old: '#!/bin/sh\n[ "$1" != -k ] || exit 1\nshift; exec "$@"\n',
      'empty/': '',
    });
    fs.chmodSync(path.join(home, 'old'), 0o755);
    const main = path.join(checkout, 'bin/daruma.cjs');
    const { status, stderr } = spawnSync(
      'unshare',
      [
        '--mount',
        '/bin/sh',
        '-c',
        `${hide} && exec "$@"`,
        'sh',
        process.execPath,
        main,
        'notify',
        'install',
        'a',
        '--yes',
      ],
      {
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          HOME: home,
          NO_COLOR: '1',
          OLD: path.join(home, 'old'),
          EMPTY: path.join(home, 'empty'),
        },
      },
    );
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: expect.stringMatching(/timeout\(1\).*sync.*coreutils/s),
    });
    expect(fs.readdirSync(path.join(home, '.config/systemd/user'))).toEqual(['a.service']);
  });
});

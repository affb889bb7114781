/** Messages about a front that leads elsewhere, on a host with HAProxy, hooks and stand-ins of LiteLLM. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority } from '../../../lab/authority.ts';
import type { Host } from '../../../lab/host.ts';
import { describeLab } from '../../../lab/vitest.ts';
import { alone } from '../squad.ts';
import { home, type TellingHost, tellingHost } from '../../notify/telling-host.ts';

const minuteMs = 60_000;
/** Of what the host itself is called. */
const own = 'c-moves';

/** Answers whether it is alive, and says who it is. */
const standIn = `#!/usr/local/bin/node
const [, name] = process.argv;
const isLocal = name.endsWith('/litellm');
const fs = require('node:fs');
const tls = isLocal ? {} : { key: fs.readFileSync('${home}/host.key'), cert: fs.readFileSync('${home}/host.pem') };
require(isLocal ? 'node:http' : 'node:https')
  .createServer(tls, (request, response) => response.end(JSON.stringify("I'm alive! " + name)))
  .listen(isLocal ? 4000 : 8443, '127.0.0.1');
`;

const services = {
  litellm: `[Service]\nExecStart=${home}/bin/litellm --port 4000\nRestart=always\nRestartSec=15\n[Install]\nWantedBy=default.target\n`,
  kuma: `[Service]\nExecStart=${home}/bin/kuma\n[Install]\nWantedBy=default.target\n`,
};

describeLab('the moves of a front', { name: own, users: ['kuma'], commands: ['openssl'] }, lab => {
  const stack = new AsyncDisposableStack();
  let host: Host;
  let telling: TellingHost;

  beforeAll(async () => {
    host = await lab.host();
    const bootedMs = Date.now();
    const authority = stack.use(await createAuthority());
    const { certificate, key } = await authority.certify('kuma');
    const write = (file: string, text: string, mode: number) =>
      host.writeFile(`${home}/${file}`, text, { user: 'kuma', mode });
    await write('host.pem', certificate, 0o644);
    await write('host.key', key, 0o600);
    await write('key', 'sk-EXAMPLE', 0o600);
    await write('.openclaw/openclaw.json', alone, 0o600);
    for (const name of ['litellm', 'kuma']) await write(`bin/${name}`, standIn, 0o755);
    await host.writeFile('/tmp/authority.pem', authority.certificate);
    await host.exec([
      'sh',
      '-c',
      'cat /tmp/authority.pem >> /etc/ssl/certs/ca-certificates.crt; echo 127.0.0.1 kuma >> /etc/hosts',
    ]);
    const node = (name: string, url: string) => `  - {name: ${name}, url: ${url}, key: "file:${home}/key"}\n`;
    telling = await tellingHost(host, services, {
      more: `nodes:\n${node(own, `https://${own}/litellm`)}${node('kuma', 'https://kuma:8443/litellm')}`,
    });
    await telling.systemctl('enable', '--now', 'litellm', 'kuma');
    await telling.daruma('notify', 'install', '--yes', 'litellm');
    // After a boot services may take their time, and less is told.
    await sleep(Math.max(0, bootedMs + 3 * minuteMs - Date.now()));
  }, 6 * minuteMs);

  afterAll(() => stack.disposeAsync());

  const titles = () => telling.messages().map(text => text.split('\n', 1)[0]);
  const told = () => titles().length;

  test('are told with their socket, which comes with the front', { timeout: 3 * minuteMs }, async () => {
    const { code, stdout, stderr } = await host.exec(
      ['node', '/opt/daruma/src/cli/main.ts', 'failover', 'apply', '--front', '--yes'],
      { user: 'kuma', timeoutMs: 2 * minuteMs },
    );
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('The front at http://127.0.0.1:4010: alive');
    expect(await telling.systemctl('is-active', 'daruma-front-moves.socket')).toBe('active\n');
    const show = 'stat -c "%F %a" "$XDG_RUNTIME_DIR/daruma-front-moves"';
    const { stdout: shown } = await host.exec(['sh', '-c', show], { user: 'kuma' });
    expect(shown).toBe('socket 600\n');
  });

  test('are a message there and one back where LiteLLM hangs', { timeout: 6 * minuteMs }, async () => {
    await telling.systemctl('kill', '--signal=STOP', 'litellm');
    expect(await telling.next('🔀 kuma is asked in place of litellm')).toMatch(
      /^The front has found no answer from litellm\.service since .*, and asks kuma in its place\.$/m,
    );
    await telling.systemctl('kill', '--signal=CONT', 'litellm');
    expect(await telling.next('✅ litellm answers again')).toMatch(
      /^The front asks litellm\.service again, after .* in which it asked kuma in its place\.$/m,
    );
    expect(titles()).toHaveLength(2);
  });

  test('are a line in the message of a fall', { timeout: 6 * minuteMs }, async () => {
    const before = told();
    await telling.systemctl('kill', '--signal=KILL', 'litellm');
    expect(await telling.next('🔄 litellm restarted')).toContain(
      '\nMeanwhile the front asked kuma in its place',
    );
    await sleep(1.25 * minuteMs);
    expect(titles().slice(before)).toEqual(['🔄 litellm restarted']);
  });

  test('are none when the front is reloaded or restarted', { timeout: 3 * minuteMs }, async () => {
    const before = told();
    await telling.systemctl('reload', 'daruma-front');
    await sleep(10_000);
    await telling.systemctl('restart', 'daruma-front');
    await sleep(1.25 * minuteMs);
    expect(titles().slice(before)).toEqual([]);
  });

  test('that lead nowhere are more urgent', { timeout: 6 * minuteMs }, async () => {
    await telling.systemctl('stop', 'kuma');
    await telling.systemctl('kill', '--signal=STOP', 'litellm');
    expect(await telling.next('🚨 Nobody answers in place of litellm')).toMatch(
      /^The front has found no answer from litellm\.service, nor from any other machine, since /m,
    );
    await telling.systemctl('kill', '--signal=CONT', 'litellm');
    await telling.systemctl('start', 'kuma');
    await telling.next('nobody answered');
  });

  test('are none of a reboot', { timeout: 6 * minuteMs }, async () => {
    const before = told();
    await host.reboot();
    await sleep(3 * minuteMs);
    expect(titles().slice(before)).toEqual([expect.stringContaining('was rebooted')]);
  });

  test('go with the front', { timeout: 3 * minuteMs }, async () => {
    await host.exec(['node', '/opt/daruma/src/cli/main.ts', 'undo', '--yes'], { user: 'kuma' });
    const left = await telling.systemctl('list-units', '--all', '--plain', '--no-legend', 'daruma-front*');
    expect(left).toBe('');
    expect(fs.globSync(path.join(host.rootDir, home, '.config/systemd/user/**/daruma-front*'))).toEqual([]);
  });
});

/** The front where something is wrong beside LiteLLM: certificates, names, ports, keys, HAProxy itself. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeLab } from '../../../lab/vitest.ts';
import { schemaErrors } from '../../report/schema-errors.ts';
import { createAuthority, selfSigned, type ServerIdentity } from '../../support/certificates.ts';
import { local } from '../booted-squad.ts';
import {
  completionsAsked,
  daruma,
  home,
  keyOf,
  must,
  setUpstream,
  startLitellm,
  systemctl,
  user,
} from '../machine.ts';
import { bootSquads, minuteMs, needs, patience } from '../squads.ts';

const front = 'daruma-front.service';
const both = ['daruma-front.socket', front];

interface Status {
  readonly machines: readonly { readonly name: string; readonly answering: { readonly fault: string } }[];
  readonly proxies: readonly {
    readonly name: string;
    readonly front: readonly { readonly isUp: boolean; readonly said: string | null }[] | null;
    readonly outdated: readonly string[];
    readonly answering: { readonly state: string; readonly fault: string };
  }[];
}

describeLab('the front at its edges', { ...needs, commands: [...needs.commands, 'haproxy'] }, () => {
  const squads = bootSquads(local);
  const neko = () => squads().neko;
  const kuma = () => squads().kuma;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-edges-'));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  const asUser = (script: string) => must(neko(), ['bash', '-c', script], user);
  const status = async () => {
    const { stdout } = await daruma(neko(), 'failover', '--json');
    expect(schemaErrors('failover-status', JSON.parse(stdout))).toEqual([]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a schema of our own
    const { machines, proxies } = JSON.parse(stdout) as Status;
    return {
      kuma: machines.find(({ name }) => name === 'kuma')?.answering.fault,
      front: proxies.find(({ name }) => name === front),
    };
  };
  /** What `failover plan` says of a front. */
  const plan = async () => {
    const { stdout } = await daruma(neko(), 'failover', 'plan', '--json');
    expect(schemaErrors('failover-plan', JSON.parse(stdout))).toEqual([]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a schema of our own
    const { front: planned } = (JSON.parse(stdout) as { plan: { front: { url: string; notes: unknown } } })
      .plan;
    return planned;
  };
  /** What `failover check` finds at the machine kuma. */
  const found = async () => {
    const { stdout } = await daruma(neko(), 'failover', 'check', '--json');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a schema of our own
    const { findings } = JSON.parse(stdout) as {
      findings: readonly { rule: string; link: { kind: string; name: string } }[];
    };
    return findings
      .filter(({ link }) => link.kind === 'node' && link.name === 'kuma')
      .map(({ rule }) => rule);
  };
  const apply = () => daruma(neko(), 'failover', 'apply', '--front', '--yes');
  const ask = () =>
    asUser(
      `curl -s -m 30 -o /dev/null -w '%{http_code} %header{x-daruma-machine}' -H 'authorization: Bearer ${keyOf('neko')}' -H 'content-type: application/json' -d '{"model":"claude-opus-4.6","messages":[{"role":"user","content":"ping"}]}' http://127.0.0.1:4010/v1/chat/completions`,
    );
  /** All that an apply may write. */
  const state = () =>
    asUser(
      'cd ~ && find .config .openclaw -maxdepth 4 \\( -type f -o -type l \\) -not -path "*/litellm/*" | sort | xargs sha256sum',
    );
  /** A program on the port of the front. */
  const foreign = {
    start: () =>
      asUser(
        `systemd-run --user --unit=foreign --collect node -e "require('node:http').createServer((_, r) => r.writeHead(404).end()).listen(4010, '127.0.0.1')" && for _ in $(seq 50); do curl -s -o /dev/null http://127.0.0.1:4010/ && exit; sleep 0.2; done; exit 1`,
      ),
    stop: () => systemctl(neko(), 'stop', 'foreign'),
  };

  afterEach(async () => {
    await neko().exec(['systemctl', '--user', 'stop', 'foreign'], { user });
  });

  const authority = createAuthority(folder, 'edges');
  const present = async ({ key, cert }: ServerIdentity) => {
    await kuma().writeFile('/etc/lab/host.pem', cert);
    await kuma().writeFile('/etc/lab/host.key', key, { mode: 0o600 });
    await must(kuma(), ['systemctl', 'restart', 'web-server']);
  };
  const sound = authority.issue({ names: ['DNS:kuma'], fromDays: -10, toDays: 60 });

  beforeAll(async () => {
    const file = '/etc/lab/authority.pem';
    await neko().writeFile(
      file,
      fs.readFileSync(path.join(neko().rootDir, file), 'utf8') + authority.certificate,
    );
  }, minuteMs);

  test('takes another port where a program has its own, and that is said', {
    timeout: 2 * minuteMs,
  }, async () => {
    await foreign.start();
    expect(await plan()).toMatchObject({
      url: 'http://127.0.0.1:4011',
      notes: expect.arrayContaining([
        expect.objectContaining({ code: 'other-port', usual: 4010, port: 4011 }),
      ]),
    });
    await foreign.stop();
    expect(await apply()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The front at http://127.0.0.1:4010: alive'),
    });
  });

  test('is not taken for the program that has its port while it is down', {
    timeout: 2 * minuteMs,
  }, async () => {
    const before = await state();
    await systemctl(neko(), 'stop', ...both);
    await foreign.start();
    expect((await status()).front?.answering).toMatchObject({ state: 'silent', fault: 'not-running' });
    expect(await apply()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('another program has port 4010'),
    });
    expect(await state()).toBe(before);
    await foreign.stop();
    await systemctl(neko(), 'restart', ...both);
    expect((await status()).front?.answering).toMatchObject({ state: 'answers' });
  });

  describe('while the certificate of the other machine', () => {
    test.each([
      [
        'has expired',
        'certificate-expired',
        () => authority.issue({ names: ['DNS:kuma'], fromDays: -60, toDays: -3 }),
      ],
      [
        'is for another name',
        'certificate-wrong-name',
        () => authority.issue({ names: ['DNS:panda'], fromDays: -10, toDays: 60 }),
      ],
      ['is by somebody unknown', 'certificate-refused', () => selfSigned(folder, 'kuma')],
    ])('%s, says so', { timeout: 2 * minuteMs }, async (_, fault, certificate) => {
      await present(certificate());
      expect(await found()).toEqual([fault]);
      expect((await plan()).notes).toContainEqual(
        expect.objectContaining({ code: 'no-stand-in', node: 'kuma', fault }),
      );
      await vi.waitFor(async () => {
        const { kuma: other, front: seen } = await status();
        expect(other).toBe(fault);
        expect(seen?.front?.[1]).toMatchObject({
          isUp: false,
          said: expect.stringMatching(
            /SSL handshake failure|SSL certificate different from the expected one/,
          ),
        });
      }, patience);
      // Nothing is written that was not there before.
      const before = await state();
      expect(await apply()).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('kuma cannot stand in as it is'),
      });
      expect(await state()).toBe(before);
      await present(sound);
      await vi.waitFor(
        async () => expect((await status()).front?.front?.[1]).toMatchObject({ isUp: true, said: null }),
        { timeout: 30_000, interval: 1_000 },
      );
    });
  });

  test('has the new name of a machine after one apply, and the old one after its undo', {
    timeout: 2 * minuteMs,
  }, async () => {
    const before = await state();
    await asUser(
      "cp ~/.config/daruma/config.yaml ~/nodes; sed -i 's/name: kuma/name: panda/' ~/.config/daruma/config.yaml",
    );
    const file = `${home}/.config/daruma/front/front.cfg`;
    expect((await status()).front?.outdated).toEqual([file]);
    expect(await apply()).toMatchObject({ code: 0 });
    expect((await status()).front?.outdated).toEqual([]);
    expect(await asUser(`grep -c kuma.sock ${file} || true`)).toBe('0\n');
    expect(await daruma(neko(), 'undo', '--yes')).toMatchObject({ code: 0 });
    await asUser('cp ~/nodes ~/.config/daruma/config.yaml');
    expect(await state()).toBe(before);
  });

  test('is said to hang when HAProxy does, and a restart ends that', { timeout: 2 * minuteMs }, async () => {
    const main = (await systemctl(neko(), 'show', '-P', 'MainPID', front)).trim();
    await asUser(`kill -STOP $(pgrep -P ${main})`);
    expect((await daruma(neko(), 'failover')).stdout).toContain('HAProxy hangs, and nothing starts it again');
    const start = performance.now();
    await systemctl(neko(), 'restart', front);
    // Far less than the usual 90 s.
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(await ask()).toBe('200 neko');
  });

  test('has the new key of a machine after one apply', { timeout: 4 * minuteMs }, async () => {
    const changes = [
      `s/${keyOf('kuma')}/sk-EXAMPLE-changed/`,
      's/^general_settings:/litellm_settings:\\n  num_retries: 0\\n&/',
    ];
    for (const host of [neko(), kuma()])
      await must(
        host,
        [
          'bash',
          '-c',
          `cd ~/.openclaw/litellm; sed -i '${changes[0]}' environment; sed -i '${changes[1]}' config.yaml; systemctl --user stop litellm`,
        ],
        user,
      );
    await startLitellm(kuma());
    expect(await found()).toEqual(['key-refused']);
    // Whether HAProxy has one left to ask again decides which of the two it is.
    expect(await ask()).toMatch(/^50[23] $/);
    await neko().writeFile(`${home}/.config/daruma/kuma.key`, 'sk-EXAMPLE-changed', { user, mode: 0o600 });
    expect((await status()).front?.outdated).toEqual([`${home}/.config/daruma/front/keys.cfg`]);
    expect(await apply()).toMatchObject({ code: 0 });
    expect(await ask()).toBe('200 kuma');
  });

  test('costs one request to each upstream where both fail', { timeout: 3 * minuteMs }, async () => {
    await startLitellm(neko());
    await vi.waitFor(async () => expect(await ask()).toBe('200 neko'), patience);
    await sleep(2_000);
    for (const host of [neko(), kuma()]) await setUpstream(host, 'down');
    const before = [neko(), kuma()].map(completionsAsked);
    expect(await ask()).toMatch(/^5\d\d /);
    const after = [neko(), kuma()].map(completionsAsked);
    expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1]);
  });
});

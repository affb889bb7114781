/** Two machines with one kernel: the other one is behind a real sshd, with a host name and a home of its own. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ship } from '../../src/failover/ship.ts';
import { protocol, type ShipRequest } from '../../src/failover/shipment.ts';
import { checkout, daruma } from '../cli/daruma.ts';
import { isRequired } from '../support/required.ts';
import { hasSshd, type SshServer, startSshServer } from './ssh-server.ts';

const key = 'sk-neko-0123456789';
const nodes: ShipRequest['nodes'] = [
  { name: 'neko', url: 'https://neko.example.com/litellm', hasKey: true, key },
  { name: 'kuma', url: 'https://kuma.example.com/litellm', hasKey: true, key: null },
];
const request: ShipRequest = { protocol, dryRun: true, nodes };
const options = { language: 'en', limitMs: 60_000, environment: process.env } as const;

const config = `{
  // kuma's own
  models: { providers: { litellm: {
    baseUrl: 'http://127.0.0.1:4000/v1',
    apiKey: 'sk-kuma',
    models: [{ id: 'claude-opus-4.6', name: 'Opus' }],
  } } },
  agents: { defaults: { model: { primary: 'litellm/claude-opus-4.6' } } },
}
`;

describe.runIf(isRequired || hasSshd)('another machine, over ssh', { timeout: 120_000 }, () => {
  let server: SshServer;
  let folder: string;
  const home = () => path.join(folder, 'home');
  const openclaw = () => path.join(home(), '.openclaw/openclaw.json');
  const onPath = () => `${server.bin}:${process.env['PATH']}`;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-ssh-'));
    fs.mkdirSync(path.join(folder, 'there'));
    const environment = `HOME=${home()} PATH=${folder}/there:/usr/bin:/bin XDG_RUNTIME_DIR=/nonexistent`;
    server = await startSshServer(
      folder,
      `exec unshare --uts env -i ${environment} C="$SSH_ORIGINAL_COMMAND" sh -c 'hostname kuma; eval "$C"'`,
    );
    process.env['PATH'] = onPath();
  });
  afterAll(async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    fs.rmSync(home(), { recursive: true, force: true });
    fs.mkdirSync(path.dirname(openclaw()), { recursive: true });
    fs.writeFileSync(openclaw(), config, { mode: 0o600 });
    // Debian's own profile begins with a PATH of its own.
    fs.writeFileSync(path.join(home(), '.profile'), `PATH=${folder}/there:/usr/bin:/bin\n`);
    install(`exec "${process.execPath}" "${checkout}/src/cli/main.ts" "$@"`);
    fs.rmSync(path.join(folder, 'arguments.log'), { force: true });
  });

  function install(script: string): void {
    fs.writeFileSync(path.join(folder, 'there/daruma'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  it('says what it would do, and does it, with the key it was sent', async () => {
    const planned = await ship('kuma', request, options);
    expect(planned).toMatchObject({ kind: 'answer', answer: { node: 'kuma', applied: null } });
    expect(JSON.stringify(planned)).not.toContain(key);
    expect(JSON.stringify(planned)).toContain('neko-litellm');
    expect(fs.readFileSync(openclaw(), 'utf8')).toBe(config);

    const done = await ship('kuma', { ...request, dryRun: false }, options);
    expect(done).toMatchObject({
      kind: 'answer',
      answer: { applied: expect.stringMatching(/^\d{8}T/) },
    });
    const keyFile = path.join(home(), '.openclaw/neko-litellm.key');
    expect(fs.readFileSync(keyFile, 'utf8')).toBe(`${key}\n`);
    expect(fs.statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(openclaw(), 'utf8')).toContain(
      "apiKey: { source: 'file', provider: 'neko-litellm',",
    );
    expect(fs.readFileSync(path.join(folder, 'arguments.log'), 'utf8')).not.toContain(key);

    expect((await daruma(['undo'], { env: { HOME: home() } })).code).toBe(0);
    expect(fs.readFileSync(openclaw(), 'utf8')).toBe(config);
    expect(fs.existsSync(keyFile)).toBe(false);
  });

  it('and this one, by one command', async () => {
    const here = path.join(folder, 'here');
    fs.mkdirSync(path.join(here, '.config/daruma'), { recursive: true });
    fs.mkdirSync(path.join(here, '.openclaw'));
    fs.writeFileSync(path.join(here, '.openclaw/openclaw.json'), config, { mode: 0o600 });
    for (const name of ['own', 'kuma'])
      fs.writeFileSync(path.join(here, `${name}.key`), `sk-the-key-of-${name}\n`);
    fs.writeFileSync(
      path.join(here, '.config/daruma/config.yaml'),
      `nodes:\n- {name: "${os.hostname()}", url: "https://own.example.com", key: "file:~/own.key"}\n- {name: kuma, url: "https://kuma.example.com/litellm", key: "file:~/kuma.key"}\n`,
    );
    const env = { HOME: here, PATH: onPath(), XDG_RUNTIME_DIR: undefined };
    const { code, stdout, stderr } = await daruma(['failover', 'apply', '--yes', '--to', 'kuma'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^kuma: done; "daruma undo \d{8}T\d{6}Z" there takes it back\.$/m);
    expect(stdout).not.toContain('sk-');
    expect(fs.readFileSync(path.join(here, '.openclaw/kuma-litellm.key'), 'utf8')).toBe(
      'sk-the-key-of-kuma\n',
    );
    const there = fs.readdirSync(path.join(home(), '.openclaw')).filter(name => name.endsWith('.key'));
    expect(there.map(name => fs.readFileSync(path.join(home(), '.openclaw', name), 'utf8'))).toEqual([
      'sk-the-key-of-own\n',
    ]);
    const again = await daruma(['failover', 'apply', '--yes', '--to', 'kuma'], { env });
    expect(again.stdout).toContain('kuma: nothing to do there.');
    expect(again.stdout).not.toContain('Done.');
  });

  it('refuses in its own words', async () => {
    const others = nodes.map(node => ({ ...node, name: node.name === 'kuma' ? 'panda' : node.name }));
    expect(await ship('kuma', { ...request, nodes: others }, options)).toMatchObject({
      fault: {
        code: 'refused',
        message: 'this machine is called kuma, and nodes: has no machine of that name',
      },
    });
    fs.writeFileSync(openclaw(), '{ models: ');
    expect(await ship('kuma', request, options)).toMatchObject({ fault: { code: 'refused' } });
  });

  it('has no daruma, or another one', async () => {
    fs.rmSync(path.join(folder, 'there/daruma'));
    expect(await ship('kuma', request, options)).toMatchObject({ fault: { code: 'no-daruma' } });
    install(
      `echo 'Welcome'; echo '{"schemaVersion":1,"daruma":"0.1.0","error":{"code":"unknown-command","message":"","where":null,"hint":null}}'; exit 2`,
    );
    expect(await ship('kuma', request, options)).toMatchObject({ fault: { code: 'too-old' } });
    install('echo Boom >&2; exit 4');
    expect(await ship('kuma', request, options)).toMatchObject({
      fault: { code: 'no-answer', status: 4, said: 'Boom' },
    });
  });

  it('takes too long', async () => {
    install('exec sleep 60');
    expect(await ship('kuma', request, { ...options, limitMs: 3_000 })).toMatchObject({
      fault: { code: 'timeout', seconds: 3 },
    });
  });

  it('is not the one that is known by that name', async () => {
    expect(await ship('stranger', request, options)).toMatchObject({
      fault: { code: 'not-connected', said: 'Host key verification failed.' },
    });
  });

  it.each(['-oProxyCommand=touch${IFS}/tmp/x', '', 'a b'])('%j is none', async destination => {
    expect(await ship(destination, request, options)).toMatchObject({ fault: { code: 'no-destination' } });
    expect(fs.existsSync(path.join(folder, 'arguments.log'))).toBe(false);
  });
});

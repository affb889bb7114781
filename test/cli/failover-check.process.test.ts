/** `daruma failover check` and `test` as people see them, against real servers with certificates. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { serve, type WireFault } from '../support/http-server.ts';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-authority-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const authority = createAuthority(folder, 'own');
const names = ['DNS:localhost', 'IP:127.0.0.1'];
const localKey = 'sk-daruma-local-0123';
const remoteKey = 'sk-daruma-remote-0123';

/** LiteLLM with a master key. */
function litellm(key: string, apiBase: string, models: readonly string[]) {
  return ({ path: asked, headers, body }: { path: string; headers: object; body: string }): WireFault => {
    const isAllowed = 'authorization' in headers && headers.authorization === `Bearer ${key}`;
    if (!isAllowed) return { status: 401, body: { error: { message: 'Authentication Error' } } };
    if (asked === '/v1/models') return { status: 200, body: { data: models.map(id => ({ id })) } };
    if (asked === '/model/info') {
      const data = models.map(model_name => ({ model_name, litellm_params: { api_base: apiBase } }));
      return { status: 200, body: { data } };
    }
    if (asked !== '/v1/chat/completions') return { status: 404 };
    const { model } = JSON.parse(body);
    return { status: 200, body: { model, choices: [{ index: 0, message: { content: '1' } }] } };
  };
}

interface Machine {
  readonly local: string;
  readonly remote: string;
  readonly nodes: string;
  readonly model?: string;
  /** What `apiKey` of the provider for the other machine is. */
  readonly remoteKey?: string;
}

function homeOf({
  local,
  remote,
  nodes,
  model = 'claude',
  remoteKey: apiKey = '${REMOTE_KEY}',
}: Machine): string {
  const provider = (baseUrl: string, key: string) => ({
    baseUrl,
    apiKey: key,
    api: 'openai-completions',
    models: [{ id: model, name: 'Claude' }],
  });
  const home = unpackedRoot({
    '.openclaw/openclaw.json': JSON.stringify({
      models: {
        providers: {
          litellm: provider(`${local}/v1`, '${LOCAL_KEY}'),
          'remote-litellm': provider(`${remote}/v1`, apiKey),
        },
      },
      agents: {
        defaults: { model: { primary: `litellm/${model}`, fallbacks: [`remote-litellm/${model}`] } },
      },
    }),
    '.openclaw/.env': `LOCAL_KEY=${localKey}\nREMOTE_KEY=${remoteKey}\n`,
    '.config/daruma/config.yaml': nodes,
  });
  fs.chmodSync(path.join(home, '.openclaw/.env'), 0o600);
  return home;
}

function run(action: string, machine: Machine, ...options: readonly string[]) {
  const env = {
    HOME: homeOf(machine),
    COLUMNS: '250',
    NODE_EXTRA_CA_CERTS: authority.file,
    XDG_RUNTIME_DIR: folder,
  };
  return daruma(['failover', action, ...options], { env });
}

async function mutual(days = 60): Promise<Machine> {
  const local = await serve(litellm(localKey, 'http://127.0.0.1:4141', ['claude']));
  const identity = authority.issue({ names, fromDays: days - 90, toDays: days });
  const remote = await serve(
    litellm(remoteKey, 'http://127.0.0.1:4141', ['claude', 'gpt']),
    'localhost',
    identity,
  );
  return { local, remote, nodes: `nodes:\n  - {name: kuma, url: "${remote}", key: "file:/nonexistent"}\n` };
}

describe('daruma failover', () => {
  it('says what was asked, and that no model was', async () => {
    const machine = await mutual();
    const { stdout } = await run('status', { ...machine, nodes: '' });
    expect(stdout).toMatch(/✓ litellm\/claude +is alive · :\d+ · lists its models in \d+\.\d\d s\n/);
    expect(stdout).toContain('No model was asked, and nothing behind a proxy: "daruma failover test"');
    expect(stdout).not.toMatch(/answers (?:now|in)/);
  });

  it('has no mark of success for a provider whose key is wrong, and does not call its files complete', async () => {
    const machine = await mutual();
    const remote = await serve(litellm(localKey, 'http://127.0.0.1:4141', ['claude']));
    const { stdout } = await run('status', { ...machine, remote, nodes: '', remoteKey: 'sk-daruma-wrong' });
    expect(stdout).toMatch(/✗ remote-litellm\/claude .*does not accept the key \(401\)\n/);
    expect(stdout).not.toContain('Nothing is missing');
    expect(stdout).not.toContain('sk-daruma');
  });
});

describe('daruma failover check', () => {
  it('of a chain with nothing wrong', async () => {
    const machine = await mutual();
    const { code, stdout, stderr } = await run('check', { ...machine, nodes: '' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'asking 2 addresses ...\n' });
    expect(stdout).toMatch(
      /provider remote-litellm\n.*\n {2}answers in \d+\.\d\d s · 2 models · certificate valid/,
    );
    expect(stdout).toMatch(
      /2 links: nothing found\nNo model was asked: "daruma failover test" asks for answers\.\n$/,
    );
  });

  it('names what is wrong, what it leads to and what to do, without a key', async () => {
    const machine = await mutual(8.5);
    const { code, stdout, stderr } = await run('check', { ...machine, model: 'claud' });
    expect(code).toBe(1);
    expect(stdout).toContain('The certificate of');
    expect(stdout).toContain('in 8 days [certificate-expires-soon]');
    expect(stdout).toContain('did you mean claude? [model-missing]');
    expect(stdout).toContain('Its key is not there: file:/nonexistent [key-missing]');
    expect(stdout).toContain('Put the key into /nonexistent: a file of your own, with mode 0600.');
    expect(stdout + stderr).not.toMatch(/sk-daruma/);
  });

  it('of a key that is in OpenClaw’s own store: not tried, and not called refused', async () => {
    const machine = await mutual();
    const { code, stdout } = await run('check', {
      ...machine,
      nodes: '',
      remoteKey: 'remote-litellm:manual',
    });
    expect(stdout).toContain("Its key was not tried: it is in OpenClaw's own store");
    expect(stdout).not.toMatch(/key-refused|key-missing/);
    expect(stdout).toMatch(/\n2 links: 1 info\n/);
    expect(code).toBe(0);
  });

  it('in Chinese', async () => {
    const { stdout } = await run('check', await mutual(), '--lang', 'zh-CN');
    expect(stdout).toMatch(/提供商 remote-litellm/);
    expect(stdout).toMatch(/\n3 条线路：1 个警告\n没有向任何模型提问/);
  });

  it('of a machine with nothing to ask', async () => {
    const env = { HOME: folder, XDG_RUNTIME_DIR: folder };
    const { code, stderr } = await daruma(['failover', 'check'], { env });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^daruma: there is nothing to ask/)]);
  });
});

describe('daruma failover test', () => {
  it('says what it costs, and asks nobody without a yes', async () => {
    const { code, stdout, stderr } = await run('test', await mutual());
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /sends 2 real requests .*:\n {2}litellm\/claude \(at most 16 tokens\)\n {2}remote-litellm\/claude/,
    );
    expect(stderr).toMatch(/--yes/);
  });

  it.each([[[]], [['--yes']]])('only shows it with --dry-run %j', async more => {
    const machine = await mutual();
    let asked = 0;
    const local = await serve(() => {
      asked += 1;
      return { status: 404 };
    });
    const { code, stdout, stderr } = await run('test', { ...machine, local }, '--dry-run', ...more);
    expect({ code, stderr, asked }).toEqual({ code: 0, stderr: '', asked: 0 });
    expect(stdout).toMatch(
      /sends 2 real requests .*:\n {2}litellm\/claude .*\n {2}remote-litellm\/claude .*\n$/,
    );
  });

  it('asks each provider', async () => {
    const { code, stdout } = await run('test', await mutual(), '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ litellm\/claude answers in \d+\.\d\d s\n✓ remote-litellm\/claude answers in/);
  });

  it('says what came in one piece twice, and how long OpenClaw waits for it', async () => {
    const machine = await mutual();
    const local = await serve(async () => {
      await wait(2_100);
      return {
        status: 200,
        body: { object: 'chat.completion', choices: [{ index: 0, message: { content: '1' } }] },
      };
    });
    const { code, stdout } = await run('test', { ...machine, local }, '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /✓ litellm\/claude answers in .*\n {2}It came in one piece[^✓]*after 120 s\.[^✓]*\n✓ remote/,
    );
    const { stdout: document } = await run('test', { ...machine, local }, '--yes', '--json');
    expect(JSON.parse(document)).toMatchObject({
      completions: [{ fault: null, arrival: 'in-one-piece', firstSeconds: expect.any(Number) }, {}],
      passed: true,
    });
  });

  it('says nothing of one piece that came late by chance', async () => {
    const machine = await mutual();
    const waits = [2_100];
    const local = await serve(async () => {
      await wait(waits.pop() ?? 0);
      return { status: 200, body: { choices: [{ index: 0, message: { content: '1' } }] } };
    });
    const { stdout } = await run('test', { ...machine, local }, '--yes');
    expect(waits).toEqual([]);
    expect(stdout).toMatch(/✓ litellm\/claude answers in 2.*\n✓ remote/);
  });

  it('says which it cannot ask, whose keys OpenClaw alone has', async () => {
    const machine = { ...(await mutual()), remoteKey: 'remote-litellm:manual' };
    const { code, stdout } = await run('test', machine, '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /✓ litellm\/claude answers in .*\n\? remote-litellm\/claude was not asked: Its key/,
    );
  });

  it('fails when one does not answer', async () => {
    const machine = await mutual();
    const local = await serve(() => ({ status: 503, body: { error: { message: `no ${localKey}` } } }));
    const { code, stdout, stderr } = await run('test', { ...machine, local }, '--yes');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ litellm\/claude does not answer: .*\(503\): no \*\*\*/);
    expect(stdout + stderr).not.toMatch(/sk-daruma/);
  });

  it('stops nothing where no service of this machine is first', async () => {
    const { code, stderr } = await run('test', await mutual(), '--down', '--yes');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/there is nothing to stop/)]);
  });
});

/** Links to real servers, each with something wrong with it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { askLink, type Limits } from '../../../src/failover/live/ask-link.ts';
import { requestCompletion } from '../../../src/failover/live/completion.ts';
import { linkSeverity } from '../../../src/failover/live/link-fault.ts';
import type { Link } from '../../../src/failover/live/link.ts';
import { createAuthority, selfSigned } from '../../support/certificates.ts';
import { freePort, serve, type WireFault } from '../../support/http-server.ts';
import { hasNginx, startNginx } from '../../support/web-servers.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-authority-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const authority = createAuthority(folder, 'known');
const local = { names: ['DNS:localhost', 'IP:127.0.0.1'], fromDays: -1, toDays: 60 } as const;
const good = authority.issue(local);
const key = 'sk-daruma-0123456789';
const limits: Limits = { connectMs: 1_000, headersMs: 1_000, bodyMs: 1_000, answerMs: 3_000 };
const models = { data: [{ id: 'claude-opus-4.6', object: 'model' }, { id: 'gpt-5.6' }], object: 'list' };

function linkTo(baseUrl: string, more: Partial<Link> = {}): Link {
  return {
    kind: 'provider',
    name: 'remote-litellm',
    unit: 'openclaw-gateway.service',
    source: null,
    baseUrl,
    api: 'openai-completions',
    key: { kind: 'known', value: key, files: [] },
    models: ['claude-opus-4.6'],
    leadsTo: 'elsewhere',
    behind: [],
    authorities: [authority.certificate],
    headers: {},
    ...more,
  };
}

/** As LiteLLM answers with a master key, unless a path is to answer otherwise. */
function litellm(answers: Readonly<Record<string, WireFault>> = {}, identity = good): Promise<string> {
  return serve(
    ({ path: asked, headers }) => {
      const isAllowed = headers.authorization === `Bearer ${key}` || headers['x-api-key'] === key;
      if (answers[asked] !== undefined && (isAllowed || asked !== '/model/info')) return answers[asked];
      if (!isAllowed) return { status: 401, body: { error: { message: 'Authentication Error' } } };
      return asked === '/v1/models' ? { status: 200, body: models } : { status: 404 };
    },
    '127.0.0.1',
    identity,
  );
}

function siteOf(name: string, port: number, upstream: string): string {
  return `http {
  server { listen 127.0.0.1:${port} default_server; return 404; }
  server {
    listen 127.0.0.1:${port};
    server_name ${name};
    location / { proxy_pass ${upstream}; proxy_ssl_verify off; }
  }
}
`;
}

async function faultsOf(link: Link) {
  const report = await askLink(link, [authority.certificate], limits);
  expect(JSON.stringify({ ...report, link: null })).not.toContain(key);
  return report.faults;
}

describe('a certificate that is not accepted', () => {
  const faulty = {
    'certificate-refused': selfSigned(folder, 'localhost'),
    'certificate-expired': authority.issue({ ...local, fromDays: -9, toDays: -1 }),
    'certificate-wrong-name': authority.issue({ ...local, names: ['DNS:elsewhere.example'] }),
  };

  it.each(Object.entries(faulty))(
    'is told in the same words where a model is asked: %s',
    async (code, identity) => {
      const url = await serve(() => ({ status: 200, body: {} }), '127.0.0.1', identity);
      const link = linkTo(`${url.replace('127.0.0.1', 'localhost')}/v1`);
      const [fault] = await faultsOf(link);
      expect(fault).toMatchObject({ code });
      expect((await requestCompletion(link, 'claude', limits)).fault).toEqual(fault);
    },
  );
});

describe('a link behind a login page', () => {
  const secret = 'S3cretOfTheDoor';
  const behind = (isOpenBehind: boolean) =>
    serve(
      ({ path: asked, headers }) => {
        if (headers['cf-access-client-secret'] !== secret)
          return { status: 302, headers: { location: 'https://login.example.com/' } };
        const isAllowed = isOpenBehind || headers.authorization === `Bearer ${key}`;
        if (!isAllowed) return { status: 401 };
        return asked === '/v1/models' ? { status: 200, body: models } : { status: 404, body: `no ${secret}` };
      },
      '127.0.0.1',
      good,
    );
  const withHeaders = { headers: { 'cf-access-client-secret': secret } };

  it('is asked with the headers that OpenClaw sends', async () => {
    const link = linkTo(`${await behind(false)}/v1`, withHeaders);
    const report = await askLink(link, [], limits);
    expect(report.faults).toEqual([]);
    expect(JSON.stringify({ ...report, link: null })).not.toContain(secret);
    expect(await faultsOf(linkTo(`${await behind(false)}/v1`))).toMatchObject([{ code: 'redirected' }]);
  });

  it('is not open to all, since others do not pass the page', async () => {
    const url = await behind(true);
    expect(await faultsOf(linkTo(`${url}/v1`, { ...withHeaders, kind: 'node' }))).toEqual([]);
    const keyless = { kind: 'none', place: 'x' } as const;
    expect(await faultsOf(linkTo(`${url}/v1`, { ...withHeaders, kind: 'node', key: keyless }))).toEqual([]);
  });
});

describe('a LiteLLM without a database, asked without its key', () => {
  const withoutDatabase = async (liveliness: number) => {
    const asked: string[] = [];
    const url = await serve(({ path: at, headers }) => {
      asked.push(at);
      if (at === '/health/liveliness') return { status: liveliness, body: "I'm alive!" };
      if (headers.authorization === `Bearer ${key}`) return { status: 200, body: models };
      return { status: 500, body: { error: { message: "No module named 'prisma'" } } };
    });
    return { asked, link: linkTo(`${url}/v1`, { leadsTo: 'loopback' }) };
  };
  const place = 'file:/nonexistent';

  it.each([
    ['is missing', { kind: 'missing', place } as const, 'key-missing'],
    [
      'is in a store of OpenClaw',
      { kind: 'withheld', place, holder: 'openclaw', command: 'c' } as const,
      'key-not-tried',
    ],
  ])('is asked for its liveliness alone where the key %s', async (_, lacking, code) => {
    const { asked, link } = await withoutDatabase(200);
    const report = await askLink({ ...link, key: lacking }, [], limits);
    expect(report).toMatchObject({ asked: 'liveliness', faults: [{ code }], modelCount: null });
    expect(report.latencySeconds).not.toBeNull();
    expect(asked).toEqual(['/health/liveliness']);
  });

  it('is not what answers with a web page, whatever becomes of the key', async () => {
    const page = "<!doctype html><title>Log in</title>I'm alive!";
    const url = await serve(() => ({ status: 200, body: page }));
    const wrong = { code: 'wrong-service', came: { kind: 'page', said: 'Log in' } };
    const link = linkTo(`${url}/v1`, { leadsTo: 'loopback' });
    expect(await faultsOf(link)).toMatchObject([wrong]);
    expect(await faultsOf({ ...link, key: { kind: 'none', place } })).toMatchObject([wrong]);
    const missing = { kind: 'missing', place } as const;
    expect(await faultsOf({ ...link, key: missing })).toMatchObject([{ code: 'key-missing' }, wrong]);
    const broken = await serve(({ path: at }) => ({
      status: at === '/v1/models' ? 500 : 200,
      body: page,
    }));
    const keyless = linkTo(`${broken}/v1`, { key: { kind: 'none', place } });
    expect(await faultsOf(keyless)).toMatchObject([{ code: 'server-failed' }]);
  });

  it('wants a key, and has no fault, where OpenClaw sends none', async () => {
    const { link } = await withoutDatabase(200);
    const none = { kind: 'none', place } as const;
    expect(await faultsOf({ ...link, key: none })).toEqual([
      { code: 'key-missing', whose: 'own-proxy', place },
    ]);
    const { link: dead } = await withoutDatabase(500);
    expect(await faultsOf({ ...dead, key: none })).toMatchObject([{ code: 'server-failed', status: 500 }]);
  });

  it('is behind a web server that does not reach it', async () => {
    const { link } = await withoutDatabase(502);
    const missing = { kind: 'missing', place } as const;
    expect(await faultsOf({ ...link, key: missing })).toMatchObject([
      { code: 'key-missing' },
      { code: 'server-failed', status: 502 },
    ]);
  });

  it('is asked as a stranger with a key that is none, which leaves no traceback in its log', async () => {
    const sent: (string | undefined)[] = [];
    const url = await serve(({ path: at, headers: { authorization } }) => {
      if (at === '/v1/models') sent.push(authorization);
      if (authorization === `Bearer ${key}`) return { status: 200, body: models };
      return {
        status: authorization === undefined ? 500 : 400,
        body: { error: { type: 'no_db_connection' } },
      };
    });
    expect(await faultsOf(linkTo(`${url}/v1`, { kind: 'node' }))).toEqual([]);
    expect(sent).toEqual([`Bearer ${key}`, expect.stringMatching(/^Bearer sk-/)]);
  });

  it('is not asked as a stranger where it is known to ask for a key, since it logs that as an error', async () => {
    const sent: (string | undefined)[] = [];
    const url = await serve(({ headers: { authorization } }) => {
      sent.push(authorization);
      return { status: 200, body: models };
    });
    expect(await faultsOf(linkTo(`${url}/v1`, { kind: 'node', isGuarded: true }))).toEqual([]);
    expect(new Set(sent)).toEqual(new Set([`Bearer ${key}`]));
  });

  it('is asked for no more than OpenClaw needs by those who only look', async () => {
    const { asked, link } = await withoutDatabase(200);
    expect((await askLink(link, [], limits, 'use')).faults).toEqual([]);
    expect(asked).toEqual(['/v1/models']);
  });
});

describe('an address that lacks /v1', () => {
  const prefixed = () =>
    litellm({
      '/litellm/v1/models': { status: 200, body: models },
      '/litellm/models': { status: 404, body: 'no such path' },
    });

  it('is named with the one that has it', async () => {
    const url = await prefixed();
    const faults = await faultsOf(linkTo(`${url}/litellm`));
    expect(faults).toEqual([
      {
        code: 'version-missing',
        url: `${url}/litellm/models`,
        status: 404,
        better: `${url}/litellm/v1`,
      },
    ]);
    expect(faults.map(linkSeverity)).toEqual(['critical']);
    expect(await faultsOf(linkTo(`${url}/elsewhere`))).toMatchObject([{ code: 'models-not-listed' }]);
  });

  it('is none where the API adds it', async () => {
    const link = linkTo(`${await prefixed()}/litellm`, { api: 'anthropic-messages' });
    expect(await faultsOf(link)).toEqual([]);
  });
});

describe('a link with nothing wrong', () => {
  it('says what was seen', async () => {
    const url = await litellm({
      '/model/info': {
        status: 200,
        body: {
          data: [
            {
              model_name: 'claude-opus-4.6',
              litellm_params: { model: 'openai/claude', api_base: 'http://127.0.0.1:4141' },
              model_info: { id: 'a' },
            },
          ],
        },
      },
    });
    expect(await askLink(linkTo(`${url}/v1`), [], limits)).toMatchObject({
      faults: [],
      latencySeconds: expect.any(Number),
      certificate: { names: ['localhost', '127.0.0.1'], problems: [] },
      modelCount: 2,
      deployments: [{ model: 'claude-opus-4.6', apiBase: 'http://127.0.0.1:4141' }],
    });
  });

  it.each([
    [500, [{ code: 'credentials-refused', service: 'copilot-api.service', status: 500 }]],
    [200, []],
  ])('is told apart from one whose upstream refuses the token: /usage answers %i', async (status, faults) => {
    const usage = await serve(() => ({ status, body: {} }));
    const behindIt = [{ name: 'copilot-api.service', url: `${usage}/usage`, statuses: [200] }];
    const url = await litellm();
    expect(await faultsOf(linkTo(`${url}/v1`, { behind: behindIt }))).toMatchObject(faults);
  });

  it('is none the worse where its key may not know what lies behind the models', async () => {
    const url = await litellm({ '/model/info': { status: 403 } });
    expect(await askLink(linkTo(`${url}/v1`), [], limits)).toMatchObject({ faults: [], deployments: null });
  });

  it('is asked as Anthropic wants it', async () => {
    const url = await litellm();
    expect(await faultsOf(linkTo(url, { api: 'anthropic-messages' }))).toEqual([]);
  });

  it('is one whose model is covered by a pattern', async () => {
    const url = await litellm({ '/v1/models': { status: 200, body: { data: [{ id: 'openai/*' }] } } });
    const link = linkTo(`${url}/v1`, { models: ['openai/gpt-5.6'] });
    expect(await faultsOf(link)).toEqual([]);
    expect(await faultsOf({ ...link, models: ['other'] })).toMatchObject([{ code: 'model-missing' }]);
  });

  it('may be plain HTTP over loopback, and without a key', async () => {
    const url = await serve(() => ({ status: 200, body: models }));
    expect(
      await faultsOf(linkTo(`${url}/v1`, { leadsTo: 'loopback', key: { kind: 'none', place: 'apiKey' } })),
    ).toEqual([]);
  });
});

describe('a certificate', () => {
  it.each([
    ['expired', { ...local, fromDays: -30, toDays: -2 }, [{ code: 'certificate-expired' }]],
    ['not yet valid', { ...local, fromDays: 2 }, [{ code: 'certificate-not-yet-valid' }]],
    [
      'of another machine',
      { ...local, names: ['DNS:kuma.example.com'] },
      [{ code: 'certificate-wrong-name', host: '127.0.0.1', names: ['kuma.example.com'] }],
    ],
    [
      'that ends in nine days of ninety',
      { ...local, fromDays: -81, toDays: 9.5 },
      [{ code: 'certificate-expires-soon', days: 9 }],
    ],
    ['that ends in twenty days of ninety', { ...local, fromDays: -70, toDays: 20 }, []],
    ['of six days with three left', { ...local, fromDays: -3, toDays: 3 }, []],
    [
      'of six days with half a day left',
      { ...local, fromDays: -5.5, toDays: 0.5 },
      [{ code: 'certificate-expires-soon', days: 0 }],
    ],
  ] as const)('%s', async (_, subject, expected) => {
    const url = await litellm({}, authority.issue(subject));
    expect(await faultsOf(linkTo(`${url}/v1`))).toMatchObject(expected);
  });

  it('that nobody vouches for: nothing is sent to who shows it', async () => {
    const asked: string[] = [];
    const identity = selfSigned(folder, 'localhost');
    const url = await serve(
      ({ path: place }) => {
        asked.push(place);
        return { status: 200, body: models };
      },
      'localhost',
      identity,
    );
    expect(await faultsOf(linkTo(`${url}/v1`))).toMatchObject([
      { code: 'certificate-refused', problem: 'self-signed', isKnownToMachine: false },
    ]);
    expect(asked).toEqual([]);
  });

  it('that the machine knows and OpenClaw does not', async () => {
    const url = await litellm();
    const link = linkTo(`${url}/v1`, { authorities: [], models: ['gpt-5.7'] });
    expect(await faultsOf(link)).toMatchObject([
      {
        code: 'certificate-refused',
        problem: 'unknown-issuer',
        issuer: 'Tests known',
        isKnownToMachine: true,
      },
      { code: 'model-missing', suggestion: 'gpt-5.6' },
    ]);
  });

  it('there is none', async () => {
    const url = (await serve(() => ({ status: 200 }))).replace('http:', 'https:');
    expect(await faultsOf(linkTo(url))).toMatchObject([{ code: 'tls-failed' }]);
  });
});

describe('an answer', () => {
  it.each<readonly [string, WireFault, object]>([
    ['401', { status: 401, body: { error: `no ${key}` } }, { code: 'key-refused', status: 401 }],
    ['403', { status: 403, body: '' }, { code: 'key-refused', status: 403 }],
    [
      'of LiteLLM without a database to a key it does not know',
      {
        status: 400,
        body: { error: { message: 'No connected db.', type: 'no_db_connection', code: '400' } },
      },
      { code: 'key-refused', status: 400 },
    ],
    ['that is a page', { status: 200, body: '<!doctype html>' }, { code: 'wrong-service', status: 200 }],
    ['that is no list', { status: 200, body: { ok: true } }, { code: 'wrong-service' }],
    ['404', { status: 404, body: 'nothing here' }, { code: 'models-not-listed', status: 404 }],
    ['429', { status: 429 }, { code: 'rate-limited' }],
    [
      '502 that repeats the key',
      { status: 502, body: { detail: `upstream said: key ${key} is bad` } },
      { code: 'server-failed', status: 502, said: 'upstream said: key *** is bad' },
    ],
    [
      '502 that is a page',
      {
        status: 502,
        body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body></html>',
      },
      { code: 'server-failed', status: 502, said: '502 Bad Gateway' },
    ],
    [
      'that leads elsewhere',
      { status: 307, headers: { location: `https://kuma.example.com/login?token=${key}` } },
      { code: 'redirected', status: 307, to: 'https://kuma.example.com/login', isOtherHost: true },
    ],
    [
      'that leads on',
      { status: 308, headers: { location: '/v1/models/' } },
      { code: 'redirected', isOtherHost: false },
    ],
    [
      'without the model',
      { status: 200, body: { data: [{ id: 'claude-opus-4.5' }] } },
      { code: 'model-missing', model: 'claude-opus-4.6', listed: 1, suggestion: 'claude-opus-4.5' },
    ],
    ['that never comes', 'hang', { code: 'hangs', phase: 'headers', afterSeconds: 1 }],
    ['that stops half-way', 'hang-mid-body', { code: 'hangs', phase: 'body', afterSeconds: 1 }],
    ['that breaks off', 'reset-mid-body', { code: 'unreachable', how: 'cut-off' }],
    ['that is a reset', 'reset', { code: 'unreachable', how: 'cut-off' }],
  ])('%s', async (_, answer, expected) => {
    const url = await litellm({ '/v1/models': answer });
    expect(await faultsOf(linkTo(`${url}/v1`))).toMatchObject([expected]);
  });

  it.each([
    ['a provider without a time limit', {}, 'missing'],
    ['a provider with one', { timeoutSeconds: 60 }, 'set'],
    ['a machine', { kind: 'node' }, 'no-provider'],
  ] as const)('that never comes, from %s', async (_, more, limit) => {
    const url = await litellm({ '/v1/models': 'hang' });
    expect(await faultsOf(linkTo(`${url}/v1`, more))).toMatchObject([{ code: 'hangs', limit }]);
  });

  it.each([
    ['nginx/1.22.1', {}, [{ code: 'answer-may-be-cut', server: 'nginx', seconds: 60, waitsSeconds: 120 }]],
    ['nginx', { timeoutSeconds: 60 }, []],
    ['nginx', { leadsTo: 'own-machine' }, []],
    ['cloudflare', {}, []],
    [
      'cloudflare',
      { timeoutSeconds: 300 },
      [{ code: 'answer-may-be-cut', server: 'Cloudflare', seconds: 125, waitsSeconds: 300 }],
    ],
    ['uvicorn', { timeoutSeconds: 300 }, []],
  ] as const)('through %s, with %j', async (server, more, expected) => {
    const url = await litellm({ '/v1/models': { status: 200, body: models, headers: { server } } });
    const faults = await faultsOf(linkTo(`${url}/v1`, { leadsTo: 'elsewhere', ...more }));
    expect(faults.filter(({ code }) => code !== 'plain-http')).toEqual(expected);
  });

  it.runIf(hasNginx).each([
    ['quiet-river.trycloudflare.com', ['events-not-passed']],
    ['quiet-river.TryCloudflare.com', ['events-not-passed']],
    ['trycloudflare.com.example.com', []],
    ['nottrycloudflare.com', []],
  ])('through a web server that answers for %s', async (name, expected) => {
    const port = await freePort();
    const upstream = await litellm();
    // The names lead nowhere: nginx takes the place of the proxy of the environment, and knows its site by the name.
    await startNginx(siteOf(name, port, upstream), port);
    vi.stubEnv('http_proxy', `http://127.0.0.1:${port}`);
    vi.stubEnv('no_proxy', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const kind of ['provider', 'node'] as const) {
      const { faults, modelCount } = await askLink(linkTo(`http://${name}/v1`, { kind }), [], limits);
      expect(modelCount).toBe(models.data.length);
      expect(faults.map(({ code }) => code).filter(code => code.startsWith('events'))).toEqual(expected);
    }
    // Without an answer nothing is known but that.
    vi.stubEnv('http_proxy', `http://127.0.0.1:${await freePort()}`);
    expect(await faultsOf(linkTo(`http://${name}/v1`))).toMatchObject([
      { code: 'plain-http' },
      { code: 'unreachable', how: 'proxy' },
    ]);
  });

  it('without a key, to all the world', async () => {
    const url = await serve(() => ({ status: 200, body: models }), '127.0.0.1', good);
    const keyless: Link['key'] = { kind: 'none', place: 'apiKey' };
    for (const more of [{}, { key: keyless }, { kind: 'node' }, { kind: 'node', key: keyless }] as const) {
      expect(await faultsOf(linkTo(`${url}/v1`, more))).toMatchObject([{ code: 'open-to-all' }]);
    }
  });

  it("that lists models to everybody is nothing to tell, unless it is a machine of one's own", async () => {
    const url = await litellm({ '/v1/models': { status: 200, body: models } });
    expect(await faultsOf(linkTo(`${url}/v1`))).toEqual([]);
    expect(await faultsOf(linkTo(`${url}/v1`, { kind: 'node' }))).toMatchObject([{ code: 'open-to-all' }]);
  });

  it('is not waited for where there is nobody', async () => {
    const port = await freePort();
    const link = linkTo(`https://127.0.0.1:${port}/v1`);
    expect(await faultsOf(link)).toMatchObject([
      { code: 'unreachable', how: 'refused', isOwnMachine: false },
    ]);
    expect(await faultsOf(linkTo('https://daruma.invalid/v1'))).toMatchObject([
      { code: 'unreachable', how: 'name-not-found' },
    ]);
  });
});

describe('a key', () => {
  it('that is missing is told, and not that it is refused', async () => {
    const url = await litellm();
    const link = linkTo(`${url}/v1`, { key: { kind: 'missing', place: '${REMOTE_KEY}' } });
    expect(await faultsOf(link)).toEqual([
      { code: 'key-missing', whose: 'provider', place: '${REMOTE_KEY}' },
    ]);
  });

  it.each([
    ['of its own proxy', { kind: 'provider', leadsTo: 'loopback' }, 'own-proxy', 'critical'],
    ['of another machine', { kind: 'provider', leadsTo: 'elsewhere' }, 'provider', 'critical'],
    ['of the node of another machine', { kind: 'node', leadsTo: 'elsewhere' }, 'other-node', 'warning'],
    ['of its own node', { kind: 'node', leadsTo: 'own-machine' }, 'own-node', 'info'],
  ] as const)(
    'that is missing is as grave as what goes without it: %s',
    async (_, which, whose, severity) => {
      const url = await litellm();
      const link = linkTo(`${url}/v1`, { ...which, key: { kind: 'missing', place: 'env:KEY' } });
      const [fault, ...others] = await faultsOf(link);
      expect(fault).toMatchObject({ code: 'key-missing', whose });
      expect(others).toEqual([]);
      expect(fault && linkSeverity(fault)).toBe(severity);
    },
  );

  it('that nobody has written down is missing where one is asked for', async () => {
    const url = await litellm();
    const link = linkTo(`${url}/v1`, { key: { kind: 'none', place: 'apiKey' } });
    expect(await faultsOf(link)).toEqual([{ code: 'key-missing', whose: 'provider', place: 'apiKey' }]);
  });

  it('that others may read is told with the file', async () => {
    const url = await litellm();
    const files = [
      { file: '/home/kuma/.openclaw/.env', mode: 0o644, isOpenToOthers: true },
      { file: '/home/kuma/.openclaw/openclaw.json', mode: 0o644, isOpenToOthers: false },
    ];
    const link = linkTo(`${url}/v1`, { key: { kind: 'known', value: key, files } });
    expect(await faultsOf(link)).toEqual([
      { code: 'key-readable', file: '/home/kuma/.openclaw/.env', mode: '0644' },
    ]);
  });

  it('over plain HTTP is read by others', async () => {
    // RFC 5737: nobody has this address.
    const [fault] = await faultsOf(linkTo('http://192.0.2.1/v1'));
    expect(fault).toMatchObject({ code: 'plain-http', sendsKey: true });
  });

  it('over plain HTTP to an address of this very machine is read by nobody', async () => {
    const port = Number(new URL(await litellmOverHttp()).port);
    for (const host of ['127.0.0.1', 'localhost', os.hostname()]) {
      const faults = await faultsOf(linkTo(`http://${host}:${port}/v1`));
      expect(faults.filter(({ code }) => code === 'plain-http')).toEqual([]);
    }
  });

  function litellmOverHttp(): Promise<string> {
    return serve(({ headers }) =>
      headers.authorization === `Bearer ${key}` ? { status: 200, body: models } : { status: 401 },
    );
  }
});

it.each(['', 'remote-host', 'ftp://kuma.example.com/v1', `https://:${key}@`])(
  'an address that is none: %j',
  async address => {
    expect(await faultsOf(linkTo(address))).toMatchObject([{ code: 'address-invalid' }]);
  },
);

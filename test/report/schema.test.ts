/** Real documents against the schemas under docs/schema/, and the schemas against the contract. */
import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { shownDirectives } from '../../src/systemd/shown-settings.ts';
import { checkout, darumaJson, type Document, type RunOptions } from '../cli/daruma.ts';
import { seedHome, squad } from '../failover/squad.ts';
import { serve } from '../support/http-server.ts';
import { unpackedRoot } from '../support/root.ts';

const kinds = [
  'status',
  'explain',
  'check',
  'fix',
  'undo',
  'undo-list',
  'fix-continue',
  'rules',
  'config-show',
  'config-path',
  'config-validate',
  'notify-install',
  'notify-refused',
  'notify-status',
  'notify-test',
  'failover-status',
  'failover-plan',
  'failover-apply',
  'failover-check',
  'failover-test',
  'error',
] as const;
type Kind = (typeof kinds)[number];
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const schemas: ReadonlyMap<Kind, Record<string, unknown>> = new Map(
  kinds.map(kind => [kind, schemaOf(kind)]),
);
const validators = new Map([...schemas].map(([kind, schema]) => [kind, ajv.compile(schema)]));

function schemaOf(kind: Kind): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(path.join(checkout, `docs/schema/${kind}.schema.json`), 'utf8'));
}

/** Runs daruma and holds its document against the schema. */
async function valid(kind: Kind, args: readonly string[], options: RunOptions = {}): Promise<Document> {
  const document = await darumaJson(args, options);
  const validate = validators.get(kind);
  if (validate?.(document) !== true) throw new Error(JSON.stringify(validate?.errors, undefined, 2));
  return document;
}

/** Units of every kind that a table can meet. */
function menagerie(): string {
  return unpackedRoot({
    'etc/hostname': 'menagerie\n',
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
    'home/kuma/.config/systemd/user/plain.service':
      '[Unit]\nRequires=gone.service\n[Service]\nExecStart=/bin/a\nRestart=always\nRestartSec=0\nRestrat=no\nX\n[Bogus]\na=b\n',
    'home/kuma/.config/systemd/user/plain.service.d/10.conf': '[Service]\nWatchdogSec=5\nType=notify\n',
    'home/kuma/.config/systemd/user/edge.service':
      '[Service]\nExecStart=/bin/a\nRestart=on-failure\nRestartSec=1900ms\nRestartPreventExitStatus=7 SIGRTMIN+1\n',
    'home/kuma/.config/systemd/user/once.service':
      '[Service]\nType=oneshot\nExecStart=/bin/a\nRemainAfterExit=yes\nTimeoutStartSec=infinity\n',
    'home/kuma/.config/systemd/user/called.service': '[Service]\nExecStart=/bin/a\n',
    'home/kuma/.config/systemd/user/called.socket':
      '[Socket]\nListenStream=1\n[Install]\nWantedBy=sockets.target\n',
    'home/kuma/.config/systemd/user/bound.service':
      '[Unit]\nBindsTo=plain.service\n[Service]\nExecStart=/bin/a\n',
    'home/kuma/.config/systemd/user/empty.service': '',
    'home/kuma/.config/systemd/user/masked.service': { link: '/dev/null' },
    'home/kuma/.config/systemd/user/syntax.service': '[Service\n',
    'home/kuma/.config/systemd/user/refused.service': '[Service]\nRestart=always\n',
    'home/kuma/.config/systemd/user/tpl@.service': '[Service]\nExecStart=/bin/%i\nRuntimeMaxSec=1h\n',
  });
}

const languages = ['en', 'zh-CN'] as const;

describe.each(['status', 'explain'] as const)('daruma %s --json is what its schema says', kind => {
  it.each(['examples/neko', 'examples/kuma', 'examples/neko-fixed'])(
    '%s, in both languages',
    async folder => {
      for (const language of languages) {
        expect((await valid(kind, [kind, folder, '--lang', language])).units).toHaveLength(3);
      }
    },
  );

  it('refused, masked, ignored, activated, bound and broken units', async () => {
    const root = menagerie();
    for (const language of languages) {
      for (const version of ['245', '252', '262']) {
        const args = [kind, root, '--lang', language, '--systemd', version];
        const { units } = await valid(kind, args);
        expect(new Set(units.map(({ load }) => load))).toEqual(
          new Set(['loaded', 'masked', 'error', 'bad-setting']),
        );
        for (const { load, problem } of units) expect(problem === null).toBe(load === 'loaded');
      }
    }
  });

  it('the system manager of an empty machine, and of this one', async () => {
    expect((await valid(kind, [kind, '--system', '--root', unpackedRoot({})])).units).toEqual([]);
    expect(await valid(kind, [kind])).toHaveProperty('units');
  });
});

describe('daruma explain --on --json', () => {
  const endings =
    'exit:0 exit:7 signal:TERM signal:RTMIN+1 core:ABRT unready-exit:0 unready-signal:INT watchdog start-timeout runtime-max oom ' +
    'start-pre:1 start-post:1 start-post-timeout condition:255 stop hang logout manager-kill reboot fall-of:plain.service stop-of:plain.service';

  it('is what its schema says, with a timeline for each ending', async () => {
    const root = menagerie();
    const on = endings.split(' ').flatMap(ending => ['--on', ending]);
    for (const lifetime of ['0', '1.9s', '1h']) {
      const args = ['explain', root, ...on, '--lifetime', lifetime];
      const { units } = await valid('explain', args);
      for (const { load, outcomes } of units) {
        expect(outcomes.length).toBe(load === 'loaded' ? endings.split(' ').length : 0);
        for (const outcome of outcomes) expect(outcome).toHaveProperty('timeline');
      }
    }
  });
});

describe('daruma check --json is what its schema says', () => {
  it.each(['examples/neko', 'examples/kuma', 'examples/neko-fixed'])(
    '%s, in both languages',
    async folder => {
      for (const language of languages) {
        expect(await valid('check', ['check', folder, '--lang', language])).toHaveProperty(
          'summary.units',
          3,
        );
      }
    },
  );

  it('accepted findings, and units of every kind', async () => {
    const root = menagerie();
    fs.writeFileSync(
      path.join(root, 'home/kuma/.config/systemd/user/calm.service'),
      '[Service]\nExecStart=/bin/a\n# daruma: ignore restart-blind-spot ends when its work is done\nRestart=no\n',
    );
    for (const language of languages) {
      expect(await valid('check', ['check', root, '--lang', language])).toMatchObject({
        suppressed: [
          {
            rule: 'restart-blind-spot',
            unit: 'calm.service',
            acceptance: { reason: 'ends when its work is done', source: { line: 3 } },
          },
        ],
      });
    }
  });

  it('the same twice', async () => {
    expect(await darumaJson(['check', 'examples/kuma'])).toEqual(
      await darumaJson(['check', 'examples/kuma']),
    );
  });
});

/** Several processes one after the other: on a busy machine each takes seconds. */
const timeout = 120_000;

describe('daruma fix, new and undo --json are what their schemas say', { timeout }, () => {
  const copyOf = (example: string) => {
    const root = unpackedRoot({});
    fs.cpSync(path.join(checkout, 'examples', example), root, { recursive: true, verbatimSymlinks: true });
    return ['--root', root];
  };

  it.each(['neko', 'kuma'])(
    'on %s: planned, done, nothing left to do, listed and taken back',
    async example => {
      const at = copyOf(example);
      for (const language of languages) {
        const planned = await valid('fix', ['fix', ...at, '--dry-run', '--lang', language]);
        expect(planned).toMatchObject({ applied: null });
      }
      expect(await valid('fix', ['fix', ...at, '--to', unpackedRoot({})])).toHaveProperty('written.0');
      const done = await valid('fix', ['fix', ...at, '--yes']);
      expect(done).toMatchObject({ before: { units: [{}, {}, {}] }, applied: { after: { linger: true } } });
      expect(await valid('fix', ['fix', ...at, '--yes'])).toMatchObject({ applied: null });
      await valid('fix', ['new', 'relay', ...at, '--yes', '--json', '--', '/usr/bin/relay']);
      expect(await valid('undo-list', ['undo', '--list', ...at])).toMatchObject({
        fixes: [{}, { phase: 'done' }],
      });
      expect(await valid('undo', ['undo', ...at])).toMatchObject({ untouched: [] });
    },
  );

  it('where there is nothing to do and nothing to take back', async () => {
    const at = copyOf('neko-fixed');
    expect(await valid('fix', ['fix', ...at, '--yes'])).toMatchObject({ plan: { files: [] }, applied: null });
    expect(await valid('undo', ['undo', ...at])).toMatchObject({ undone: null });
    expect(await valid('fix-continue', ['fix', '--continue', ...at])).toMatchObject({ continued: null });
  });

  it('what something else overrides, masks or enables', async () => {
    const user = 'home/kuma/.config/systemd/user';
    const root = unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
      [`${user}/a.service`]: '[Service]\nExecStart=/bin/a\n[Install]\nWantedBy=multi-user.target\n',
      [`${user}.control/a.service.d/${'~'.repeat(245)}.conf`]: '[Service]\nRestart=on-failure\n',
    });
    const document = await valid('fix', ['fix', '--root', root, '--dry-run']);
    expect(document).toHaveProperty('plan.prevented.0.by.file');
    expect(document).toHaveProperty('plan.left.0.rule');
  });
});

describe('daruma rules --json is what its schema says', () => {
  it('all rules, and one', async () => {
    expect(await valid('rules', ['rules'])).toHaveProperty('rules.0.id');
    expect(await valid('rules', ['rules', 'linger-off', '--lang', 'zh-CN'])).toMatchObject({
      rules: [{ id: 'linger-off', group: 'session', severity: 'critical' }],
    });
  });
});

describe('daruma config --json is what its schema says', () => {
  const file = 'home/azureuser/.config/daruma/config.yaml';

  it.each([
    ['examples/neko', null],
    ['examples/neko-fixed', path.join(checkout, 'examples/neko-fixed', file)],
  ])('of %s', async (root, used) => {
    expect(await valid('config-show', ['config', 'show', '--root', root])).toMatchObject({ file: used });
    expect(await valid('config-path', ['config', 'path', '--root', root])).toMatchObject({
      file: path.join(checkout, root, file),
      exists: used !== null,
    });
    expect(await valid('config-validate', ['config', 'validate', '--root', root])).toMatchObject({
      file: used,
    });
  });

  it('of a file on its own, and of a folder of units, which has none', async () => {
    const root = unpackedRoot({ 'good.yaml': 'units:\n  x: {probe: {command: [/bin/true, "1"]}}\n' });
    const validated = await valid('config-validate', ['config', 'validate', `${root}/good.yaml`]);
    expect(validated).toMatchObject({ host: null, file: `${root}/good.yaml` });
    await valid('config-show', ['config', '--config', `${root}/good.yaml`]);
    expect(await valid('config-path', ['config', 'path', '--home', root])).toMatchObject({
      file: null,
      places: [],
    });
  });

  it('of a file with problems', async () => {
    const root = unpackedRoot({ 'bad.yaml': 'ruls: 1\nunits: {x: {critical: yes}}\n' });
    for (const language of languages) {
      const document = await valid('error', ['config', 'validate', `${root}/bad.yaml`, '--lang', language]);
      expect(document).toMatchObject({
        error: { code: 'bad-configuration', problems: [{ source: { line: 1 } }, { source: { line: 2 } }] },
      });
    }
  });
});

describe('daruma notify --json is what its schema says', () => {
  const withChannel = (url: string) => ({
    env: {
      HOME: unpackedRoot({
        '.config/daruma/config.yaml': `notify:\n  channels:\n    - type: webhook\n      url: ${url}\n  quiet: { from: '00:00', to: '23:59' }\n`,
      }),
    },
  });

  it('what waits, since when, and why', async () => {
    const options = withChannel('http://127.0.0.1:9/');
    await valid('notify-status', ['notify', 'status'], options);
    await valid('notify-status', ['notify', 'send', 'all is well'], options);
    await valid('notify-refused', ['notify', 'status', '--refused'], options);
    expect(await valid('notify-status', ['notify', 'mute', '2h'], options)).toMatchObject({
      channels: [{ name: 'webhook', waiting: 1, failures: 0, fault: null }],
      mutes: [{ unit: null }],
    });
  });

  it('of a setup, before and after', async () => {
    const url = await serve(() => ({ status: 200, body: { ok: true, result: {} } }));
    const token = '123456789:AAEq3-_uKzV4r1pX0example0example0ex';
    const telegram = { botToken: token, apiRoot: url, allowFrom: [42] };
    const HOME = unpackedRoot({
      '.openclaw/openclaw.json': JSON.stringify({ channels: { telegram } }),
      '.config/systemd/user/a.service': '[Service]\nExecStart=/bin/a\nRestart=always\n',
    });
    const options = { env: { HOME, XDG_RUNTIME_DIR: `${HOME}/none` } };
    const args = ['notify', 'setup'];
    expect(await valid('notify-install', [...args, '--dry-run'], options)).toMatchObject({
      setup: { bot: '123456789', tested: false, openclaw: [{ chats: [{ chat: 42, origin: 'allowed' }] }] },
      applied: null,
    });
    const done = await valid('notify-install', [...args, '--yes'], options);
    expect(done).toMatchObject({
      setup: { tested: true, channel: { name: 'telegram', chat: 42, api: url } },
      applied: { id: expect.any(String) },
    });
    expect(JSON.stringify(done)).not.toContain(token.slice(12));
    expect(await valid('notify-install', [...args, '--yes'], options)).toMatchObject({
      plan: { files: [] },
      applied: null,
    });
    await valid('error', [...args, '--yes'], { env: { HOME: unpackedRoot({}) } });
    await valid('notify-install', ['notify', 'install', '--dry-run'], options);
    // With a channel, a new unit comes with hooks, unless they were all taken away.
    const made = ['new', 'b', '--dry-run', '--json', '--', '/bin/sleep', '9'];
    expect(JSON.stringify(await valid('fix', made, options))).toContain('daruma-sign');
    expect(await valid('notify-install', ['notify', 'uninstall', '--yes'], options)).toMatchObject({
      plan: { steps: [{ kind: 'stop' }, { kind: 'stop' }, { kind: 'stop' }, { kind: 'daemon-reload' }] },
    });
    expect(JSON.stringify(await valid('fix', made, options))).not.toContain('daruma-sign');
  });

  it('of a test that nobody takes', async () => {
    // Nobody listens on the port of discard(9), and the system says so at once.
    expect(await valid('notify-test', ['notify', 'test'], withChannel('http://127.0.0.1:9/'))).toMatchObject({
      channels: [{ name: 'webhook', delivered: false, fault: { code: 'refused-connection' } }],
    });
  });
});

describe('daruma failover --json is what its schema says', () => {
  const root = () => unpackedRoot(squad());

  it('who answers, of machines of every kind', async () => {
    for (const language of languages) {
      const args = ['failover', '--root', root(), '--lang', language];
      expect(await valid('failover-status', args)).toMatchObject({
        node: 'neko',
        gateways: [{}],
        findings: [{}, {}],
      });
    }
    expect(await valid('failover-status', ['failover', '--root', 'examples/neko'])).toMatchObject({
      node: null,
    });
    expect(
      await valid('failover-status', ['failover'], { env: { HOME: unpackedRoot(seedHome()) } }),
    ).toMatchObject({
      gateways: [
        { agents: [{ now: null, next: null, chain: [{ answering: { state: 'silent' } }, {}, {}] }] },
      ],
    });
  });

  it('what is planned, and what was done', async () => {
    expect(await valid('failover-plan', ['failover', 'plan', '--root', root()])).toMatchObject({
      plan: { gateways: [{ changed: true, notes: [{ code: 'no-key' }] }] },
      others: [{ node: 'kuma' }],
    });
    const args = ['failover', 'apply', '--yes', '--root', root()];
    expect(await valid('failover-apply', args)).toMatchObject({ applied: expect.any(String) });
    expect(await valid('failover-apply', args)).toMatchObject({ applied: null, plan: { files: [] } });
  });
});

describe('daruma failover check and test --json are what their schemas say', () => {
  const provider = (port: number) => ({
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey: 'sk-daruma-0123456789',
    api: 'openai-completions',
    models: [{ id: 'claude', name: 'Claude' }],
  });
  const options = () => ({
    env: {
      HOME: unpackedRoot({
        '.openclaw/openclaw.json': JSON.stringify({
          models: { providers: { litellm: provider(9), 'remote-litellm': provider(9) } },
          agents: {
            defaults: {
              model: { primary: 'litellm/claude', fallbacks: ['remote-litellm/claude', 'openai/gpt-5.6'] },
            },
          },
        }),
        '.config/daruma/config.yaml':
          'nodes:\n  - {name: kuma, url: "https://127.0.0.1:9/litellm", key: "env:NO_SUCH_KEY"}\n',
      }),
    },
  });

  it.each(languages)('of a check, in %s', async language => {
    expect(await valid('failover-check', ['failover', 'check', '--lang', language], options())).toMatchObject(
      {
        links: [
          { kind: 'provider', name: 'litellm' },
          { kind: 'provider', name: 'remote-litellm' },
          { kind: 'node', name: 'kuma' },
        ],
        notAsked: [{ provider: 'openai', code: 'not-declared' }],
        // Who can read the file depends on where the test's folders lie.
        findings: expect.arrayContaining([
          expect.objectContaining({ rule: 'unreachable', link: { kind: 'provider', name: 'litellm' } }),
          expect.objectContaining({ rule: 'key-missing', link: { kind: 'node', name: 'kuma' } }),
        ]),
      },
    );
  });

  it('of a test that is only shown', async () => {
    const args = ['failover', 'test', '--dry-run', '--yes'];
    expect(await valid('failover-test', args, options())).toMatchObject({
      requests: [
        { provider: 'litellm', model: 'claude' },
        { provider: 'remote-litellm', model: 'claude' },
      ],
      completions: [],
      passed: null,
    });
  });

  it('of a test that nobody answers', async () => {
    expect(await valid('failover-test', ['failover', 'test', '--yes'], options())).toMatchObject({
      completions: [
        { provider: 'litellm', model: 'claude', status: null, fault: { code: 'unreachable' } },
        { provider: 'remote-litellm', fault: { code: 'unreachable' } },
      ],
      outage: null,
      passed: false,
    });
  });
});

describe('errors are what their schema says', () => {
  it.each([
    [['stauts'], 'unknown-command'],
    [['status', '--jsno'], 'unknown-option'],
    [['explain', '--on'], 'missing-value'],
    [['completion'], 'missing-argument'],
    [['completion', 'bash', 'x'], 'usage'],
    [['--lang', 'fr'], 'bad-choice'],
    [['--systemd', '1'], 'bad-version'],
    [['--user', '--system'], 'exclusive-options'],
    [['explain', '--on', 'x'], 'unknown-ending'],
    [['explain', '--lifetime', 'x'], 'bad-time-span'],
    [['status', 'nope', '--root', 'examples/neko'], 'unknown-unit'],
    [['check', '--fail-on', 'x'], 'bad-choice'],
    [['rules', 'restart-blindspot'], 'unknown-rule'],
    [['status', 'a b'], 'bad-unit-name'],
    [['status', 'a.timer'], 'not-a-service'],
    [['status', '/nonexistent/a.service'], 'missing-file'],
    [['--root', 'package.json'], 'not-a-directory'],
    [['--root', 'examples/neko', '--home', '/nonexistent'], 'no-home'],
  ] as const)('%j', async (args, code) => {
    for (const language of languages) {
      const document = await valid('error', args[0] === '--lang' ? args : ['--lang', language, ...args]);
      expect(document).toMatchObject({ schemaVersion: 1, error: { code } });
    }
  });
});

describe('the schemas', () => {
  it.each(kinds)('%s describes every key and is closed', kind => {
    const missing: string[] = [];
    walk(schemas.get(kind), '', (node, where) => {
      // What a rule has to tell is its own.
      const isOpen = where.endsWith('/details');
      if (node['type'] === 'object' && node['additionalProperties'] !== false && !isOpen)
        missing.push(`${where} is open`);
      for (const [name, property] of Object.entries(node['properties'] ?? {})) {
        if (!isDescribed(property, kind)) missing.push(`${where}/${name} has no description`);
      }
    });
    expect(missing).toEqual([]);
  });

  it('have every key of the contract', async () => {
    const { units: explained } = await darumaJson([
      'explain',
      'litellm',
      '--root',
      'examples/neko',
      '--on',
      'exit:1',
      '--systemd',
      '262',
    ]);
    expect(explained[0]).toMatchObject({
      unit: 'litellm.service',
      path: expect.stringContaining('litellm.service'),
      dropIns: [],
      systemd: 262,
      load: 'loaded',
      settings: {
        Restart: {
          value: 'on-failure',
          source: { file: expect.stringContaining('litellm.service'), line: 8 },
        },
        RestartSec: { value: '100ms', source: null },
      },
      outcomes: [
        {
          on: 'exit:1',
          possible: true,
          result: 'exit-code',
          restarts: true,
          delaySeconds: [expect.any(Number), expect.any(Number)],
          state: expect.stringMatching(/^[a-z-]+\/[a-z-]+$/),
          because: expect.arrayContaining([
            {
              code: 'policy-restarts',
              setting: 'Restart',
              value: 'on-failure',
              source: { file: expect.any(String), line: 8 },
              text: expect.any(String),
            },
          ]),
          timeline: {
            givesUp: 'yes',
            starts: 5,
            nRestarts: 5,
            afterSeconds: [expect.any(Number), expect.any(Number)],
          },
        },
      ],
      crashLoop: [
        {
          on: 'exit:1',
          lifetimeSeconds: 0,
          givesUp: 'yes',
          starts: 5,
          afterSeconds: [expect.any(Number), expect.any(Number)],
        },
      ],
    });
    expect(Object.keys(explained[0]?.settings ?? {})).toEqual([...shownDirectives]);

    const status = await darumaJson(['status', 'examples/neko']);
    expect(status).toMatchObject({
      schemaVersion: 1,
      daruma: expect.any(String),
      host: {},
      linger: true,
      manager: {},
    });
    const { units } = status;
    expect(units[0]).toMatchObject({
      unit: 'copilot-api.service',
      active: null,
      sub: null,
      enabled: 'enabled',
      pid: null,
      nRestarts: null,
    });
    const falls = [
      'exit0',
      'exit1',
      'sigterm',
      'sigkill',
      'oom',
      'hang',
      'crashLoop',
      'logout',
      'managerKill',
      'reboot',
    ];
    expect(Object.keys(units[0]?.falls ?? {})).toEqual(falls);
    for (const fall of Object.values(units[0]?.falls ?? {})) {
      expect(fall).toMatchObject({ getsUp: expect.anything(), because: expect.any(Array) });
      expect(fall).toHaveProperty('afterSeconds');
    }
  });

  it('are stable: the same machine gives the same document', async () => {
    for (const kind of ['status', 'explain']) {
      expect(await darumaJson([kind, 'examples/kuma'])).toEqual(await darumaJson([kind, 'examples/kuma']));
    }
  });
});

type Node = Record<string, unknown>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function walk(value: unknown, where: string, visit: (node: Node, where: string) => void): void {
  if (!isNode(value)) return;
  visit(value, where);
  for (const [key, child] of Object.entries(value)) walk(child, `${where}/${key}`, visit);
}

/** A description of its own, or that of what it refers to. */
function isDescribed(property: unknown, kind: Kind): boolean {
  if (!isNode(property)) return false;
  if ('description' in property) return true;
  const reference = property['$ref'];
  if (typeof reference !== 'string') return false;
  const name = reference.replace('#/$defs/', '');
  const definitions = schemas.get(kind)?.['$defs'];
  return isNode(definitions) && isNode(definitions[name]) && 'description' in definitions[name];
}

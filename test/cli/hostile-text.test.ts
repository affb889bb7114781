/** Whatever stands in what is looked at: reports speak to people and programs, and it does not. */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { marked, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import {
  hostileFileName,
  hostileText,
  hostileUnitName,
  spokenCommands,
  unseen,
  withoutOwnColors,
  workflowCommand,
} from '../support/hostile-text.ts';
import { type Tree, unpackedRoot } from '../support/root.ts';
import { daruma, type RunResult } from './daruma.ts';

const timeout = 120_000;

/** A machine on which everything that can hold a text holds a hostile one. */
const machine: fc.Arbitrary<Tree> = fc
  .record({
    texts: fc.array(hostileText, { minLength: 24, maxLength: 24 }),
    files: fc.array(hostileFileName, { minLength: 6, maxLength: 6 }),
    unit: hostileUnitName,
  })
  .map(({ texts, files, unit }) => {
    let next = 0;
    const text = () => texts[next++ % texts.length] ?? '';
    const file = () => files[next++ % files.length] ?? '';
    const service = `# daruma: ignore not-enabled ${text()}
# daruma: ignore ${text()}
[Unit]
Description=${text()}
After=${text()}.service network.target
OnFailure=${text()}.service
BindsTo=${text()}.service
${text()}=${text()}
[Service]
Type=${text()}
Restart=${text()}
RestartSec=${text()}
SuccessExitStatus=${text()}
Environment=A=${text()} "B=\\n::error::line" C=\\x1b[2J
EnvironmentFile=/${text()}
WorkingDirectory=/${text()}
ExecStartPre=/usr/bin/${text()} ${text()}
ExecStart=/bin/true ${text()} --api-key ${text()}
ExecStartPost=/bin/sh -c 'sleep 1; ${text()}'
KillMode=process
[${text()}]
A=${text()}
[Install]
WantedBy=${text()}.target
`;
    const units = 'home/kuma/.config/systemd/user';
    const model = text();
    const openclaw = {
      models: {
        providers: {
          [text()]: { baseUrl: 'http://127.0.0.1:4000/v1', models: [{ id: model }] },
          [text()]: { baseUrl: `http://owned.example/${text()}`, models: [{ id: text() }] },
        },
      },
      agents: {
        defaults: { model: { primary: `${text()}/${model}`, fallbacks: [text()] } },
        list: [{ id: text(), model: text() }],
      },
      [text()]: text(),
    };
    return {
      'etc/passwd': `kuma:x:1000:1000:${text().replaceAll(':', '')}:/home/kuma:/bin/sh\n`,
      'etc/hostname': `${text()}\n`,
      'bin/true': '',
      [`${units}/${unit}.service`]: service,
      [`${units}/${unit}.service.d/${file()}.conf`]: `[Service]\nRestart=on-failure\n${text()}=1\n`,
      [`${units}/plain.service`]: '[Service]\nExecStart=/bin/true\nRestart=on-failure\n',
      [`${units}/plain.service.d/${file()}.conf`]: `[Service]\nRestartSec=${text()}\n`,
      [`${units}/plain.service.d/${file()}`]: '[Service]\n',
      [`${units}/openclaw-gateway.service`]: `[Service]\nExecStart=/usr/bin/openclaw gateway ${text()}\n`,
      [`${units}/litellm.service`]: `[Service]\nExecStart=/usr/bin/litellm --config /home/kuma/${text()}\n`,
      [`${units}/default.target.wants/${unit}.service`]: { link: `/${text()}` },
      'home/kuma/.openclaw/openclaw.json': JSON.stringify(openclaw),
      [`folder ${file()}/${unit}.service`]: service,
      'good.yaml': JSON.stringify({
        units: { plain: { probe: { http: `http://127.0.0.1:1/${text()}` } } },
        nodes: [{ name: 'a', url: `http://127.0.0.1:1/${encodeURIComponent(text())}`, key: 'env:A' }],
      }),
      'bad.yaml': JSON.stringify({ [text()]: text(), rules: { [text()]: text() }, lang: text() }),
      'state/.local/state/daruma/fixes/20260101T000000Z.json': JSON.stringify(recordOf([text(), text()])),
    };
  });

function recordOf(units: readonly string[]): object {
  return {
    version: 1,
    id: '20260101T000000Z',
    phase: 'done',
    process: { pid: 1, started: null },
    scope: 'user',
    root: '/',
    units,
    operations: [],
    folders: [],
    lingering: null,
    isReloaded: false,
    started: [],
    stopped: [],
    restarted: [],
  };
}

const machines = fc.sample(machine, { seed: 14, numRuns: 6 });

/** Command lines by what they are about, for a machine that is unpacked at `root`. */
function commandsFor(root: string): readonly (readonly string[])[] {
  const folder = fs.readdirSync(root).find(name => name.startsWith('folder')) ?? '';
  const host = ['--root', root];
  return [
    ['status', ...host],
    ['explain', ...host],
    ['explain', '--root', root, '\u001b[2J\u202e.service'],
    ['fix', '--dry-run', ...host],
    ['new', 'x', '--dry-run', ...host, '--', '/bin/true', '\u001b[2J', '\n::error::line', '\u202e'],
    ['failover', 'status', ...host],
    ['failover', 'plan', ...host],
    ['config', 'show', '--config', path.join(root, 'good.yaml'), ...host],
    ['config', 'validate', path.join(root, 'bad.yaml')],
    ['config', 'show', '--config', path.join(root, 'bad.yaml'), ...host],
    ['config', 'path', '--config', path.join(root, '::error::a.yaml')],
    ['undo', '--list'],
    ['undo', '\u001b[2J\n::error::line'],
    ['notify', 'status'],
    ['rules', '\n::error::line'],
    ['check', path.join(root, folder)],
    ['\u001b[2J\n::error::line'],
    ['status', '--\u001b[2J\n::error::line'],
    ['status', '--root', '/nowhere\n::error::line\u001b[2J'],
    ['fix', '--only', '\u202e\n::error::line'],
    ['check', '--config', '/nowhere\n::error::line\u001b[2J', '--verbose'],
  ];
}

function run(
  args: readonly string[],
  root: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  return daruma(args, { env: { HOME: path.join(root, 'state'), COLUMNS: '2000', ...env } });
}

/** What is not seen, commands, and lines of theirs. */
function harmOf({ stdout, stderr }: RunResult): readonly string[] {
  return [stdout, stderr].flatMap(text => [
    ...unseen(text),
    ...spokenCommands(text),
    ...text.split('\n').filter(line => /^\s*(?:OWNED|\\u003a:error::line)/.test(line)),
  ]);
}

describe.each(machines.map((tree, index) => ({ index, tree })))('machine $index', { timeout }, ({ tree }) => {
  it('says nothing to terminals, nor to the runner of a CI', async () => {
    const root = unpackedRoot(tree);
    for (const args of [...commandsFor(root), ['check', '--root', root]]) {
      const result = await run(args, root);
      expect({ args, harm: harmOf(result) }).toEqual({ args, harm: [] });
      expect(result.code).toBeOneOf([0, 1, 2, 3]);
    }
  });

  it('in colour, only in daruma’s own', async () => {
    const root = unpackedRoot(tree);
    for (const args of [['status'], ['explain'], ['check'], ['fix', '--dry-run']]) {
      const { code, stdout, stderr } = await run([...args, '--root', root], root, {
        NO_COLOR: '',
        FORCE_COLOR: '1',
        COLUMNS: '60',
      });
      expect(stdout).toContain('\u001b[');
      const text = withoutOwnColors(stdout + stderr);
      expect({ code, unseen: unseen(text), commands: spokenCommands(text) }).toEqual({
        code: args[0] === 'check' ? 1 : 0,
        unseen: [],
        commands: [],
      });
    }
  });

  it('documents hold the texts as they are, and nothing raw', async () => {
    const root = unpackedRoot(tree);
    for (const args of commandsFor(root).filter(([command]) => command !== 'new')) {
      const { stdout, stderr } = await run([...args, '--json'], root);
      expect(unseen(stdout + stderr)).toEqual([]);
      expect(spokenCommands(stdout + stderr)).toEqual([]);
      expect(() => JSON.parse(stdout)).not.toThrow();
    }
    const explained = await run(['explain', '--root', root, '--json'], root);
    const document: unknown = JSON.parse(explained.stdout);
    expect(JSON.stringify(document)).toMatch(/[\u007f-\u009f\u200b-\u2069\u{e0041}]/u);
    for (const format of ['json', 'sarif']) {
      const { stdout } = await run(['check', '--root', root, '--format', format], root);
      expect(unseen(stdout)).toEqual([]);
      expect(spokenCommands(stdout)).toEqual([]);
      expect(() => JSON.parse(stdout)).not.toThrow();
    }
  });

  it('annotations are daruma’s own', async () => {
    const root = unpackedRoot(tree);
    const { stdout, stderr } = await run(['check', '--root', root, '--format', 'github'], root);
    expect(unseen(stdout + stderr)).toEqual([]);
    expect(spokenCommands(stderr)).toEqual([]);
    const lines = stdout.trimEnd().split('\n');
    const commands = lines.map(workflowCommand);
    expect(commands.findIndex(command => command === undefined)).toBe(lines.length - 1);
    for (const command of commands.slice(0, -1)) {
      expect(command?.name).toBeOneOf(['error', 'warning', 'notice']);
      for (const property of command?.properties ?? []) expect(property).toBeOneOf(['file', 'line', 'title']);
    }
  });

  it('Markdown holds no link, no picture and no HTML of theirs', async () => {
    const root = unpackedRoot(tree);
    const { stdout } = await run(['check', '--root', root, '--format', 'markdown'], root);
    expect(harmOf({ code: 0, stdout, stderr: '' })).toEqual([]);
    const kinds = new Set<string>();
    void marked.walkTokens(marked.lexer(stdout), token => {
      kinds.add(kindOf(token));
    });
    expect([...kinds].filter(kind => !ownKinds.has(kind))).toEqual([]);
  });
});

/** A comment is what daruma breaks references with. */
function kindOf(token: Token): string {
  return token.type === 'html' && token.raw.trim() === '<!-- -->' ? 'comment' : token.type;
}

const ownKinds: ReadonlySet<string> = new Set([
  'space',
  'heading',
  'list',
  'list_item',
  'paragraph',
  'text',
  'strong',
  'codespan',
  'code',
  'escape',
  'comment',
]);

/** `daruma failover` as people see it, and what it says to what it cannot use. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson5, valueOf } from '../../src/services/json5.ts';
import { nodesOf, seed, seedHome, squad } from '../failover/squad.ts';
import { begunBy, gone } from '../transaction/begun-fix.ts';
import { type Tree, unpackedRoot } from '../support/root.ts';
import { daruma, type RunResult } from './daruma.ts';

const inRoot = async (
  tree: Tree,
  ...args: readonly string[]
): Promise<RunResult & { readonly root: string }> => {
  const root = unpackedRoot(tree);
  // From where they are, files are called alike wherever that is.
  return { root, ...(await daruma(['failover', ...args, '--root', '.'], { cwd: root })) };
};

describe.each(['en', 'zh-CN'])('in %s', language => {
  it.each([
    ['status', ['status']],
    ['plan', ['plan']],
  ])('%s as people see it', async (name, args) => {
    const { code, stdout, stderr } = await inRoot(squad(), ...args, '--lang', language);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`golden/failover-${name}.${language}.txt`);
  });

  it('draws a circle of the proxies as one', async () => {
    const circle = `model_list:
- {model_name: a, litellm_params: {model: openai/a, api_base: "http://127.0.0.1:4001"}}
`;
    const tree: Tree = {
      ...squad(),
      'home/neko/.config/systemd/user/litellm.service':
        '[Service]\nExecStart=/usr/bin/litellm --port 4000 --config /home/neko/a.yaml\n',
      'home/neko/.config/systemd/user/litellm-b.service':
        '[Service]\nExecStart=/usr/bin/litellm --port 4001 --config /home/neko/b.yaml\n',
      'home/neko/a.yaml': circle,
      'home/neko/b.yaml': circle.replace('4001', '4000'),
    };
    const { stdout } = await inRoot(tree, '--lang', language);
    expect(stdout).toMatch(/╭→ neko litellm(?:-b)?\.service: a\n {4}╰─ neko litellm(?:-b)?\.service: a\n/);
  });
});

it('says of a machine that stands alone that nobody would be next, and not that all is there', async () => {
  const { code, stdout } = await daruma(['failover', '--root', 'examples/neko']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/→ nobody would be next\n/) });
  expect(stdout).not.toContain('Nothing is missing');
});

it('says of a chain that is not understood neither that it stays here nor that all is there', async () => {
  const tree = squad(
    seed
      .replace('"remote-litellm/claude-opus-4.6",', '"${KUMA_MODEL}"')
      .replace('"remote-litellm/claude-sonnet-4"', ''),
  );
  const { code, stdout } = await inRoot(tree);
  expect(code).toBe(0);
  expect(stdout).toContain('${KUMA_MODEL}');
  expect(stdout).not.toMatch(
    /Nothing is missing|No model of another machine|has no fallbacks|nobody would be next/,
  );
});

describe('what is not as it should be is said in one line, and nothing is written', () => {
  const lines: readonly (readonly [what: string, tree: Tree, said: RegExp])[] = [
    ['no nodes', squad(seed, ''), /^daruma: the configuration names no machines .*\(add them: nodes: /],
    [
      'another machine',
      squad(seed, nodesOf(['panda', 'kuma'])),
      /this machine is called neko, and nodes: .*\(they are panda, kuma;/,
    ],
    ['itself alone', squad(seed, nodesOf(['neko'])), /nodes: names neko alone/],
    [
      'http',
      squad(seed, nodesOf(['neko', 'kuma']).replace('https://kuma', 'http://kuma')),
      /http:\/\/kuma\.example\.com\/litellm, is not encrypted/,
    ],
    [
      'broken JSON5',
      squad('{ models: '),
      /openclaw\.json is not as OpenClaw reads it \("\/usr\/bin\/node \/\S+ config validate"/,
    ],
    ['broken YAML', squad(seed, 'nodes: ['), /config\.yaml/],
    [
      'an unknown key',
      squad(
        seed,
        nodesOf(['neko', 'kuma'], () => ', kee: x'),
      ),
      /config\.yaml/,
    ],
    ['a missing include', squad('{ models: { $include: "./gone.json5" } }'), /is not as OpenClaw reads it/],
    ['no configuration', squad({}), /there is no configuration of OpenClaw here/],
  ];

  it.each(lines)('%s', async (_, tree, said) => {
    for (const action of ['plan', 'apply']) {
      const { root, code, stdout, stderr } = await inRoot(
        tree,
        action,
        ...(action === 'apply' ? ['--yes'] : []),
      );
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(said);
      expect(fs.existsSync(path.join(root, 'home/neko/.openclaw/.env'))).toBe(false);
      expect(fs.existsSync(path.join(root, 'home/neko/.local'))).toBe(false);
    }
  });

  it('a link', async () => {
    const tree: Tree = {
      ...squad({}),
      'home/neko/a.json': seed,
      'home/neko/.openclaw/openclaw.json': { link: '../a.json' },
    };
    for (const args of [['plan'], ['apply', '--yes']]) {
      const { root, code, stderr } = await inRoot(tree, ...args);
      expect({ code, stderr }).toMatchObject({ code: 2 });
      expect(stderr).toMatch(
        /openclaw\.json is a link to \.\.\/a\.json \(.* put the file itself in the place/,
      );
      // Nothing is shown where nothing is planned.
      expect(stderr).not.toContain('failover plan');
      expect(fs.readFileSync(path.join(root, 'home/neko/a.json'), 'utf8')).toBe(seed);
    }
  });

  it('a folder in the place of the configuration', async () => {
    const { code, stderr } = await inRoot({ ...squad({}), 'home/neko/.openclaw/openclaw.json/': '' }, 'plan');
    expect(code).toBe(2);
    expect(stderr).toMatch(/openclaw\.json cannot be looked into \(it has to be a file that you may read\)/);
  });

  it('a key that is not there, on a running machine', async () => {
    const home = unpackedRoot({ ...seedHome(seed.replace('"sk-remote-key"', '"${KUMA}"')), 'kuma.key': '' });
    const { code, stderr } = await daruma(['failover', 'apply', '--yes'], { env: { HOME: home } });
    expect(code).toBe(2);
    expect(stderr).toContain('${KUMA} has no value: no key can be read at file:~/kuma.key');
    expect(fs.existsSync(path.join(home, '.openclaw/.env'))).toBe(false);
  });

  it('nobody to ask whether to go on', async () => {
    const home = unpackedRoot(seedHome());
    const { code, stderr } = await daruma(['failover', 'apply'], { env: { HOME: home } });
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
    expect(fs.readFileSync(path.join(home, '.openclaw/openclaw.json'), 'utf8')).toBe(seed);
  });

  it.each([
    [['plan', '--to', 'kuma'], '--to'],
    [['apply', '--down'], '--down'],
    [['test', '--down=melt'], '--down does not take "melt"; it takes stop, kill, hang'],
    [['status', '--front'], '--front'],
    [['plan', '--front', '--root', 'examples/neko'], '--root'],
    [['plan', '--front', '--system'], '--system'],
    [['plam'], 'daruma failover plan'],
  ])('%j', async (args, said) => {
    const { code, stderr } = await daruma(['failover', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  it('the other side of --to, called by hand', async () => {
    const { code, stderr } = await daruma(['failover', 'receive']);
    expect(code).toBe(2);
    expect(stderr).toContain('daruma failover apply --to');
  });
});

it('calls the models of subagents and heartbeats by their agent', async () => {
  const { agents, ...rest } = JSON.parse(seed);
  const model = 'litellm/claude-sonnet-4';
  const list = [
    { id: 'one', subagents: { model } },
    { id: 'four', subagents: { model }, heartbeat: { model } },
  ];
  const defaults = { ...agents.defaults, subagents: { model } };
  const { stdout } = await inRoot(squad(JSON.stringify({ ...rest, agents: { defaults, list } })));
  const headings = stdout.split('\n').filter(line => / · (?:subagents|heartbeat)$/.test(line));
  expect(headings).toEqual([
    '  all agents · subagents',
    '  one · subagents',
    '  four · subagents',
    '  four · heartbeat',
  ]);
});

describe('apply', () => {
  it('says first that an interrupted fix comes first, and shows no plan', async () => {
    const { env, record } = begunBy(gone[0][1]);
    for (const [file, text] of Object.entries(seedHome())) {
      const place = path.join(env.HOME, file);
      fs.mkdirSync(path.dirname(place), { recursive: true });
      if (typeof text === 'string') fs.writeFileSync(place, text);
    }
    const { code, stdout, stderr } = await daruma(['failover', 'apply', '--yes'], { env });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`the fix ${record.id} was interrupted and comes first; nothing was done`);
  });

  it.each([
    ['minified JSON', JSON.stringify(JSON.parse(seed)), /^\{"models":\{"providers":\{"litellm":\{/],
    [
      'a byte order mark and line ends of Windows',
      `\uFEFF${seed.replaceAll('\n', '\r\n')}`,
      /^\uFEFF\{\r\n(?:[^\r\n]*\r\n)+$/,
    ],
    [
      'comments where it writes',
      seed.replace('"fallbacks": [', '"fallbacks": [ // the first\n/* and then */'),
      /"fallbacks": \[ \/\/ the first\n\/\* and then \*\//,
    ],
  ])(
    'keeps %s, in a folder that is a link and stays one, and is taken back to the byte',
    async (_, text, kept) => {
      const { 'home/neko/.openclaw/openclaw.json': __, ...rest } = squad();
      const file = 'home/neko/dotfiles/oc/openclaw.json';
      const folder = { link: 'dotfiles/oc' };
      const tree: Tree = { ...rest, [file]: text, 'home/neko/.openclaw': folder };
      const { root, code } = await inRoot(tree, 'apply', '--yes');
      expect(code).toBe(0);
      const read = () => fs.readFileSync(path.join(root, file), 'utf8');
      expect(read()).toMatch(kept);
      expect(read()).toContain('kuma-litellm');
      const undone = await daruma(['undo', '--root', '.', '--yes'], { cwd: root });
      expect(undone.code).toBe(0);
      expect(read()).toBe(text);
      expect(fs.readlinkSync(path.join(root, 'home/neko/.openclaw'))).toBe(folder.link);
    },
  );

  it('keeps the mode, shows no secret, and is taken back to the byte', async () => {
    const home = unpackedRoot(seedHome());
    const file = path.join(home, '.openclaw/openclaw.json');
    fs.chmodSync(file, 0o640);
    const env = { HOME: home };
    const { code, stdout, stderr } = await daruma(['failover', 'apply', '--yes'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toMatch(/sk-(?:local|remote|the)/);
    expect(stdout).toContain('+++ ~/.openclaw/remote-litellm.key\n@@ -0,0 +1,1 @@\n+***\n');
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
    expect(fs.statSync(path.join(home, '.openclaw/remote-litellm.key')).mode & 0o777).toBe(0o600);
    const journal = path.join(home, '.local/state/daruma/fixes');
    for (const record of fs.readdirSync(journal))
      expect(fs.statSync(path.join(journal, record)).mode & 0o777).toBe(0o600);

    const listed = (await daruma(['undo', '--list'], { env })).stdout;
    expect(listed.trim().split(/\s+/).slice(1).join(' ')).toBe(
      'done files: ~/.openclaw/remote-litellm.key, ~/.openclaw/openclaw.json',
    );

    const again = await daruma(['failover', 'apply', '--yes'], { env });
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^~\/\.openclaw\/openclaw\.json: nothing to add; .*\n {2}.*other machines\.\n[^]*another key than\n[^]*: it is not running as a\n/,
      ),
    });

    expect((await daruma(['undo'], { env })).code).toBe(0);
    expect(fs.readFileSync(file, 'utf8')).toBe(seed);
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['openclaw.json']);
  });

  it('tells programs the differences that it has made', async () => {
    const home = unpackedRoot(seedHome());
    const env = { HOME: home };
    const { stdout } = await daruma(['failover', 'apply', '--yes', '--json'], { env });
    const { plan, inForce } = JSON.parse(stdout);
    expect(plan.files).toMatchObject([
      { mode: '0600', diff: expect.stringContaining('\n+***\n') },
      { diff: expect.stringContaining('\n+  "secrets": {\n') },
    ]);
    expect(inForce).toMatchObject([{ unit: null, state: 'next-start' }]);
  });

  it('leaves alone what somebody has changed since, when it is taken back', async () => {
    const home = unpackedRoot(seedHome());
    const env = { HOME: home };
    const file = path.join(home, '.openclaw/openclaw.json');
    const text = fs.readFileSync(file, 'utf8');
    await daruma(['failover', 'apply', '--yes'], { env });
    fs.appendFileSync(file, '// mine\n');
    expect(await daruma(['undo'], { env })).toMatchObject({ code: 0 });
    expect(fs.readFileSync(file, 'utf8')).toBe(`${text}// mine\n`);

    // As OpenClaw does whenever it changes something itself.
    await daruma(['failover', 'apply', '--yes'], { env });
    const written = { ...parsedFile(file), meta: { lastTouchedVersion: '1' } };
    fs.writeFileSync(file, `${JSON.stringify(written, undefined, 2)}\n`);
    expect(await daruma(['undo'], { env })).toMatchObject({ code: 0 });
    expect(parsedFile(file)).toEqual({ ...valueOfText(text), meta: { lastTouchedVersion: '1' } });
    expect(fs.readdirSync(path.dirname(file))).toEqual(['openclaw.json']);

    await daruma(['failover', 'apply', '--yes'], { env });
    const mine = fs.readFileSync(file, 'utf8').replace('singleValue', 'json');
    fs.writeFileSync(file, mine);
    const { code, stdout } = await daruma(['undo'], { env });
    const key = fs.readdirSync(path.dirname(file)).find(name => name.endsWith('.key'));
    expect({ code, stdout }).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(`${key} is left as well: ${file} needs it.\n`),
    });
    expect(fs.readFileSync(file, 'utf8')).toBe(mine);
  });

  it('only shows with --dry-run', async () => {
    const home = unpackedRoot(seedHome());
    const { code } = await daruma(['failover', 'apply', '--dry-run'], { env: { HOME: home } });
    expect(code).toBe(0);
    expect(fs.readdirSync(path.join(home, '.openclaw'))).toEqual(['openclaw.json']);
  });
});

function parsedFile(file: string): object {
  return valueOfText(fs.readFileSync(file, 'utf8'));
}

function valueOfText(text: string): object {
  const value = valueOf(parseJson5(text));
  return typeof value === 'object' && value !== null ? value : {};
}

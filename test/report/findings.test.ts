/** The findings of `daruma check` in each of their forms, as those who read them take them. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { allRules } from '../../src/check/rules/index.ts';
import { checkout, daruma, type RunOptions } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';

const blind = '[Service]\nExecStart=/bin/a\nRestart=on-failure\n';

/** Folders and units with every character that some form gives a meaning to. */
function awkward(): string {
  return unpackedRoot({
    '100% of a, b: c/plain.service': blind,
    '100% of a, b: c/a:b_c@1.service': blind,
    '服务/proxy.service': blind,
    'plain/accepted.service': `# daruma: ignore restart-blind-spot "quoted", 50%\n${blind}`,
    'plain/split.service': '[Service]\nExecStart=/bin/a\n',
    'plain/split.service.d/10 retry.conf': '[Service]\nRestart=on-failure\n',
    'plain/secret.service':
      '[Service]\nEnvironment=LITELLM_MASTER_KEY=sk-12345678 MODE=fast "API_TOKEN=two words"\nRestart=on-failure\n' +
      "ExecStart=/bin/a --api-key abc123 --port 4000 --password='x y'\n",
  });
}

const folders = ['100% of a, b: c', '服务', 'plain'];

async function report(format: string, cwd: string, options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await daruma(['check', ...folders, '--format', format], {
    ...options,
    cwd,
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  return stdout;
}

describe('human', () => {
  const shown = async (args: readonly string[], env: RunOptions['env'] = {}) =>
    (await daruma(['check', ...args], { env: { HOME: '/nonexistent', ...env } })).stdout;

  it.each(['neko', 'kuma', 'neko-fixed'])('examples/%s, as people see it', async example => {
    const args = [`examples/${example}`];
    await expect(await shown(args)).toMatchFileSnapshot(`golden/check-${example}.txt`);
    await expect(await shown([...args, '--lang', 'zh-CN'])).toMatchFileSnapshot(
      `golden/check-${example}.zh-CN.txt`,
    );
  });

  it('has one heading for a unit, its worst findings first, also of what several units together show', async () => {
    const unit = (more: string) =>
      `[Service]\nExecStart=/usr/bin/uvicorn a:a --port 4000\n${more}\n[Install]\nWantedBy=default.target\n`;
    const units = 'home/kuma/.config/systemd/user';
    const root = unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
      'etc/hostname': 'box\n',
      'usr/bin/uvicorn': '',
      [`${units}/one.service`]: unit('Restart=always'),
      [`${units}/two.service`]: unit('Restart=on-failure'),
      [`${units}/default.target.wants/one.service`]: { link: '../one.service' },
      [`${units}/default.target.wants/two.service`]: { link: '../two.service' },
    });
    for (const format of ['human', 'markdown']) {
      const text = await shown([root, '--format', format]);
      const [, ofTwo = ''] = text.split(/^(?:### `)?(?:two\.service|box)\b/m);
      expect(text.match(/^(?:### `)?two\.service\b/gm)).toHaveLength(1);
      expect(ofTwo).toContain('two.service');
      expect(ofTwo).toContain('port-conflict');
      const severities = [...ofTwo.matchAll(/^(?: +|- \*\*)(critical|warning|info)\b/gm)].map(
        ([, word]) => word,
      );
      expect(severities.indexOf('warning')).toBeGreaterThan(0);
      expect(severities.lastIndexOf('critical')).toBeLessThan(severities.indexOf('warning'));
    }
  });

  it('fits in 80 and in 40 columns, but for paths', async () => {
    for (const columns of [80, 40]) {
      for (const lang of ['en', 'zh-CN']) {
        const lines = (await shown(['examples/kuma', '--lang', lang], { COLUMNS: String(columns) })).split(
          '\n',
        );
        const long = lines.filter(
          // A word such as a path is kept whole.
          line => displayWidth(line) > columns && /\S /.test(line.trimStart()),
        );
        expect(long).toEqual([]);
      }
    }
  });

  it('keeps to ASCII in the C locale', async () => {
    expect(await shown(['examples/kuma'], { LANG: 'C', LC_ALL: 'C' })).toMatch(/^\p{ASCII}*$/u);
  });

  it('says the same with colours and without', async () => {
    const colored = await shown(['examples/kuma'], { NO_COLOR: undefined, FORCE_COLOR: '1' });
    // oxlint-disable-next-line no-control-regex -- that is what a colour is
    expect(colored.replaceAll(/\u001B\[[\d;]*m/g, '')).toBe(await shown(['examples/kuma']));
    expect(colored).toContain('\u001B[');
  });

  it('names files as one would type them: from here, from the home, else from /', async () => {
    const root = fs.realpathSync(awkward());
    const run = async (cwd: string, home: string) =>
      (await daruma(['check', path.join(root, 'plain/split.service')], { cwd, env: { HOME: home } })).stdout;
    expect(await run(root, '/nonexistent')).toMatch(/^plain\/split\.service$/m);
    expect(await run(root, '/nonexistent')).toMatch(/^ +plain\/split\.service\.d\/10 retry\.conf$/m);
    expect(await run('/', root)).toMatch(/^~\/plain\/split\.service$/m);
    expect(await run('/', '/nonexistent')).toContain(`\n${root}/plain/split.service\n`);
  });

  it('shows what was accepted when asked, and counts it always', async () => {
    const cwd = awkward();
    const file = 'plain/accepted.service';
    const { code, stdout } = await daruma(['check', file, '--fail-on', 'info'], { cwd });
    expect(stdout).toContain('1 accepted');
    expect(stdout).not.toContain('restart-blind-spot');
    const verbose = (await daruma(['check', file, '--verbose'], { cwd })).stdout;
    expect(verbose).toMatch(/accepted {2}Stays down after .* \[restart-blind-spot\]/);
    expect(verbose).toContain('"quoted", 50% (plain/accepted.service:1)');
    expect([0, 1]).toContain(code);
  });
});

describe('every form', () => {
  it.each(['human', 'json', 'sarif', 'github', 'markdown'])('%s is stable', async format => {
    const cwd = awkward();
    expect(await report(format, cwd)).toBe(await report(format, cwd));
  });

  it.each(['human', 'sarif', 'github', 'markdown'])(
    '%s shows no secret of the lines around',
    async format => {
      const text = await report(format, awkward());
      expect(text).toContain('secret.service');
      for (const secret of ['sk-12345678', 'two words', 'abc123', 'x y']) expect(text).not.toContain(secret);
    },
  );
});

describe('sarif', () => {
  // Draft 4 and draft 7 differ in `id` and in exclusive bounds, of which this schema has none.
  const { $schema: _, id: __, ...schema } = sarifSchema;
  const validate: (log: unknown) => boolean = new Ajv({
    strict: false,
    unicodeRegExp: false,
    validateFormats: false,
  }).compile(schema);

  const sarifOf = (text: string): Sarif => {
    const log: unknown = JSON.parse(text);
    if (!validate(log)) throw new Error(JSON.stringify(Reflect.get(validate, 'errors'), undefined, 2));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema says so
    return log as Sarif;
  };

  it('is what the published schema says', async () => {
    expect(JSON.stringify(schema)).not.toContain('exclusiveM');
    for (const example of ['neko', 'kuma', 'neko-fixed']) {
      for (const lang of ['en', 'zh-CN']) {
        const { runs } = sarifOf(
          (await daruma(['check', `examples/${example}`, '--format', 'sarif', '--lang', lang])).stdout,
        );
        expect(runs[0]).toMatchObject({ language: lang, tool: { driver: { name: 'daruma' } } });
      }
    }
    expect(validate({ version: '2.1.0', runs: [{ tool: { driver: {} } }] })).toBe(false);
  });

  it('describes every rule, with its page', async () => {
    const [run] = sarifOf((await daruma(['check', 'examples/neko', '--format', 'sarif'])).stdout).runs;
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(allRules.map(({ id }) => id));
    for (const { id, help, shortDescription } of run?.tool.driver.rules ?? []) {
      expect(shortDescription.text).not.toBe('');
      expect(help?.markdown).toContain(`# ${id}`);
      expect(help?.text).not.toMatch(/<!--|^#/m);
    }
  });

  it('leads to each file, from the working directory', async () => {
    const cwd = fs.realpathSync(awkward());
    const [run] = sarifOf(await report('sarif', cwd)).runs;
    const base = run?.originalUriBaseIds['WORKINGDIRECTORY']?.uri ?? '';
    expect(base).toBe(`${pathToFileURL(cwd).href}/`);
    expect(run?.results.length).toBeGreaterThan(4);
    for (const { ruleId, ruleIndex, locations } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      const { uri, uriBaseId } = locations[0].physicalLocation.artifactLocation;
      expect(uriBaseId).toBe('WORKINGDIRECTORY');
      expect(fs.existsSync(fileURLToPath(new URL(uri, base)))).toBe(true);
    }
  });

  it('names files elsewhere in full, and gives a host its place', async () => {
    const cwd = fs.realpathSync(unpackedRoot({}));
    const { stdout } = await daruma(['check', `${checkout}/examples/kuma`, '--format', 'sarif'], { cwd });
    const results = sarifOf(stdout).runs[0]?.results ?? [];
    for (const { locations } of results) {
      const { uri, uriBaseId } = locations[0].physicalLocation.artifactLocation;
      expect(uriBaseId).toBeUndefined();
      expect(fs.existsSync(new URL(uri))).toBe(true);
    }
    expect(results.some(({ ruleId }) => ruleId === 'linger-off')).toBe(true);
  });

  it('tells what was accepted from what was not', async () => {
    const cwd = awkward();
    const results = sarifOf(await report('sarif', cwd)).runs[0]?.results ?? [];
    const accepted = results.filter(({ suppressions }) => suppressions.length > 0);
    expect(accepted).toMatchObject([
      { ruleId: 'restart-blind-spot', suppressions: [{ kind: 'inSource', justification: '"quoted", 50%' }] },
    ]);
  });

  it('knows a finding again when lines move, the unit is the same and the checkout another', async () => {
    const fingerprints = async (text: string) => {
      const cwd = unpackedRoot({ 'units/a.service': text });
      const { stdout } = await daruma(['check', 'units', '--format', 'sarif'], { cwd });
      return (sarifOf(stdout).runs[0]?.results ?? []).map(
        ({ partialFingerprints }) => partialFingerprints['darumaFinding/v1'],
      );
    };
    const before = await fingerprints(blind);
    expect(new Set(before).size).toBe(before.length);
    expect(await fingerprints(`# moved\n\n${blind}`)).toEqual(before);
    expect(await fingerprints(blind.replace('on-failure', 'no'))).not.toEqual(before);
  });
});

describe('github', () => {
  // As the runner reads it (actions/runner, ActionCommand.cs).
  const commandsIn = (text: string) =>
    [...text.matchAll(/^::(\w+) (.*?)::(.*)$/gm)].map(([, command = '', properties = '', data = '']) => ({
      command,
      message: unescaped(data),
      ...Object.fromEntries(
        properties.split(',').map(property => {
          const at = property.indexOf('=');
          return [property.slice(0, at), unescaped(property.slice(at + 1))];
        }),
      ),
    }));

  it('is a command for each finding that the runner reads back whole', async () => {
    const cwd = awkward();
    const commands: readonly Record<string, string>[] = commandsIn(await report('github', cwd));
    const { findings } = JSON.parse(await report('json', cwd));
    expect(commands).toHaveLength(findings.length);
    for (const { command, file = '', line, title, message } of commands) {
      expect(['error', 'warning', 'notice']).toContain(command);
      expect(fs.statSync(path.join(cwd, file)).isFile()).toBe(true);
      expect(Number(line ?? 1)).toBeGreaterThan(0);
      expect(title).toContain('.service: ');
      expect(message).toMatch(/\n\[[a-z-]+\]$/);
    }
    expect(commands.map(({ file }) => file)).toContain('100% of a, b: c/a:b_c@1.service');
  });

  it('names files from the top of the checkout, wherever the step runs', async () => {
    const top = fs.realpathSync(awkward());
    const { stdout } = await daruma(['check', '.', '--format', 'github'], {
      cwd: path.join(top, 'plain'),
      env: { GITHUB_WORKSPACE: top },
    });
    const files = commandsIn(stdout).map(command => Reflect.get(command, 'file'));
    expect(files).toContain('plain/split.service.d/10 retry.conf');
  });

  it('ends with a line for people', async () => {
    expect((await report('github', awkward())).trimEnd().split('\n').at(-1)).toMatch(/^\d+ services: /);
  });
});

describe('markdown', () => {
  it('as people see it', async () => {
    const { stdout } = await daruma(['check', 'examples/kuma', '--format', 'markdown']);
    await expect(stdout).toMatchFileSnapshot('golden/check-kuma.md');
  });

  it('calls nobody and links nothing: what looks like markup in a message is text', async () => {
    const text = await report('markdown', awkward());
    const prose = text.replaceAll(/(`+)[^`][\s\S]*?\1/g, '');
    expect(prose).not.toMatch(/@\w|(?<!^|#)#\d|(?<!\\)[[\]<](?!!--)/m);
  });

  it('fences every excerpt', async () => {
    expect((await report('markdown', awkward())).match(/^ *```/gm)?.length ?? 0).toSatisfy(
      (count: number) => count > 0 && count % 2 === 0,
    );
  });
});

/** What the tests read of a SARIF log. */
interface Sarif {
  readonly runs: readonly {
    readonly originalUriBaseIds: Readonly<Record<string, { readonly uri: string }>>;
    readonly tool: {
      readonly driver: {
        readonly rules: readonly {
          readonly id: string;
          readonly shortDescription: { readonly text: string };
          readonly help?: { readonly text: string; readonly markdown: string };
        }[];
      };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly locations: readonly [
        {
          readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
          };
        },
      ];
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly suppressions: readonly object[];
    }[];
  }[];
}

function unescaped(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}

/** Han and full-width marks take two columns. */
function displayWidth(line: string): number {
  return Array.from(line).reduce(
    (width, character) => width + (/[\p{Script=Han}\u3000-\u303F\uFF00-\uFF60]/u.test(character) ? 2 : 1),
    0,
  );
}

/** `daruma check` and `daruma rules`: what is looked at, what comes out, with which exit code. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules } from '../../src/check/rules/index.ts';
import { unpackedRoot } from '../support/root.ts';
import { daruma, type RunOptions } from './daruma.ts';

const blind = '[Service]\nExecStart=/bin/a\nRestart=on-failure\n';

/** The units that a run has findings of, with the rule of each. */
async function found(args: readonly string[], options: RunOptions = {}): Promise<readonly string[]> {
  const { stdout } = await daruma(['check', ...args, '--json'], options);
  const { findings }: { findings: readonly { unit: string; rule: string }[] } = JSON.parse(stdout);
  return findings.map(({ unit, rule }) => `${unit}: ${rule}`);
}

const isBlind = (entry: string) => entry.endsWith(': restart-blind-spot');

describe('exit codes', () => {
  const cwd = () => unpackedRoot({ 'blind.service': blind, 'fine/fine.txt': '' });

  it.each([
    [['blind.service'], 1],
    [['.', '--fail-on', 'critical'], 1],
    [['.', '--fail-on=info', '--format', 'sarif'], 1],
    [['fine'], 0],
    [['fine', '--fail-on', 'info'], 0],
    [['--fail-on', 'error'], 2],
    [['.', '--format', 'yaml'], 2],
    [['missing.service'], 2],
    [['./missing.service'], 2],
  ] as const)('%j: %i', async (args, code) => {
    expect((await daruma(['check', ...args], { cwd: cwd() })).code).toBe(code);
  });

  it('warnings pass where only what is critical fails', async () => {
    const warned = unpackedRoot({
      'probed.service': '[Service]\nExecStart=/bin/a\nRestart=always\nRestartSec=5\nRestrat=no\n',
    });
    const counts = JSON.parse((await daruma(['check', warned, '--json'])).stdout).summary;
    expect(counts.critical).toBe(0);
    const expected = counts.warning > 0 ? 1 : 0;
    expect((await daruma(['check', warned])).code).toBe(expected);
    expect((await daruma(['check', warned, '--fail-on', 'critical'])).code).toBe(0);
  });

  it('formats that only check has are named where they are asked of another command', async () => {
    expect(await daruma(['status', '--format', 'sarif'])).toMatchObject({
      code: 2,
      stderr:
        'daruma: --format does not take "sarif"; it takes human, json (did you mean daruma check --format sarif?)\n',
    });
    expect((await daruma(['check', '--format', 'xml'])).stderr).toMatch(
      /it takes human, json, sarif, github, markdown/,
    );
  });
});

describe('files', () => {
  it('of several folders, each folder looked at once and in the order given', async () => {
    const cwd = unpackedRoot({ 'b/y.service': blind, 'a/x.service': blind, 'b/z.service': blind });
    expect(
      (await found(['b/z.service', 'a/x.service', 'b/y.service', 'b/z.service'], { cwd })).filter(isBlind),
    ).toEqual(['z', 'y', 'x'].map(name => `${name}.service: restart-blind-spot`));
  });

  it('that lie here are meant before units of that name, but for the file that the unit comes from', async () => {
    const home = unpackedRoot({
      '.config/systemd/user/a.service': blind,
      'checkout/a.service': blind.replace('on-failure', 'no'),
    });
    const policyIn = async (folder: string) => {
      const options = { cwd: path.join(home, folder), env: { HOME: home, XDG_CONFIG_HOME: undefined } };
      const { host, findings } = JSON.parse((await daruma(['check', 'a.service', '--json'], options)).stdout);
      return [
        host.kind,
        findings.find(({ rule }: { rule: string }) => rule === 'restart-blind-spot').source.file,
      ];
    };
    expect(await policyIn('checkout')).toEqual(['offline', `${home}/checkout/a.service`]);
    expect(await policyIn('.config/systemd/user')).toEqual([
      'live',
      `${home}/.config/systemd/user/a.service`,
    ]);
  });

  it('that are drop-ins count as the units they are for', async () => {
    const cwd = unpackedRoot({
      'own.service': blind,
      'own.service.d/10.conf': '[Service]\n',
      'app-web.service': blind,
      'app-.service.d/10.conf': '[Service]\n',
      'service.d/10.conf': '[Service]\n',
      'run@.service': blind,
      'run@.service.d/10.conf': '[Service]\n',
    });
    const unitsOf = async (file: string) =>
      (await found([file], { cwd })).filter(isBlind).map(entry => entry.split(':')[0]);
    expect(await unitsOf('own.service.d/10.conf')).toEqual(['own.service']);
    expect(await unitsOf('app-.service.d/10.conf')).toEqual(['app-web.service']);
    expect(await unitsOf('run@.service.d/10.conf')).toEqual(['run@.service']);
    expect(await unitsOf('service.d/10.conf')).toEqual(['app-web.service', 'own.service', 'run@.service']);
  });

  it('that are drop-ins of a unit that is nowhere are said to be', async () => {
    const cwd = unpackedRoot({ 'gone.service.d/10.conf': '[Service]\nRestart=no\n' });
    expect(await daruma(['check', 'gone.service.d/10.conf'], { cwd })).toEqual({
      code: 0,
      stdout: '',
      stderr: 'gone.service.d/10.conf: there is no service here that it is for\n',
    });
  });

  it('by the hundred, in folders of their own, take no longer than a person waits', async () => {
    const tree = Array.from({ length: 300 }, (_, index) => [`d${index}/s${index}.service`, blind] as const);
    const cwd = unpackedRoot(Object.fromEntries(tree));
    expect(
      (
        await found(
          tree.map(([file]) => file),
          { cwd },
        )
      ).filter(isBlind),
    ).toHaveLength(300);
  });
});

describe('two machines', () => {
  const findings = async (...machines: readonly string[]) => {
    const { stdout } = await daruma(['check', ...machines, '--json']);
    const { findings: all }: { findings: readonly { unit: string; rule: string; message: string }[] } =
      JSON.parse(stdout);
    return all.filter(({ rule }) => /^(?:failover|openclaw)-/.test(rule));
  };

  it.each([
    [['examples/neko-fixed', 'examples/kuma-fixed']],
    [['examples/neko-fixed']],
    [['examples/kuma-fixed']],
  ])('that fall back to each other are well, together and alone: %s', async machines => {
    expect(await findings(...machines)).toEqual([]);
  });

  it('make up together what none of them shows', async () => {
    expect(await findings('examples/kuma')).toEqual([]);
    expect(await findings('examples/neko-fixed', 'examples/kuma')).toMatchObject([
      { rule: 'failover-not-mutual', unit: 'openclaw-gateway.service' },
    ]);
  });

  it('whose proxies lead to each other are told of the whole way round, each at its own line', async () => {
    const machine = (name: string, other: string) => ({
      [`${name}/etc/hostname`]: `${name}\n`,
      [`${name}/etc/passwd`]: `${name}:x:1000:1000::/home/${name}:/bin/bash\n`,
      [`${name}/home/${name}/.config/systemd/user/litellm.service`]:
        '[Service]\nExecStart=/usr/bin/litellm --config /srv/config.yaml\n',
      [`${name}/srv/config.yaml`]: `model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "http://${other}.local:4000"}}]\n`,
    });
    const folder = unpackedRoot({ ...machine('neko', 'kuma'), ...machine('kuma', 'neko') });
    const circles = await findings(`${folder}/neko`, `${folder}/kuma`);
    expect(circles.map(({ message }) => message)).toEqual([
      'Requests for m go round in a circle: neko litellm.service: m (model_list) → kuma litellm.service: m (model_list) → neko litellm.service: m',
      'Requests for m go round in a circle: kuma litellm.service: m (model_list) → neko litellm.service: m (model_list) → kuma litellm.service: m',
    ]);
  });
});

describe('daruma rules', () => {
  it('lists every rule with its severity, in 80 and in 40 columns', async () => {
    for (const columns of [80, 40]) {
      const { code, stdout } = await daruma(['rules'], { env: { COLUMNS: String(columns) } });
      expect(code).toBe(0);
      for (const { id } of allRules) expect(stdout).toMatch(new RegExp(`^  ${id}(?: |$)`, 'm'));
      expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  it('shows the page of a rule in the language of the reader, without its markup', async () => {
    for (const [lang, heading] of [
      ['en', 'Why it matters'],
      ['zh-CN', '为什么要紧'],
    ] as const) {
      for (const { id } of allRules) {
        const { code, stdout } = await daruma(['rules', id, '--lang', lang]);
        expect({ id, code }).toEqual({ id, code: 0 });
        expect(stdout.split('\n')[0]).toBe(id);
        expect(stdout.split('\n')).toContain(heading);
        expect(stdout).not.toMatch(/<!--|^#+ |\]\(|(?<!\*)\*\*(?!\*)|```/m);
      }
    }
  }, 120_000);

  it('knows what was meant', async () => {
    expect(await daruma(['rules', 'linger'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^daruma: there is no rule "linger" \((?:did you mean|run "daruma rules")/,
      ),
    });
    expect((await daruma(['rules', 'lingeroff'])).stderr).toContain('did you mean linger-off?');
  });

  it('is one page in a terminal of any width', async () => {
    const page = path.join(import.meta.dirname, '../../docs/rules/restart-blind-spot.md');
    expect(fs.existsSync(page)).toBe(true);
    const { stdout } = await daruma(['rules', 'restart-blind-spot'], { env: { COLUMNS: '40' } });
    const prose = stdout.split('\n').filter(line => !line.startsWith('    '));
    expect(Math.max(...prose.map(line => line.length))).toBeLessThanOrEqual(40);
  });
});

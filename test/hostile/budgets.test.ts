/* oxlint-disable typescript/no-unsafe-type-assertion -- readers are given what they look at, and no more */
/** Small texts that once delayed a check by half a minute or crashed it. The tests pass if they end within the time limit. */
import { describe, expect, it } from 'vitest';
import { checkInventory } from '../../src/check/engine.ts';
import { defaultPolicy } from '../../src/check/policy.ts';
import { totalSeconds, waitsOf } from '../../src/check/waits.ts';
import { readConfiguration } from '../../src/config/read.ts';
import { planFix } from '../../src/fix/plan.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { predictOutcome } from '../../src/restart/outcome.ts';
import { alone, type Bond } from '../../src/restart/surroundings.ts';
import { forwardsOf } from '../../src/routes/ssh.ts';
import { readLitellmConfig } from '../../src/services/litellm-config.ts';
import { readOpenclawConfig } from '../../src/services/openclaw-config.ts';
import type { HostFiles } from '../../src/systemd/host/host.ts';
import { Assignments } from '../../src/systemd/assignments.ts';
import { parseUnitFile } from '../../src/systemd/unit-file.ts';
import { parseEnvironmentFile } from '../../src/systemd/values/environment-file.ts';
import { globMatcher } from '../../src/systemd/values/glob.ts';
import { machineOf, service } from '../restart/given.ts';
import { hostOf } from '../support/root.ts';
import { filesOf } from './files.ts';

const noVariable = () => undefined;

describe('a shell text', () => {
  it('of 5 KB that looks like arithmetic takes no time', () => {
    const text = `while ${'$(('.repeat(1700)}; do sleep 1; done`;
    expect(waitsOf(['sh', '-c', text], noVariable)).toBeDefined();
    expect(
      waitsOf(['sh', '-c', `while ${'$((a'.repeat(20_000)} < 1; do sleep 1; done`], noVariable),
    ).toBeDefined();
  });

  it('of an if in the condition of an if is looked through once', () => {
    const text = `${'if '.repeat(30)}true; ${'then :; else sleep 1; fi; '.repeat(30)}`;
    expect(totalSeconds(waitsOf(['sh', '-c', text], noVariable))).toBeGreaterThan(0);
  });

  it('still knows what a loop is held against', () => {
    const text = 'end=$(($(date +%s) + 60)); while [ $(($(date +%s) - start)) -lt 30 ]; do sleep 1; done';
    expect(totalSeconds(waitsOf(['sh', '-c', text], noVariable))).toBe(30);
  });

  it('that runs itself ends when its budget does', () => {
    const budget = { charactersLeft: 1_000_000 };
    const script = `#!/bin/sh\n${'/self\n'.repeat(20_000)}`;
    expect(waitsOf(['/self'], () => script, budget)).toEqual([]);
    expect(budget.charactersLeft).toBeLessThan(0);
  });
});

describe('a pattern of stars', () => {
  it('is matched without trying each way to part a name', () => {
    const isMatch = globMatcher(`${'*a'.repeat(100)}*b`);
    expect(isMatch('a'.repeat(10_000))).toBe(false);
    expect(isMatch(`${'a'.repeat(10_000)}b`)).toBe(true);
  });

  it('of an ssh configuration, too', () => {
    const program = {
      name: 'ssh',
      args: ['a'.repeat(60)],
      variable: () => '/h',
      files: filesOf({ '/h/.ssh/config': `Host ${'*a'.repeat(30)}*b\n  LocalForward 1 a:2\n` }),
    };
    expect(forwardsOf(program as never)).toEqual([]);
  });

  it.each([
    ['*', 'abc', true],
    ['a*c', 'abc', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]x]', ']', true],
    ['[[:digit:]]*', '7a', true],
    ['[[:digit:]]', 'a', false],
    ['[a', '[a', true],
    [String.raw`\*`, '*', true],
    [String.raw`\*`, 'a', false],
    ['a.c', 'abc', false],
    ['{a,b}', 'a', false],
    ['**a**', 'bab', true],
    ['', '', true],
  ])('%s and %s: %s', (pattern, name, is) => {
    expect(globMatcher(pattern)(name)).toBe(is);
  });
});

describe('YAML', () => {
  const read = (text: string) =>
    readLitellmConfig('/c.yaml', {
      files: filesOf({ '/c.yaml': text }),
      variable: noVariable,
      isComplete: false,
    });

  it('whose alias stands for what it lies in is looked into up to a limit, and that is told', () => {
    const { problems, deployments } = read(
      'a: &a {<<: *a}\nmodel_list:\n  - {model_name: m, litellm_params: {model: x/y}}\n',
    );
    expect(problems).toEqual([
      { code: 'beyond-limit', source: { file: '/c.yaml', line: null }, limit: { of: 'levels', most: 200 } },
    ]);
    expect(deployments.map(({ name }) => name)).toEqual(['m']);
  });

  it('of 20,000 brackets does not end the process', () => {
    expect(read('['.repeat(20_000)).problems).toEqual([
      { code: 'beyond-limit', source: { file: '/c.yaml', line: null }, limit: { of: 'levels', most: 200 } },
    ]);
    expect(readConfiguration(Buffer.from('['.repeat(20_000)), '/c.yaml')).toEqual([
      { line: 1, column: 1, fault: { code: 'syntax', fault: 'too-deep' } },
    ]);
  });

  it('is parsed once however often it is looked at, and anew where it has changed', () => {
    const text = (model: string) =>
      `model_list:\n${'  - {model_name: m, litellm_params: {model: x/y}}\n'.repeat(100)}  - {model_name: ${model}}\n`;
    const first = read(text('a'));
    expect(read(text('a')).root).toBe(first.root);
    const changed = read(text('b'));
    expect(changed.root).not.toBe(first.root);
    expect(changed.deployments.at(-1)?.name).toBe('b');
  });

  it('of aliases in aliases means no more than a limit', () => {
    const levels = Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]\n`);
    expect(read(`a0: &a0 [1]\n${levels.join('')}`).problems).toEqual([
      {
        code: 'beyond-limit',
        source: { file: '/c.yaml', line: null },
        limit: { of: 'values', most: 200_000 },
      },
    ]);
  });

  it.each([
    ['keys', (n: number) => `key${n}: 1\n`, 'unknown-key'],
    ['rules', (n: number) => `${n === 0 ? 'rules:\n' : ''}  rule${n}: off\n`, 'unknown-rule'],
    ['keys twice', (n: number) => `${n === 0 ? 'units:\n' : ''}  a: {}\n`, 'syntax'],
  ])('of a configuration that is wrong in each of its lines is told by the first: %s', (_, line, code) => {
    const count = 30_000;
    const problems = readConfiguration(
      Buffer.from(Array.from({ length: count }, (_line, n) => line(n)).join('')),
      '/c.yaml',
    );
    const alike = Array.isArray(problems) ? problems.filter(({ fault }) => fault.code === code) : [];
    expect(alike).toHaveLength(20);
    expect(alike.at(-1)?.alike).toBeGreaterThan(count - 25);
  });

  it('of a configuration may not hold itself', () => {
    expect(readConfiguration(Buffer.from('units: &a\n  <<: *a\n'), '/c.yaml')).toEqual([
      { line: 2, column: 7, fault: { code: 'syntax', fault: 'alias' } },
    ]);
  });
});

describe('openclaw.json', () => {
  const read = (files: Readonly<Record<string, string>>) =>
    readOpenclawConfig(
      { file: '/c/openclaw.json', stateFolder: '/c' },
      { files: filesOf(files), variable: noVariable, isComplete: true },
    );

  it('that nests too deep is said to, and is not said to be no JSON5', () => {
    expect(read({ '/c/openclaw.json': `{\na:${'['.repeat(50_000)}` }).problems).toEqual([
      {
        code: 'beyond-limit',
        source: { file: '/c/openclaw.json', line: 2 },
        limit: { of: 'levels', most: 200 },
      },
    ]);
  });

  it('that takes in files that take in files is followed up to a limit', () => {
    const levels = Object.fromEntries(
      Array.from({ length: 9 }, (_, n) => [
        `/c/${n}`,
        `{$include:[${Array.from({ length: 9 }, () => `"./${n + 1}"`).join()}]}`,
      ]),
    );
    const { problems } = read({ '/c/openclaw.json': '{$include:["./0"]}', '/c/9': '{}', ...levels });
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['beyond-limit']));
    expect(problems.length).toBeLessThan(12);
  });

  it('cannot be made longer than memory by its variables', () => {
    const config = read({
      '/c/openclaw.json': `{a:"${'${A}'.repeat(200_000)}"}`,
      '/c/.env': `A=${'b'.repeat(200_000)}`,
    });
    expect(config.root?.kind === 'object' && config.text(config.root.entries.get('a'))).toBeUndefined();
  });
});

it('an environment file of a variable a line is read in one pass', () => {
  const variables = parseEnvironmentFile('A=\n'.repeat(200_000), 257);
  expect(variables.length).toBe(200_000);
  expect(variables.at(-1)?.line).toBe(200_000);
});

describe('a unit file that is wrong in each of its lines', () => {
  function ignoredOf(text: string) {
    const assignments = new Assignments({ sections: new Set(['Unit', 'Service', 'Install']), version: 257 });
    assignments.read('/a.service', parseUnitFile(text, 257));
    return assignments.ignored;
  }

  it('keeps the first lines of a kind, and counts the others', () => {
    const unknown = Array.from({ length: 5000 }, (_, n) => `Unknown${n}=1\n`).join('');
    const ignored = ignoredOf(`[Service]\n${unknown}${'Nice=high\n'.repeat(100)}Restart=allways\n`);
    expect(ignored.map(({ key }) => key)).toEqual([
      ...Array.from({ length: 20 }, (_, n) => `Unknown${n}`),
      ...Array.from({ length: 20 }, () => 'Nice'),
      'Restart',
    ]);
    expect(ignored[19]?.alike).toEqual({ count: 4980, lastLine: 5001 });
    expect(ignored[39]?.alike).toEqual({ count: 80, lastLine: 5101 });
    expect(ignored[40]?.alike).toBeUndefined();
  });
});

describe('units that name each other, each all of them', () => {
  /** How often a file of a unit is read while all units are checked, on average. */
  async function readsOfEach(count: number, directives: readonly string[]): Promise<number> {
    const names = Array.from({ length: count }, (_, n) => `u${n}.service`);
    const lines = directives.map(directive => `${directive}=${names.join(' ')}\n`).join('');
    const text = `[Unit]\n${lines}[Service]\nExecStart=/bin/sleep 1d\n`;
    const host = hostOf(Object.fromEntries(names.map(name => [`etc/systemd/system/${name}`, text])), {
      scope: 'system',
    });
    let reads = 0;
    const files: HostFiles = {
      ...host.files,
      read: file => {
        if (file.startsWith('/etc/systemd/system/u')) reads += 1;
        return host.files.read(file);
      },
    };
    const inventory = await takeInventory({ ...host, files });
    for await (const result of checkInventory(inventory, names, defaultPolicy)) expect(result).toBeDefined();
    return reads / count;
  }

  it.each([[['BindsTo']], [['PartOf']], [['Requires', 'PartOf']], [['OnFailure']]])(
    'by %s are read no more often when there are more of them',
    async directives => {
      expect(await readsOfEach(60, directives)).toBe(await readsOfEach(30, directives));
    },
  );

  it('are looked through once for all endings of one of them', () => {
    const count = 1000;
    let looks = 0;
    const bonds = Array.from(
      { length: count },
      (_, n): Bond => ({
        kind: 'BindsTo',
        get other() {
          looks += 1;
          return `u${n}.service`;
        },
        afterItsFall: 'stays-down',
        goesDown: true,
        pull: null,
        source: null,
      }),
    );
    const { settings } = service('');
    const machine = machineOf({});
    const tied = { settings, surroundings: { ...alone, bonds } };
    for (let n = 0; n < count; n += 1) {
      const { possible } = predictOutcome(tied, { kind: 'fall-of', unit: `u${n}.service` }, machine);
      expect(possible).toBe(true);
    }
    expect(looks).toBeLessThan(10 * count);
  });
});

it('a plan looks once at the permissions of each drop-in, and reads it no more often for a unit with more settings', async () => {
  const count = 40;
  const folder = 'etc/systemd/system';
  const dropIns = Array.from({ length: count }, (_, n) => `${folder}/a.service.d/${10 + n}.conf`);
  const host = hostOf(
    {
      [`${folder}/a.service`]: '[Service]\nExecStart=/bin/sleep 1d\n[Install]\nWantedBy=multi-user.target\n',
      ...Object.fromEntries(dropIns.map(file => [file, '[Service]\nRestart=no\n'])),
    },
    { scope: 'system' },
  );
  const counted = { read: 0, status: 0 };
  const note = (call: keyof typeof counted, file: string) => {
    if (dropIns.includes(file.slice(1))) counted[call] += 1;
  };
  const files: HostFiles = {
    ...host.files,
    read: file => {
      note('read', file);
      return host.files.read(file);
    },
    status: file => {
      note('status', file);
      return host.files.status(file);
    },
  };
  const plan = await planFix(await takeInventory({ ...host, files }), ['a.service'], defaultPolicy, {
    isWanted: () => true,
    commentOn: finding => finding.rule,
    head: [],
    configuration: undefined,
  });
  expect(plan.settings.get('a.service')?.length).toBeGreaterThan(1);
  expect(counted.status).toBe(count);
  // Two checks read each file three times: for its settings, for comments that accept findings, and for what cannot be read.
  expect(counted.read).toBeLessThanOrEqual((2 * 3 + 2) * count);
});

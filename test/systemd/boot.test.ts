import { describe, expect, it } from 'vitest';
import { planBoot } from '../../src/systemd/boot.ts';
import { createUnitLoader, dependenciesOf } from '../../src/systemd/unit.ts';
import { hostOf, type RootOptions, type Tree } from '../support/root.ts';

const home = 'home/kuma/.config/systemd/user';
const lib = 'usr/lib/systemd/user';
const command = '[Service]\nExecStart=/bin/true\n';
const targets = { [`${lib}/default.target`]: '[Unit]\n', [`${lib}/basic.target`]: '[Unit]\n' };
const boot = (tree: Tree, options: RootOptions = {}) =>
  planBoot(createUnitLoader(hostOf({ ...targets, ...tree }, options)));

describe('section 5: missing targets', () => {
  it('WantedBy=multi-user.target is never started at boot; default.target is the correct one', () => {
    const plan = boot({
      [`${home}/a.service`]: command,
      [`${home}/b.service`]: command,
      [`${home}/multi-user.target.wants/a.service`]: { link: '../a.service' },
      [`${home}/default.target.wants/b.service`]: { link: '../b.service' },
    });
    expect(plan.starts('a.service')).toBe(false);
    expect(plan.brokenPulls(['a.service'])).toEqual([
      {
        kind: 'Wants',
        by: 'multi-user.target',
        source: { file: '/home/kuma/.config/systemd/user/multi-user.target.wants/a.service', line: null },
        problem: 'missing',
      },
    ]);
    expect(plan.starts('b.service')).toBe(true);
    expect(plan.brokenPulls(['b.service'])).toEqual([]);
  });

  it('After= and Wants= of them: the unit loads and nothing is said, Requires= stands as it is', () => {
    const loader = createUnitLoader(
      hostOf({
        [`${home}/a.service`]: `[Unit]\nAfter=network.target\nWants=network-online.target\nRequires=multi-user.target\n${command}`,
      }),
    );
    const unit = loader.load('a.service');
    expect(unit.load).toBe('loaded');
    expect(unit.ignored).toEqual([]);
    const [required] = dependenciesOf(unit, 'Requires');
    expect(loader.load(required?.unit ?? '').load).toBe('not-found');
  });
});

describe('section 5: linger', () => {
  it('is a flag file of zero bytes in /var/lib/systemd/linger', async () => {
    expect(await hostOf({ 'var/lib/systemd/linger/kuma': '' }).linger()).toMatchObject({ enabled: true });
    expect(await hostOf({ 'var/lib/systemd/linger/neko': '' }).linger()).toMatchObject({ enabled: false });
  });
});

describe('a boot starts', () => {
  it.each([
    ['that require each other in a ring', 'u0.service', true],
    ['of which the last one requires what is not there', 'missing.service', false],
  ])('thousands of units in a row, %s', (_, last, starts) => {
    const count = 3000;
    const row = Array.from({ length: count }, (_unit, n) => [
      `${home}/u${n}.service`,
      `[Unit]\nRequires=${n + 1 < count ? `u${n + 1}.service` : last}\n${command}`,
    ]);
    const plan = boot(
      { ...Object.fromEntries(row), [`${home}/default.target.wants/u0.service`]: { link: '../u0.service' } },
      { version: 257 },
    );
    expect(plan.starts('u0.service')).toBe(starts);
    expect(plan.starts(`u${count - 1}.service`)).toBe(starts);
  });

  it('what is pulled in, however far away, and by whatever name', () => {
    const plan = boot({
      [`${lib}/default.target.wants/a.service`]: { link: '../a.service' },
      [`${lib}/a.service`]: `[Unit]\nWants=alias.service\n${command}`,
      [`${lib}/b.service`]: `[Unit]\nBindsTo=c.service\n${command}`,
      [`${lib}/alias.service`]: { link: 'b.service' },
      [`${lib}/c.service`]: `[Unit]\nUpholds=t@.service\nAfter=d.service\n${command}`,
      [`${lib}/t@.service`]: command,
      [`${lib}/d.service`]: command,
    });
    for (const name of ['a.service', 'b.service', 'c.service', 't@c.service']) {
      expect(plan.starts(name)).toBe(true);
    }
    expect(plan.starts('d.service')).toBe(false);
    expect(plan.pulls('b.service')).toEqual([
      { kind: 'Wants', by: 'a.service', source: { file: '/usr/lib/systemd/user/a.service', line: 2 } },
    ]);
  });

  it('what .upholds folders link to since 254', () => {
    const tree = {
      [`${lib}/default.target.upholds/a.service`]: { link: '../a.service' },
      [`${lib}/a.service`]: command,
    };
    expect(boot(tree, { version: 253 }).starts('a.service')).toBe(false);
    expect(boot(tree, { version: 254 }).starts('a.service')).toBe(true);
  });

  it('nothing that hangs on a unit that nothing starts', () => {
    const plan = boot({
      [`${lib}/idle.target`]: '[Unit]\n',
      [`${lib}/a.service`]: command,
      [`${home}/idle.target.wants/a.service`]: { link: '../a.service' },
    });
    expect(plan.brokenPulls(['a.service'])).toMatchObject([{ by: 'idle.target', problem: 'idle' }]);
  });
});

/**
 * What daruma makes of units, held against what real managers say of them: LoadState, names, fragment, drop-ins,
 * enablement, every shown setting, commands and dependencies. `DARUMA_SEED` asks for other random units.
 */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import type { ManagerScope } from '../../src/systemd/search-path.ts';
import type { Tree } from '../support/root.ts';
import { renamed, unitTree } from '../support/unit-trees.ts';
import { compare, install, uninstall } from './compare-effective.ts';

/** The third had an instance that links to a template beside an instance with a file of its own. */
const seeds = [1, 2, 977_226_472, Number(process.env['DARUMA_SEED'] ?? 3)];
const scopes: readonly ManagerScope[] = ['user', 'system'];

/** Of the search path, what is no generator's and comes first, last, and in between. */
const directories: Readonly<Record<ManagerScope, (runtime: string) => readonly string[]>> = {
  user: runtime => [
    '/home/kuma/.config/systemd/user.control',
    '/home/kuma/.config/systemd/user',
    '/etc/xdg/systemd/user',
    '/etc/systemd/user',
    `${runtime}/systemd/user`,
    '/run/systemd/user',
    '/home/kuma/.local/share/systemd/user',
    '/usr/share/systemd/user',
    '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user',
  ],
  system: () => [
    '/etc/systemd/system.control',
    '/run/systemd/system.control',
    '/etc/systemd/system',
    '/run/systemd/system',
    '/usr/local/lib/systemd/system',
    '/lib/systemd/system',
    '/usr/lib/systemd/system',
  ],
};

/** Several random trees side by side; the drop-ins for all services come from the first only. */
function randomTree(scope: ManagerScope, runtime: string, seed: number): Tree {
  const trees = fc.sample(unitTree(directories[scope](runtime)), { seed, numRuns: 3 });
  const entries = trees.flatMap((tree, index) =>
    Object.entries(renamed(tree, `gen${String.fromCodePoint(97 + index)}`)).filter(
      ([name]) => index === 0 || !name.includes('/service.d/'),
    ),
  );
  return Object.fromEntries(entries);
}

/** The services a tree is about; of a template two instances. */
function servicesOf(tree: Tree): readonly string[] {
  const names = Object.keys(tree).flatMap(name => {
    const [, entry = ''] = /\/systemd\/[^/]+\/([^/]+)/.exec(name) ?? [];
    const unit = entry.replace(/\.(?:d|wants|requires|upholds)$/, '');
    return unit.endsWith('@.service') ? ['z', 'x-y'].map(i => unit.replace('@', `@${i}`)) : [unit];
  });
  return [...new Set(names)].filter(name => name.endsWith('.service'));
}

/** The units of the host itself. */
function unitsOf(host: Host, scope: ManagerScope): readonly string[] {
  const folders = ['lib', 'usr/lib'].map(folder => path.join(host.rootDir, folder, 'systemd', scope));
  const units = folders
    .filter(folder => fs.existsSync(folder))
    .flatMap(folder => fs.readdirSync(folder))
    .filter(name => /\.(?:service|socket|target|timer|path|slice)$/.test(name));
  return [...new Set(units)].map(name => name.replace('@.', '@one.'));
}

describe.each([247, 252, 257, 262])('systemd %i', systemd => {
  describeLab('a manager', { name: 'effective', systemd, users: ['kuma'] }, lab => {
    test.each(scopes)('of the %s sees its own units as daruma does', async scope => {
      const host = await lab.host();
      const { differences, units } = await compare(host, scope, unitsOf(host, scope));
      expect(differences).toEqual([]);
      expect(units).toBeGreaterThan(20);
    });

    test('section 5: user@.service has Restart=no', async () => {
      const host = await lab.host();
      const { stdout } = await host.exec(['systemctl', 'show', '--property=Restart', 'user@1000.service']);
      expect(stdout).toBe('Restart=no\n');
    });

    test.each(scopes.flatMap(scope => seeds.map(seed => [scope, seed] as const)))(
      'of the %s sees random units as daruma does, seed %i',
      async (scope, seed) => {
        const host = await lab.host();
        const { stdout } = await host.exec(['sh', '-c', 'echo "$XDG_RUNTIME_DIR"'], { user: 'kuma' });
        const tree = randomTree(scope, stdout.trim(), seed);
        await install(host, tree);
        const { differences, units } = await compare(host, scope, servicesOf(tree));
        await uninstall(host, tree);
        expect(differences).toEqual([]);
        expect(units).toBeGreaterThan(50);
      },
    );
  });
});

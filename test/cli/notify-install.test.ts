/** What an installation of hooks says: who gets one, and no more, since their texts are long. */
import { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { carryOutHooks } from '../../src/cli/commands/notify/install.ts';
import { configureTargets } from '../../src/cli/configuration.ts';
import { readContext } from '../../src/cli/context.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { planRemoval } from '../../src/notify/installation.ts';
import { languages } from '../../src/i18n/catalogue.ts';
import { unpackedRoot } from '../support/root.ts';
import { hostOf } from '../support/root.ts';
import { daruma } from './daruma.ts';

const service =
  '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\n[Install]\nWantedBy=default.target\n';

it.each(languages)(
  'names each service in a line, and shows the files where that is asked for (%s)',
  async language => {
    const HOME = unpackedRoot({
      '.config/systemd/user/agent.service': service,
      '.config/systemd/user/proxy.service': service,
      '.config/daruma/config.yaml': `notify:\n  language: ${language}\n  channels: [{type: webhook, url: "http://127.0.0.1:9/"}]\n`,
    });
    const run = async (...args: readonly string[]) => {
      const { code, stdout } = await daruma(['notify', ...args, '--lang', language], { env: { HOME } });
      expect(code).toBe(0);
      return stdout;
    };
    const shown = await run('install', '--dry-run');
    expect(shown).toContain('+++ ~/.config/systemd/user/proxy.service.d/zz-daruma.notify.conf');
    const done = await run('install', '--yes');
    expect(done).toMatch(/\n  \+ agent\.service\n  \+ proxy\.service\n  \+ /);
    expect(done).not.toContain('ExecStopPost');
    expect(done.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    const gone = await run('uninstall', '--yes');
    expect(gone).toMatch(/\n  - agent\.service\n  - proxy\.service\n  - /);
    expect(gone.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    expect(await run('install', '--yes', '--verbose')).toContain('ExecStopPost');
  },
);

it.each([false, true])(
  'calls nothing loaded that a manager which hangs was not asked for (--json: %s)',
  async json => {
    const stdout = new PassThrough();
    const io = {
      stdin: Readable.from([]),
      stdout,
      stderr: new PassThrough(),
      workingDirectory: '/',
      script: 'daruma',
      signals: new EventEmitter(),
    };
    const options = { yes: true, input: true, color: false, ...(json && { json: true as const }) } as const;
    const run = { catalogue: await loadCatalogue('en'), io, environment: { HOME: '/home/kuma' } };
    const context = readContext(options, run);
    const managerProblem = { code: 'timeout', tried: '/run/user/1000/systemd/private' } as const;
    const inventory = await takeInventory({ ...hostOf({}), managerProblem });
    const [target] = await configureTargets([{ inventory, names: [], isOwn: true }], undefined, run);
    const plan = planRemoval(inventory, undefined);
    if (target === undefined || plan === undefined) throw new Error('no target');
    const carryOut = (more: object) =>
      carryOutHooks(plan, target, 'There already.', { ...options, ...more }, context);
    await expect(carryOut({})).rejects.toMatchObject({ exitCode: 3, code: 'manager-silent' });
    expect(stdout.read()).toBeNull();
    // A plan that is only shown promises nothing.
    expect(await carryOut({ dryRun: true })).toBe(0);
  },
);

/** What `daruma notify install` writes, and that the services do not feel it. */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCase } from '../../lab/conformance/arbitrary.ts';
import { hookedServices, unhookedServices } from '../../src/check/hooked-services.ts';
import { checkInventory } from '../../src/check/engine.ts';
import { defaultPolicy } from '../../src/check/policy.ts';
import type { Plan } from '../../src/fix/plan.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { passingFolder, planInstallation, planRemoval } from '../../src/notify/installation.ts';
import { statusRow } from '../../src/report/status-table.ts';
import { type Ending, parseEnding } from '../../src/restart/ending.ts';
import { predictOutcome } from '../../src/restart/outcome.ts';
import { predictTimeline } from '../../src/restart/timeline.ts';
import { alone } from '../../src/restart/surroundings.ts';
import type { Host } from '../../src/systemd/host/host.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { overlayFiles } from '../../src/systemd/host/overlay-files.ts';
import { readManagerConfiguration } from '../../src/systemd/manager-defaults.ts';
import { resolveService } from '../../src/systemd/service.ts';
import { parseUnitName } from '../../src/systemd/unit-name.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { applyPreparedFix, prepareFix, undoFix } from '../../src/transaction/apply.ts';
import { Journal } from '../../src/transaction/journal.ts';
import { hostOf, unpackedRoot } from '../support/root.ts';

const units = 'home/kuma/.config/systemd/user';
const options = {
  command: ['/usr/local/bin/node', '/usr/local/lib/node_modules/daruma/dist/cli/main.js'],
  stateFolder: '/home/kuma/.local/state/daruma',
  timeout: '/usr/bin/timeout',
  texts: { head: 'By daruma.', started: 'Up.', ended: 'Ended.', failed: 'Failed.' },
} as const;

const tools = [options.timeout, '/bin/sh'];

async function planFor(
  host: Host,
  names: readonly string[],
  command: readonly string[] = options.command,
): Promise<Plan> {
  const plan = await planInstallation(await takeInventory(host), names, { ...options, command });
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

function withFiles(host: Host, { files }: Plan): Host {
  return { ...host, files: overlayFiles(host.files, files) };
}

function textOf({ files }: Plan, name: string): string {
  const state = files.get(`/${units}/${name}`);
  return state?.kind === 'file' ? state.content.toString() : '';
}

describe('the hooks of a service', () => {
  const tree = {
    [`${units}/a.service`]: '[Service]\nExecStart=/bin/a\nTimeoutStartSec=3\nTimeoutStopSec=0\n',
  };

  it('stand in a drop-in of their own, and are bounded well below the limits of the service', async () => {
    const plan = await planFor(hostOf(tree), ['a.service']);
    const text = textOf(plan, 'a.service.d/zz-daruma.notify.conf');
    expect(text).toContain('OnFailure=daruma-notify@%n.service\n');
    const [, seconds] = /^ExecStartPost=-\+\/usr\/bin\/timeout -k 1 (\d+) (.*)$/m.exec(text) ?? [];
    expect(Number(seconds)).toBeLessThan(3);
    expect(text).toMatch(
      /^ExecStopPost=-\+\/usr\/bin\/timeout -k 1 3 \/bin\/sh -c .* daruma-sign ended \S*\/spool %n$/m,
    );
  });

  it.each([0.02, 0.5, 1, 2, 2.9, 3, 4, 10, 90])(
    'are over, and killed, before a limit of %d s',
    async limit => {
      const unit = `[Service]\nExecStart=/bin/a\nTimeoutStartSec=${limit}\nTimeoutStopSec=${limit}\n`;
      const plan = await planFor(hostOf({ [`${units}/a.service`]: unit }), ['a.service']);
      const text = textOf(plan, 'a.service.d/zz-daruma.notify.conf');
      const bounds = [...text.matchAll(/\/timeout -k (\S+) (\S+) /g)].map(([, grace, seconds]) => [
        grace,
        seconds,
      ]);
      expect(bounds).toHaveLength(2);
      for (const [grace, seconds] of bounds) {
        expect(Number(seconds)).toBeGreaterThan(0);
        expect(Number(grace) + Number(seconds)).toBeLessThan(Math.max(limit, 0.03));
      }
    },
  );

  it('need nothing of daruma, which may be missing', async () => {
    const plan = await planFor(hostOf(tree), ['a.service']);
    for (const word of options.command) {
      expect(textOf(plan, 'a.service.d/zz-daruma.notify.conf')).not.toContain(word);
      expect(textOf(plan, 'daruma-notify@.service')).not.toContain(word);
    }
  });

  it('are left out, and named, where there can be no folder for them, and written for all others', async () => {
    const longest = `${'a'.repeat(255 - '.service'.length)}.service`;
    const more = { [`${units}/${longest}`]: '[Service]\nExecStart=/bin/a\n', [`${units}/b.service.d`]: 'x' };
    const plan = await planFor(hostOf({ ...tree, ...more }), [longest, 'b.service', 'a.service']);
    expect(plan.leftOut?.map(({ unit, why }) => [unit, why])).toEqual([
      [longest, 'name-too-long'],
      ['b.service', 'not-writable'],
    ]);
    expect([...plan.settings.keys()]).toEqual(['a.service']);
    expect(textOf(plan, 'a.service.d/zz-daruma.notify.conf')).toContain('OnFailure=');
  });

  it('are left out, and named, where the unit that tells of a failure would have a name that systemd ignores', async () => {
    const [longest = '', tooLong = ''] = [233, 234].map(length => 'a'.repeat(length - 8) + '.service');
    const more = [longest, tooLong].map(name => [`${units}/${name}`, '[Service]\nExecStart=/bin/a\n']);
    const plan = await planFor(hostOf({ ...tree, ...Object.fromEntries(more) }), [longest, tooLong]);
    const handler = `daruma-notify@${tooLong}.service`;
    expect(plan.leftOut).toEqual([{ unit: tooLong, path: `/${units}/${handler}`, why: 'name-too-long' }]);
    expect([...plan.settings.keys()]).toEqual([longest]);
    expect(parseUnitName(`daruma-notify@${longest}.service`)).toBeDefined();
    expect(parseUnitName(handler)).toBeUndefined();
  });

  it('wake a daruma in a folder with spaces and percent signs, too', async () => {
    const plan = await planFor(hostOf(tree), ['a.service'], ['/opt/my node/100%/$node', '/opt/daruma.js']);
    const text = textOf(plan, 'daruma-outbox.service');
    expect(text).toContain('ExecStart="/opt/my node/100%%/$$node" /opt/daruma.js notify await\n');
  });

  it('note no end of a unit that others stop and that stops them: with a hook none would get up again', async () => {
    const ring = {
      [`${units}/a.service`]: '[Unit]\nRequires=b.service\n[Service]\nExecStart=/bin/a\n',
      [`${units}/b.service`]: '[Unit]\nBindsTo=a.service\n[Service]\nExecStart=/bin/b\n',
      [`${units}/c.service`]: '[Unit]\nRequires=a.service\n[Service]\nExecStart=/bin/c\n',
    };
    const plan = await planFor(hostOf(ring), ['a.service', 'b.service', 'c.service']);
    const hasEnd = (name: string) =>
      textOf(plan, `${name}.service.d/zz-daruma.notify.conf`).includes('ExecStopPost=');
    expect(plan.inRing).toEqual(['a.service', 'b.service']);
    expect(['a', 'b', 'c'].map(hasEnd)).toEqual([false, false, true]);
  });

  it('note no start of what others require: with a hook they would not start when it ends at once', async () => {
    const requires = (kind: string) => `[Unit]\n${kind}=a.service\n[Service]\nExecStart=/bin/x\n`;
    const link = { link: '../a.service' };
    for (const [name, file] of [
      ['b.service', requires('Requires')],
      ['b.service', requires('BindsTo')],
      ['b.service', requires('Requisite')],
      ['b.service.d/x.conf', '[Unit]\nRequires=a.service\n'],
      ['b.service.requires/a.service', link],
      ['b.service', requires('Wants')],
    ] as const) {
      const b = { [`${units}/b.service`]: '[Service]\nExecStart=/bin/b\n' };
      const plan = await planFor(hostOf({ ...tree, ...b, [`${units}/${name}`]: file }), ['a.service']);
      const hooks = textOf(plan, 'a.service.d/zz-daruma.notify.conf');
      const isRequired = file !== requires('Wants');
      expect([name, plan.required]).toEqual([name, isRequired ? ['a.service'] : []]);
      expect([name, hooks.includes('ExecStartPost=')]).toEqual([name, !isRequired]);
      // Where it has the hook, its own start waits for it from now on, and that is said.
      expect([name, plan.longerStarts]).toEqual([name, isRequired ? [] : ['a.service']]);
      expect(hooks).toContain('ExecStopPost=');
    }
  });

  it('are meant for what stays active once its commands have ended, where boot starts it, and the plan says what is told of it', async () => {
    const oneshot =
      '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/up\n[Install]\nWantedBy=default.target\n';
    const wants = `${units}/default.target.wants`;
    const host = hostOf({
      [`${units}/container.service`]: oneshot,
      [`${wants}/container.service`]: { link: '../container.service' },
      [`${units}/by-hand.service`]: oneshot,
      [`${units}/job.service`]: oneshot.replace('RemainAfterExit=yes\n', ''),
      [`${wants}/job.service`]: { link: '../job.service' },
      [`${units}/called.service`]: oneshot,
      [`${wants}/called.service`]: { link: '../called.service' },
      [`${units}/called.timer`]: '[Timer]\nOnCalendar=daily\n',
      'usr/lib/systemd/user/default.target': '[Unit]\n',
    });
    const inventory = await takeInventory(host);
    const policy = { units: new Map() };
    const names = ['container', 'by-hand', 'job', 'called'].map(name => `${name}.service`);
    const { services } = await unhookedServices(inventory, names, policy);
    expect(services).toEqual(['container.service']);
    expect((await planFor(host, ['container.service', 'job.service'])).remaining).toEqual([
      'container.service',
    ]);
  });

  it('note each start of what is up only when it says so, also where others require it', async () => {
    const b = '[Unit]\nRequires=a.service\n[Service]\nExecStart=/bin/b\n';
    const a = '[Service]\nType=notify\nExecStart=/bin/a\n';
    const plan = await planFor(hostOf({ [`${units}/a.service`]: a, [`${units}/b.service`]: b }), [
      'a.service',
    ]);
    expect(plan.required).toEqual([]);
    expect(plan.longerStarts).toEqual([]);
    expect(textOf(plan, 'a.service.d/zz-daruma.notify.conf')).toContain('ExecStartPost=');
  });

  it.each([
    ['OnFailureJobMode=isolate', true],
    ['OnFailureIsolate=yes', true],
    ['OnFailureJobMode=flush', true],
    ['OnFailureJobMode=replace', false],
    ['OnFailureIsolate=yes\nOnFailureIsolate=no', false],
  ])(
    'are no second job of a failure with %s: systemd would refuse the unit, or drop the first',
    async (lines, isSole) => {
      const text = `[Unit]\nOnFailure=rescue2.target\n${lines}\n[Service]\nExecStart=/bin/a\n`;
      const host = hostOf({ [`${units}/a.service`]: text });
      const plan = await planFor(host, ['a.service']);
      expect(plan.soleFailureJob).toEqual(isSole ? ['a.service'] : []);
      const hooks = textOf(plan, 'a.service.d/zz-daruma.notify.conf');
      expect(hooks.includes('OnFailure=')).toBe(!isSole);
      expect(hooks).toContain('ExecStopPost=');
      const { loader } = await takeInventory(withFiles(host, plan));
      expect(resolveService(loader.load('a.service'), loader.defaults, 257).unit.load).toBe('loaded');
    },
  );

  it('are written once', async () => {
    const host = hostOf(tree);
    const again = await planFor(withFiles(host, await planFor(host, ['a.service'])), ['a.service']);
    expect([...again.files.keys()]).toEqual([]);
    expect(again.steps).toEqual([]);
  });

  it('do not start a timer and a path again that are there already', async () => {
    const host = hostOf({ ...tree, [`${units}/b.service`]: '[Service]\nExecStart=/bin/b\n' });
    const first = await planFor(host, ['a.service']);
    expect(first.steps.map(({ kind }) => kind)).toEqual(['daemon-reload', 'start', 'start']);
    const second = await planFor(withFiles(host, first), ['b.service']);
    expect(second.steps.map(({ kind }) => kind)).toEqual(['daemon-reload']);
  });

  it.each([
    ['/tmp/daruma/main.js', '/tmp'],
    ['/home/kuma/.npm/_npx/1a2b/node_modules/daruma/main.js', '/home/kuma/.npm/_npx'],
    ['/usr/lib/node_modules/daruma/main.js', undefined],
  ])('are not to call %s', (file, folder) => {
    expect(passingFolder(['/usr/bin/node', file])).toBe(folder);
  });
});

describe('the fate of a service', () => {
  const examples = [
    ['neko', '/home/azureuser'],
    ['kuma', '/home/ubuntu'],
    ['neko-fixed', '/home/azureuser'],
  ] as const;

  it.each(examples)('is the same with hooks, and a check finds only less: %s', async name => {
    const root = path.join(import.meta.dirname, '../../examples', name);
    const host = openOfflineHost({ root, scope: 'user' });
    const before = await standing(host);
    const plan = await planFor(host, before.names);
    const program = { kind: 'file', content: Buffer.from(''), mode: 0o755 } as const;
    const files = new Map([
      ...plan.files,
      ...[...options.command, ...tools].map(word => [word, program] as const),
    ]);
    const after = await standing({ ...host, files: overlayFiles(host.files, files) });
    expect(before.names.length).toBeGreaterThan(1);
    expect(after.falls).toEqual(before.falls);
    const mended = 'null: hooks-lead-nowhere';
    expect(before.findings).toContain(mended);
    expect(after.findings).toEqual(before.findings.filter(finding => finding !== mended));
  });

  it('is the same with hooks, whatever the service and its end', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, fc.constantFrom(247, 252, 257, 262), async (some, version) => {
        const ending = parseEnding(some.ending);
        // What ExecStartPost= itself does is the end of a service that had none.
        fc.pre(ending !== undefined && !ending.kind.startsWith('start-post'));
        const dropIns = Object.entries(some.dropIns).map(
          ([name, text]) => [`${units}/a.service.d/${name}`, text] as const,
        );
        const host = hostOf(
          { [`${units}/a.service`]: some.fragment, ...Object.fromEntries(dropIns) },
          { version },
        );
        const plain = fateOf(host, ending, some.lifetimeMs);
        fc.pre(plain !== undefined);
        const hooked = fateOf(withFiles(host, await planFor(host, ['a.service'])), ending, some.lifetimeMs);
        expect(hooked).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });
});

async function standing(host: Host) {
  const inventory = await takeInventory(host);
  const names = inventory.ownServices().filter(name => !name.startsWith('daruma-'));
  const falls: unknown[] = [];
  for await (const entry of inventory.services(names)) falls.push(statusRow(entry, inventory).falls);
  const findings: string[] = [];
  const policy = { ...defaultPolicy, hasChannels: true };
  for await (const { findings: found } of checkInventory(inventory, names, policy)) {
    findings.push(...found.map(({ rule, unit }) => `${unit}: ${rule}`));
  }
  return { names, falls, findings };
}

function fateOf(host: Host, ending: Ending, lifetimeMs: number) {
  const { version } = host.systemd;
  const { defaults } = readManagerConfiguration(host);
  const { settings } = resolveService(createUnitLoader(host).load('a.service'), defaults, version);
  if (settings === undefined) return undefined;
  const machine = { version, cgroups: 'legacy' } as const;
  const service = { settings, surroundings: alone };
  const { possible, result, restarts, state, delaySeconds } = predictOutcome(service, ending, machine);
  const { givesUp, starts } = predictTimeline(service, ending, lifetimeMs / 1_000, machine);
  return { possible, result, restarts, state, delaySeconds, givesUp, starts };
}

describe('hooks of an earlier installation', () => {
  const bound =
    '-+/usr/bin/timeout -k 1 5 /usr/bin/node /usr/lib/node_modules/daruma/dist/cli/main.js notify hook';
  const earlier = `[Unit]\nOnFailure=daruma-notify@%n.service\n\n[Service]\nExecStartPost=${bound} %n\nExecStopPost=${bound} %n\n`;
  const dropIn = `${units}/a.service.d/zz-daruma.notify.conf`;
  const handler = `${units}/daruma-notify@.service`;
  const tree = {
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/sh\n',
    [`${units}/a.service`]: '[Service]\nExecStart=/bin/a\n',
    [dropIn]: earlier,
    [handler]: `[Service]\nType=oneshot\nExecStart=${bound} --on-failure %i\n`,
  };

  it('are replaced, and an undo brings them back byte for byte', async () => {
    const root = unpackedRoot(tree);
    const open = () => openOfflineHost({ root, scope: 'user' });
    const generations = async () =>
      hookedServices(await takeInventory(open())).map(({ generation }) => generation);
    expect(await generations()).toEqual(['earlier']);
    const journal = new Journal(unpackedRoot({}));
    const prepared = prepareFix(
      await planFor(open(), ['a.service']),
      { units: ['a.service'], restarted: [] },
      open(),
    );
    await applyPreparedFix(prepared, open(), journal, new Date());
    expect(await generations()).toEqual(['present']);
    expect(fs.readFileSync(path.join(root, dropIn), 'utf8')).not.toContain('notify hook');
    expect(fs.readFileSync(path.join(root, handler), 'utf8')).not.toContain('notify hook');
    const record = journal.record(journal.ids().at(-1) ?? '');
    if (record === undefined) throw new Error('no record');
    await undoFix(record, open(), journal);
    expect(fs.readFileSync(path.join(root, dropIn), 'utf8')).toBe(earlier);
    expect(fs.readFileSync(path.join(root, handler), 'utf8')).toBe(tree[handler]);
    expect(await generations()).toEqual(['earlier']);
  });
});

describe('hooks that are taken away', () => {
  it('take with them the service that may run, after what wakes it', async () => {
    const host = hostOf({ [`${units}/a.service`]: '[Service]\nExecStart=/bin/a\n' });
    const hooked = withFiles(host, await planFor(host, ['a.service']));
    expect(planRemoval(await takeInventory(hooked), undefined)?.steps).toEqual([
      { kind: 'stop', unit: 'daruma-outbox.path' },
      { kind: 'stop', unit: 'daruma-outbox.timer' },
      { kind: 'stop', unit: 'daruma-outbox.service' },
      { kind: 'daemon-reload' },
    ]);
  });

  it('leave no folder that was made for them, and each that was there before', async () => {
    const root = unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/sh\n',
      [`${units}/a.service`]: '[Service]\nExecStart=/bin/a\n',
      [`${units}/b.service`]: '[Service]\nExecStart=/bin/b\n',
    });
    fs.mkdirSync(path.join(root, units, 'b.service.d'));
    const before = fs
      .readdirSync(path.join(root, units), { recursive: true, encoding: 'utf8' })
      .toSorted((a, b) => a.localeCompare(b));
    const journal = new Journal(unpackedRoot({}));
    const open = () => openOfflineHost({ root, scope: 'user' });
    const names = ['a.service', 'b.service'];
    const apply = async (plan: Plan | undefined) => {
      if (plan === undefined) throw new Error('no plan');
      const host = open();
      const prepared = prepareFix(plan, { units: names, restarted: [] }, host);
      await applyPreparedFix(prepared, host, journal, new Date());
    };
    await apply(await planFor(open(), names));
    expect(fs.existsSync(path.join(root, units, 'a.service.d'))).toBe(true);
    await apply(planRemoval(await takeInventory(open()), undefined));
    expect(
      fs
        .readdirSync(path.join(root, units), { recursive: true, encoding: 'utf8' })
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(before);
  });
});

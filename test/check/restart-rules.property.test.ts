/**
 * What holds for the rules of restarts whatever the unit: they warn of no service that the model shows getting up from
 * every fall, leave none unmentioned that does not, and what they would write gets it up.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkedUnit, type LoadedService } from '../../src/check/checked-unit.ts';
import { defaultUnitPolicy } from '../../src/check/policy.ts';
import type { Change, Fault, Rule } from '../../src/check/rule.ts';
import { rulesByGroup } from '../../src/check/rules/index.ts';
import { type Inventory, takeInventory } from '../../src/inventory/inventory.ts';
import { predictOutcome } from '../../src/restart/outcome.ts';
import { openFolder } from '../../src/systemd/host/offline-host.ts';
import { endingOf } from '../restart/given.ts';
import { hostOf } from '../support/root.ts';

const rules: readonly Rule<string, object>[] = rulesByGroup.restart;

/** Whether it gets up from every fall that a rule speaks of. */
function isWell(judgement: Judged): boolean {
  return downOf(judgement).length === 0;
}

/** What leaves it down and is for a rule to speak of. */
function downOf({ down, apart }: Judged): readonly string[] {
  return down.filter(end => !apart.includes(end));
}

/** Whether something is wrong that no change is given for: a person has to decide. */
function needsPerson({ found }: Judged): boolean {
  return found.some(({ severity, changes }) => severity !== 'info' && changes.length === 0);
}

/** The common ends of a process that systemd can get a service up from. */
const ends = ['exit:0', 'exit:1', 'exit:137', 'exit:143', 'signal:SIGTERM', 'signal:SIGKILL', 'oom'];

interface Found extends Fault<object> {
  readonly rule: string;
}

interface Judged {
  readonly service: LoadedService;
  readonly found: readonly Found[];
  /** The ends that leave it down, and the crash loop. */
  readonly down: readonly string[];
  /** Those that no rule speaks of: statuses that only matter where RestartPreventExitStatus= lists them. */
  readonly apart: readonly string[];
}

/** @returns undefined for a unit that systemd does not load */
async function judged(
  unit: string,
  dropIns: readonly string[],
  version: number,
): Promise<Judged | undefined> {
  const folder = 'etc/systemd/user';
  const tree = dropIns.map((text, index) => [`${folder}/a.service.d/${10 + index}.conf`, text] as const);
  const host = hostOf({ [`${folder}/a.service`]: unit, ...Object.fromEntries(tree) }, { version });
  const inventory: Inventory = await takeInventory(host);
  for await (const one of judgements(inventory, ['a.service'])) return one;
  return undefined;
}

/** Judges the services that systemd loads. */
async function* judgements(inventory: Inventory, names: readonly string[]): AsyncIterable<Judged> {
  for await (const entry of inventory.services(names)) {
    const { service } = checkedUnit(entry, defaultUnitPolicy, inventory);
    if (service === undefined) continue;
    const found = rules.flatMap(rule =>
      rule.judges === 'service'
        ? [...rule.check(service, { inventory })].map(fault => ({
            ...fault,
            rule: rule.id,
            severity: fault.severity ?? rule.severity,
          }))
        : [],
    );
    const outcomes = new Map(
      ends.map(end => [end, predictOutcome(service.facts, endingOf(end), inventory.machine)]),
    );
    const down = [...outcomes].filter(([, { possible, restarts }]) => possible && !restarts);
    const apart = down.filter(
      ([end, { because }]) =>
        /^exit:1\d\d$/.test(end) && because.every(({ code }) => code !== 'restart-prevented'),
    );
    const loops = service.falls.crashLoop.getsUp === false ? ['crash loop'] : [];
    yield {
      service,
      found,
      down: [...down.map(([end]) => end), ...loops],
      apart: apart.map(([end]) => end),
    };
  }
}

const values = {
  Unit: {
    StartLimitIntervalSec: ['0', '1', '30', '1h', 'infinity', 'soon', ''],
    StartLimitBurst: ['0', '1', '3', '100'],
  },
  Service: {
    Type: ['simple', 'exec', 'notify', 'forking', 'oneshot', 'idle'],
    Restart: [
      'no',
      'on-success',
      'on-failure',
      'on-abnormal',
      'on-abort',
      'on-watchdog',
      'always',
      'allways',
      'On-Failure',
      'yes',
      '',
    ],
    RestartSec: ['0', '100ms', '999ms', '1', '2', '5', '31', '1min', '61', '1h', 'infinity', '5x'],
    RestartSteps: ['0', '4', '20'],
    RestartMaxDelaySec: ['1', '20', '2min', 'infinity'],
    RestartPreventExitStatus: ['0', '1', 'SIGTERM', '78', '143 78', 'KILL', ''],
    RestartForceExitStatus: ['0', '1', 'SIGTERM', ''],
    SuccessExitStatus: ['1', '143', 'SIGKILL'],
    RemainAfterExit: ['no', 'yes'],
    OOMPolicy: ['continue', 'stop', 'kill'],
    StartLimitIntervalSec: ['0', '20', '2h', 'soon', ''],
    StartLimitInterval: ['0', '30'],
    StartLimitBurst: ['2', '0'],
    GuessMainPID: ['no'],
  },
} as const;

const assignment = fc
  .constantFrom(
    ...Object.entries(values).flatMap(([section, keys]) =>
      Object.entries(keys).map(([key, choices]) => ({ section, key, choices })),
    ),
  )
  .chain(({ section, key, choices }) =>
    fc.constantFrom(...choices).map(value => `[${section}]\n${key}=${value}\n`),
  );

const restart = fc.constantFrom(...values.Service.Restart).map(value => `[Service]\nRestart=${value}\n`);

/** As it should be, for half of them. */
const calm = fc.constant('[Service]\nRestart=always\nRestartSec=5\n');

const random = fc.record({
  unit: fc
    .tuple(fc.oneof(restart, calm), fc.array(assignment, { maxLength: 6 }))
    .map(lines => `[Service]\nExecStart=/usr/bin/agent\n${lines.flat().join('')}`),
  dropIns: fc.array(assignment, { maxLength: 2 }),
  version: fc.constantFrom(247, 252, 254, 257),
});

const runs = { numRuns: 400 };

/** Only the start limit leaves it down, and 137 and 143, of which no rule speaks; found at random. */
const onlyTheLimit = {
  unit: '[Service]\nExecStart=/usr/bin/agent\nRestart=on-success\nSuccessExitStatus=SIGKILL\nRestartForceExitStatus=1\n',
  dropIns: ['[Service]\nOOMPolicy=continue\n'],
  version: 247,
};

/** A policy first, then the start limit that comes to light, and what RemainAfterExit= hid. */
const mostRounds = 4;

describe('the rules of restarts', () => {
  test('warn of no service that gets up from every fall', async () => {
    let gotUp = 0;
    await fc.assert(
      fc.asyncProperty(random, async ({ unit, dropIns, version }) => {
        const result = await judged(unit, dropIns, version);
        if (result === undefined || result.down.length > 0) return;
        gotUp += 1;
        expect(result.found.filter(({ severity }) => severity !== 'info')).toEqual([]);
      }),
      runs,
    );
    expect(gotUp).toBeGreaterThan(runs.numRuns / 20);
  });

  test('speak of every service that should stay up and does not', async () => {
    let fell = 0;
    await fc.assert(
      fc.asyncProperty(random, async ({ unit, dropIns, version }) => {
        const result = await judged(unit, dropIns, version);
        if (result === undefined || !result.service.isMeantToStay) return;
        if (isWell(result)) return;
        fell += 1;
        expect(result.found.filter(({ severity }) => severity !== 'info')).not.toEqual([]);
      }),
      runs,
    );
    expect(fell).toBeGreaterThan(runs.numRuns / 4);
  });

  test('write what gets it up, in a few rounds at most', async () => {
    let mended = 0;
    await fc.assert(
      fc.asyncProperty(random, async ({ unit, dropIns, version }) => {
        let state = await judged(unit, dropIns, version);
        if (state === undefined || !state.service.isMeantToStay) return;
        if (isWell(state)) return;
        const written = [...dropIns];
        for (let round = 0; round < mostRounds && !isWell(state); round += 1) {
          if (needsPerson(state)) return;
          written.push(dropInOf(state));
          const next = await judged(unit, written, version);
          if (next === undefined) throw new Error('what was written is not loaded');
          state = next;
        }
        mended += 1;
        expect(downOf(state)).toEqual([]);
        expect(state.found.filter(({ severity }) => severity !== 'info')).toEqual([]);
      }),
      { ...runs, examples: [[onlyTheLimit]] },
    );
    expect(mended).toBeGreaterThan(runs.numRuns / 4);
  });

  test('name one cause once: no two of them write one setting differently', async () => {
    await fc.assert(
      fc.asyncProperty(random, async ({ unit, dropIns, version }) => {
        const result = await judged(unit, dropIns, version);
        const written = new Map<string, string>();
        for (const change of result?.found.flatMap(({ changes }) => changes) ?? []) {
          if (change.kind !== 'set') continue;
          const text = change.values.join('\n');
          expect(written.get(change.key) ?? text).toBe(text);
          written.set(change.key, text);
        }
      }),
      runs,
    );
  });
});

describe('the examples', () => {
  test.each(['neko', 'kuma'])(
    '%s gets up from all that systemd covers with what the rules write',
    async name => {
      const example = path.join(import.meta.dirname, '../../examples', name);
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-example-'));
      onTestFinished(() => fs.rmSync(folder, { recursive: true }));
      fs.cpSync(example, folder, { recursive: true, verbatimSymlinks: true });
      const open = () => takeInventory(openFolder(folder, { scope: 'user' }));

      const before = await open();
      let down = 0;
      for await (const judgement of judgements(before, before.ownServices())) {
        down += judgement.down.length;
        const { fragment = '' } = judgement.service.unit;
        const dropIns = path.join(folder, `${fragment}.d`);
        fs.mkdirSync(dropIns);
        fs.writeFileSync(path.join(dropIns, '50-restart.conf'), dropInOf(judgement));
      }
      expect(down).toBeGreaterThan(0);

      const after = await open();
      for await (const { service, down: left } of judgements(after, after.ownServices())) {
        expect({ unit: service.name, left }).toEqual({ unit: service.name, left: [] });
      }
    },
  );
});

/** What a judgement would write. */
function dropInOf({ found }: Judged): string {
  const changes: readonly Change[] = found.flatMap(fault => fault.changes);
  return changes
    .flatMap(change =>
      change.kind === 'set'
        ? [`[${change.section}]\n`, ...change.values.map(value => `${change.key}=${value}\n`)]
        : [],
    )
    .join('');
}

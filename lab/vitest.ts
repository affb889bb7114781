import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { isNotOnPath, labAvailability } from './availability.ts';
import { bootHost, type Host, type HostOptions } from './host.ts';
import { cachedRoot, machineSystemd, preparableVersions } from './root-file-system.ts';
import { isPrepared } from './software.ts';

/** Options for the hosts of a block, and the commands that its tests run on the machine. */
interface LabOptions extends HostOptions {
  readonly commands?: readonly string[];
  /** The tests take many minutes and run only when `DARUMA_LAB_SLOW` is set. */
  readonly slow?: boolean;
}

interface Lab {
  /** The host of this block: the first test that asks boots it, all tests share it, and the end of the block removes it. */
  host(): Promise<Host>;
}

/**
 * `describe` for tests that need real hosts. When the lab cannot be used, the tests are skipped and one line says what is
 * missing; with `DARUMA_LAB=required` in the environment they fail instead.
 *
 * @example
 * describeLab('linger', { systemd: 257, users: ['kuma'] }, lab => {
 *   test('...', async () => {
 *     const host = await lab.host();
 *   });
 * });
 */
export function describeLab(name: string, options: LabOptions, tests: (lab: Lab) => void): void {
  const { systemd, software = [], commands = [], slow = false } = options;
  const isLeftOut = slow && !process.env['DARUMA_LAB_SLOW'];
  const missing = [
    ...labAvailability(systemd === undefined ? [] : [systemd]),
    ...commands.filter(isNotOnPath),
    // An installation takes longer than the time limit of a test.
    ...software.filter(each => !isPrepared(each)).map(each => `${each} (npm run lab -- prepare ${each})`),
  ];
  const isMissing = missing.length > 0;
  const isRequired = process.env['DARUMA_LAB'] === 'required';
  const reason = `${name}: no lab on this machine, missing: ${missing.join(', ')}`;
  if (isMissing && !isRequired && !isLeftOut) console.warn(`skipped: ${reason}`);

  // oxlint-disable-next-line vitest/valid-title -- the caller's
  describe.skipIf(isLeftOut || (isMissing && !isRequired))(name, () => {
    beforeAll(() => {
      if (isMissing) throw new Error(reason);
    });
    tests(labWith(options));
  });
}

/**
 * The versions for tests of what daruma itself does around a manager: the oldest and the one that most machines have. A run of the whole
 * lab takes one of them for each file, by turns: which one is decided by `DARUMA_LAB_TURN`. All with `DARUMA_LAB_SLOW`. A model of systemd
 * is held against all of them each time.
 *
 * @param file `import.meta.url` of the test
 */
export function usualVersions(file: string): readonly number[] {
  if (process.env['DARUMA_LAB_SLOW']) return [247, 252, 257, 262];
  const turn = process.env['DARUMA_LAB_TURN'];
  if (turn === undefined) return [247, 257];
  const digest = createHash('sha256')
    .update(`${turn} ${basename(file)}`)
    .digest();
  return [(digest[0] ?? 0) % 2 === 0 ? 247 : 257];
}

/**
 * The versions for tests that run on every version: those whose root file systems exist, since making one takes too long for a
 * test; with `DARUMA_LAB=required` all. Without a lab it is one undefined version, which {@link describeLab} reports as skipped.
 */
export function versionsAtHand(): readonly (number | undefined)[] {
  if (process.env['DARUMA_LAB'] === 'required') return preparableVersions;
  if (labAvailability().length > 0) return [undefined];
  const own = machineSystemd();
  const there = preparableVersions.filter(version => version === own || existsSync(cachedRoot(version)));
  return there.length > 0 ? there : [undefined];
}

function labWith(options: HostOptions): Lab {
  let host: Promise<Host> | undefined;
  afterAll(async () => (await host)?.[Symbol.asyncDispose]());
  return {
    host() {
      host ??= bootHost(options);
      return host;
    },
  };
}

import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe } from 'vitest';
import { isNotOnPath, labAvailability } from './availability.ts';
import { bootHost, type Host, type HostOptions } from './host.ts';
import { cachedRoot, machineSystemd, preparableVersions } from './root-file-system.ts';
import { isPrepared } from './software.ts';

/** What the hosts of a block are, and what else its tests call on the machine. */
interface LabOptions extends HostOptions {
  readonly commands?: readonly string[];
  /** They take many minutes and are run where `DARUMA_LAB_SLOW` is set only. */
  readonly slow?: boolean;
}

interface Lab {
  /** The host of this block: the first test that asks boots it, the others get the same, the end of the block takes it away. */
  host(): Promise<Host>;
}

/**
 * `describe` for tests that need real hosts. Where the lab cannot be used they are skipped and one line says what is
 * missing; with `DARUMA_LAB=required` in the environment that is a failure instead.
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
    // To install it takes longer than a test may.
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
 * For tests of every version: those whose root file systems are there, since a test has no minute to make one; with
 * `DARUMA_LAB=required` all. Where there is no lab it is one without a number, of which {@link describeLab} tells.
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

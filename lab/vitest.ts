import { afterAll, beforeAll, describe } from 'vitest';
import { labAvailability } from './availability.ts';
import { bootHost, type Host, type HostOptions } from './host.ts';

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
export function describeLab(name: string, options: HostOptions, tests: (lab: Lab) => void): void {
  const missing = labAvailability(options.systemd === undefined ? [] : [options.systemd]);
  const isMissing = missing.length > 0;
  const isRequired = process.env['DARUMA_LAB'] === 'required';
  const reason = `${name}: no lab on this machine, missing: ${missing.join(', ')}`;
  if (isMissing && !isRequired) console.warn(`skipped: ${reason}`);

  // oxlint-disable-next-line vitest/valid-title -- the caller's
  describe.skipIf(isMissing && !isRequired)(name, () => {
    beforeAll(() => {
      if (isMissing) throw new Error(reason);
    });
    tests(labWith(options));
  });
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

/** The published entry points, used as a stranger would: by their names, from the build. */
import path from 'node:path';
import {
  alone,
  type Outcome,
  parseEnding,
  predictOutcome,
  predictTimeline,
  type ServiceFacts,
} from 'daruma/restart';
import {
  createUnitLoader,
  type Host,
  openOfflineHost,
  parseUnitFile,
  readManagerConfiguration,
  resolveService,
  type ServiceSettings,
  type Setting,
} from 'daruma/systemd';
import { describe, expect, expectTypeOf, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../examples/neko');

describe('daruma/systemd', () => {
  it('reads a unit of an unpacked root with the line of every setting', () => {
    const host = openOfflineHost({ root, scope: 'user' });
    const unit = createUnitLoader(host).load('litellm.service');
    const { settings } = resolveService(unit, readManagerConfiguration(host).defaults, host.systemd.version);
    expect(settings?.Restart.value).toBe('on-failure');
    expect(settings?.Restart.source?.file).toBe('/home/azureuser/.config/systemd/user/litellm.service');
  });

  it('is typed: durations are numbers of microseconds, policies a union', () => {
    expectTypeOf<Host['systemd']['version']>().toEqualTypeOf<number>();
    expectTypeOf<ServiceSettings['RestartSec']>().toEqualTypeOf<Setting<number>>();
    expectTypeOf<ServiceSettings['Restart']['value']>().toEqualTypeOf<
      'no' | 'on-success' | 'on-failure' | 'on-abnormal' | 'on-abort' | 'on-watchdog' | 'always'
    >();
    expectTypeOf(parseUnitFile).parameter(0).toEqualTypeOf<string | Uint8Array>();
  });
});

describe('daruma/restart', () => {
  it('predicts the seed: SIGTERM under Restart=on-failure stays down', () => {
    const host = openOfflineHost({ root, scope: 'user' });
    const unit = createUnitLoader(host).load('litellm.service');
    const { settings } = resolveService(unit, readManagerConfiguration(host).defaults, host.systemd.version);
    if (settings === undefined) throw new Error('the example does not load');
    const facts: ServiceFacts = { settings, surroundings: alone };
    const machine = { version: host.systemd.version, cgroups: host.cgroups.layout } as const;
    const ending = parseEnding('signal:TERM');
    if (ending === undefined) throw new Error('not an ending');
    expect(predictOutcome(facts, ending, machine)).toMatchObject({ result: 'success', restarts: false });
    expect(predictTimeline(facts, ending, 0, machine)).toMatchObject({ givesUp: 'no', starts: 1 });
  });

  it('is typed: an outcome that does not restart has no delay', () => {
    expectTypeOf<Outcome['delaySeconds']>().toEqualTypeOf<readonly [min: number, max: number] | null>();
    expectTypeOf<ReturnType<typeof parseEnding>>().toExtend<Outcome['on'] | undefined>();
  });
});

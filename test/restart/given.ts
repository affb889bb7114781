/** Service facts for tests of the restart model: real unit text, read from a root by the real loader. */
import { parseEnding } from '../../src/restart/ending.ts';
import type { Machine } from '../../src/restart/fall.ts';
import { type Outcome, predictOutcome, type ServiceFacts } from '../../src/restart/outcome.ts';
import { alone } from '../../src/restart/surroundings.ts';
import { predictTimeline, type Timeline } from '../../src/restart/timeline.ts';
import { readManagerConfiguration } from '../../src/systemd/manager-defaults.ts';
import { resolveService, type Service } from '../../src/systemd/service.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { hostOf } from '../support/root.ts';

export interface Given {
  /** systemd's major version; default 252. */
  readonly version?: number;
  readonly cgroups?: Machine['cgroups'];
  /** Drop-ins of the unit by file name. */
  readonly dropIns?: Readonly<Record<string, string>>;
}

/**
 * A system service. Text without a section header is what `[Service]` holds besides an ExecStart= (unless it brings one).
 *
 * @example serviceUnit('Restart=always').settings?.Restart.value // 'always'
 */
export function serviceUnit(text: string, given: Given = {}): Service {
  const { version = 252, dropIns = {} } = given;
  const folder = 'etc/systemd/system';
  const tree = Object.entries(dropIns).map(
    ([name, dropIn]) => [`${folder}/a.service.d/${name}`, dropIn] as const,
  );
  const host = hostOf(
    { [`${folder}/a.service`]: wholeUnit(text), ...Object.fromEntries(tree) },
    { scope: 'system', version },
  );
  const unit = createUnitLoader(host).load('a.service');
  return resolveService(unit, readManagerConfiguration(host).defaults, version);
}

/** The same where it must be loaded, alone in its world. */
export function service(text: string, given: Given = {}): ServiceFacts {
  const { unit, settings } = serviceUnit(text, given);
  if (settings === undefined) throw new Error(`${unit.load}: ${JSON.stringify(unit.problem)}\n${text}`);
  return { settings, surroundings: alone };
}

/** What becomes of such a service after an ending. */
export function after(text: string, ending: string, given: Given = {}): Outcome {
  return predictOutcome(service(text, given), endingOf(ending), machineOf(given));
}

/** The same ending again and again. */
export function again(text: string, ending: string, lifetimeSeconds: number, given: Given = {}): Timeline {
  return predictTimeline(service(text, given), endingOf(ending), lifetimeSeconds, machineOf(given));
}

/** `result` and whether it restarts, in one word each: `exit-code, restarts`. */
export function briefly({ possible, result, restarts }: Outcome): string {
  if (!possible) return 'impossible';
  return `${result}, ${restarts ? 'restarts' : 'stays down'}`;
}

export function endingOf(text: string) {
  const ending = parseEnding(text);
  if (ending === undefined) throw new Error(`no ending: ${text}`);
  return ending;
}

export function machineOf({ version = 252, cgroups = 'unified' }: Given): Machine {
  return { version, cgroups };
}

function wholeUnit(text: string): string {
  if (/^\[/m.test(text)) return text;
  return `[Service]\n${/^ExecStart=/m.test(text) ? '' : 'ExecStart=/usr/bin/daemon\n'}${text}\n`;
}

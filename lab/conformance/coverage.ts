/** The features that units of a run should have: settings, ends and unusual cases. */
import { isTiedEnding } from '../../src/restart/ending.ts';
import { findDirective, sectionsOf, versionsOf } from '../../src/systemd/directives.ts';
import { restartPolicies, type ServiceSettings, serviceTypes } from '../../src/systemd/service-settings.ts';
import { shownDirectives } from '../../src/systemd/shown-settings.ts';
import { type Case, companionName, type ManagerLines } from './case.ts';
import type { Place } from './observation.ts';
import type { LoadedPrediction, Prediction } from './prediction.ts';

/** A unit that was run. */
export interface RunUnit {
  readonly case: Case;
  readonly managerLines: ManagerLines;
  readonly place: Place;
  readonly prediction: Prediction;
}

export interface Feature {
  /** Name in Markdown. */
  readonly name: string;
  /** The first systemd version that has the feature; 0 for all. */
  readonly since: number;
  readonly isIn: (unit: RunUnit) => boolean;
}

/** Features that every run has to contain often enough, by subject. */
export const features: Readonly<Record<string, readonly Feature[]>> = {
  'Directives, with a value that counts': [
    ...shownDirectives.map(directive),
    ...(['PIDFile', 'GuessMainPID', 'TimeoutStartFailureMode', 'WatchdogSignal', 'KillSignal'] as const).map(
      directive,
    ),
  ],
  Hooks: (['ExecCondition', 'ExecStartPre', 'ExecStartPost', 'ExecStop', 'ExecStopPost'] as const).map(name =>
    loaded(`\`${name}=\``, ({ settings }) => settings[name].value.length > 0),
  ),
  Types: [
    ...serviceTypes.map(type => value('Type', type, type === 'notify-reload' ? 253 : 0)),
    anyUnit(
      '`BusName=` without `Type=`, which is `dbus`',
      unit =>
        unit.prediction.loaded?.settings.Type.value === 'dbus' &&
        !linesOf(unit).some(({ key }) => key === 'Type'),
    ),
  ],
  Policies: restartPolicies.map(policy => value('Restart', policy)),
  Modes: [
    value('RestartMode', 'direct', 254),
    value('RestartMode', 'debug', 257),
    value('ExitType', 'cgroup', 250),
    value('KillMode', 'mixed'),
    value('KillMode', 'process'),
    value('KillMode', 'none'),
    value('TimeoutStartFailureMode', 'abort'),
    value('TimeoutStartFailureMode', 'kill'),
    value('OOMPolicy', 'continue'),
    value('OOMPolicy', 'kill'),
    loaded('`SendSIGKILL=no`', ({ settings }) => !settings.SendSIGKILL.value),
    loaded('`RemainAfterExit=yes`', ({ settings }) => settings.RemainAfterExit.value),
  ],
  Endings: [
    ending('`exit:0`', one => one.kind === 'exit' && one.status === 0),
    ending('`exit:N`, another status', one => one.kind === 'exit' && one.status !== 0),
    ...(
      [
        ['signal', ':NAME'],
        ['core', ':NAME'],
        ['unready-exit', ':N'],
        ['unready-signal', ':NAME'],
        ['start-pre', ':N'],
        ['start-post', ':N'],
        ['condition', ':N'],
        ['start-timeout', ''],
        ['start-post-timeout', ''],
        ['watchdog', ''],
        ['runtime-max', ''],
        ['hang', ''],
        ['stop', ''],
        ['fall-of', ':UNIT'],
        ['stop-of', ':UNIT'],
      ] as const
    ).map(([kind, argument]) => ending(`\`${kind}${argument}\``, one => one.kind === kind)),
    loaded('one that cannot occur', one => !one.possible),
  ],
  'What comes of it': [
    loaded('it restarts', ({ outcome }) => outcome.restarts),
    loaded('it ends and stays down', ({ outcome }) => outcome.result !== null && !outcome.restarts),
    loaded('the start limit ends it', ({ timeline }) => timeline.givesUp === 'yes'),
    loaded('it restarts for ever', ({ outcome, timeline }) => outcome.restarts && timeline.givesUp === 'no'),
    loaded(
      'waits that grow (`RestartSteps=`)',
      ({ settings }) =>
        settings.RestartSteps.value > 0 && settings.RestartMaxDelaySec.value < Number.POSITIVE_INFINITY,
      254,
    ),
    loaded('no start limit', ({ settings }) =>
      [settings.StartLimitBurst.value, settings.StartLimitIntervalSec.value].includes(0),
    ),
    anyUnit('refused: not loaded', ({ prediction }) => prediction.loaded === undefined),
  ],
  'Ties to another unit': [
    tie('Requires'),
    tie('BindsTo'),
    tie('PartOf'),
    tie('Requisite'),
    tie('Wants'),
    tie('StopPropagatedFrom', 249),
    anyUnit('`Upholds=`, by the other', unit => isTiedBack(unit, /^Upholds$/), 249),
    anyUnit('`Wants=` or `Requires=`, by the other', unit => isTiedBack(unit, /^(?:Wants|Requires)$/)),
    anyUnit('with `After=`', unit => isTied(unit) && linesOf(unit).some(({ key }) => key === 'After')),
    anyUnit('without `After=`', unit => isTied(unit) && !linesOf(unit).some(({ key }) => key === 'After')),
    anyUnit('it ends while the other lives', unit => isTied(unit) && isEndOfItsOwn(unit)),
    loaded('it goes down with the other', one => isTiedEnding(one.ending) && goesDown(one)),
  ],
  'How it is written': [
    anyUnit('`-` before `ExecStart=`', unit => linesOf(unit).some(isExcused(/^ExecStart$/))),
    anyUnit('`-` before a hook', unit => linesOf(unit).some(isExcused(/^Exec(?!Start$)/))),
    anyUnit('a drop-in', unit => Object.keys(unit.case.dropIns).length > 0),
    anyUnit('two drop-ins', unit => Object.keys(unit.case.dropIns).length > 1),
    anyUnit('a list of commands or statuses reset', unit =>
      linesOf(unit).some(({ key, text }) => /^Exec|ExitStatus$/.test(key) && text === ''),
    ),
    anyUnit('another setting reset', unit =>
      linesOf(unit).some(({ key, text }) => !/^Exec|ExitStatus$/.test(key) && text === ''),
    ),
    anyUnit('a directive said twice', unit => {
      const keys = linesOf(unit).map(({ section, key }) => `${section}.${key}`);
      return keys.some((key, index) => !key.includes('.Exec') && keys.indexOf(key) !== index);
    }),
    anyUnit('an invalid value', unit => linesOf(unit).some(({ text }) => invalid.test(text))),
    anyUnit('a directive in the wrong section', unit =>
      linesOf(unit).some(
        ({ section, key }) =>
          !versionsOf(section, key) && sectionsOf(key, unit.prediction.version).length > 0,
      ),
    ),
    anyUnit('a directive that no version knows', unit =>
      linesOf(unit).some(
        ({ section, key }) =>
          !versionsOf(section, key) && sectionsOf(key, unit.prediction.version).length === 0,
      ),
    ),
    anyUnit('a start limit in `[Service]`, as of old', unit =>
      linesOf(unit).some(
        ({ section, key }) =>
          section === 'Service' &&
          key.startsWith('StartLimit') &&
          findDirective(section, key, unit.prediction.version) !== undefined,
      ),
    ),
    anyUnit('other defaults of its manager', ({ managerLines }) => managerLines.length > 0),
    anyUnit("in the system's manager", ({ place }) => place.scope === 'system'),
    anyUnit("in a user's manager", ({ place }) => place.scope === 'user'),
  ],
};

/** The values in `arbitrary.ts` that every directive refuses. */
const invalid = /^(?:bogus|many|soon|maybe|sipmle|allways|x|-1|300 3)$/;

function anyUnit(name: string, isIn: Feature['isIn'], since = 0): Feature {
  return { name, since, isIn };
}

function loaded(name: string, isIn: (unit: LoadedPrediction) => boolean, since = 0): Feature {
  return anyUnit(name, ({ prediction }) => prediction.loaded !== undefined && isIn(prediction.loaded), since);
}

function directive(name: keyof ServiceSettings): Feature {
  const section = name.startsWith('StartLimit') ? 'Unit' : 'Service';
  return loaded(
    `\`${name}=\``,
    ({ settings }) => settings[name].source !== null,
    versionsOf(section, name)?.since,
  );
}

function value(name: keyof ServiceSettings, wanted: string, since = 0): Feature {
  return loaded(`\`${name}=${wanted}\``, ({ settings }) => settings[name].value === wanted, since);
}

function ending(name: string, isIt: (one: LoadedPrediction['ending']) => boolean): Feature {
  return loaded(name, one => one.possible && isIt(one.ending));
}

function tie(wanted: string, since = 0): Feature {
  return anyUnit(
    `\`${wanted}=\``,
    unit => isTied(unit) && linesOf(unit).some(({ key }) => key === wanted),
    since,
  );
}

function isTied({ case: { companion }, prediction }: RunUnit): boolean {
  return companion !== undefined && prediction.loaded !== undefined;
}

function isTiedBack(unit: RunUnit, wanted: RegExp): boolean {
  return isTied(unit) && linesIn(unit.case.companion ?? '').some(({ key }) => wanted.test(key));
}

function isEndOfItsOwn({ case: { ending: text } }: RunUnit): boolean {
  return !text.includes(companionName);
}

function goesDown({ outcome }: LoadedPrediction): boolean {
  return outcome.state === 'inactive/dead' || outcome.state === 'failed/failed';
}

interface Line {
  readonly section: string;
  readonly key: string;
  readonly text: string;
}

function linesOf({ case: { fragment, dropIns } }: RunUnit): readonly Line[] {
  return linesIn([fragment, ...Object.values(dropIns)].join(''));
}

function linesIn(files: string): readonly Line[] {
  let section = '';
  return files
    .split('\n')
    .filter(Boolean)
    .flatMap(line => {
      const header = /^\[(.*)\]$/.exec(line)?.[1];
      if (header !== undefined) {
        section = header;
        return [];
      }
      const at = line.indexOf('=');
      return [{ section, key: line.slice(0, at), text: line.slice(at + 1) }];
    });
}

function isExcused(wanted: RegExp): (line: Line) => boolean {
  return ({ key, text }) => wanted.test(key) && text.startsWith('-');
}

/**
 * Random services and endings, for properties of the model and for comparison with real systemd. Times are short, so that
 * everything happens within seconds, but far enough apart that a busy machine cannot change their order.
 */
import fc from 'fast-check';
import { actorPath } from './actor.ts';
import { busNameLine } from './bus.ts';
import { type Case, companionName, type ManagerLines } from './case.ts';
import { bindingTies, livingTies, type Ties } from './companion.ts';

/** A line and its file: 0 is the fragment, higher numbers are drop-ins in order. */
interface Line {
  readonly section: 'Unit' | 'Service';
  readonly text: string;
  readonly file: 0 | 1 | 2;
}

const statuses = ['0', '1', '2', '3', '5', '75', '143', '255'];
const signals = ['TERM', 'HUP', 'INT', 'PIPE', 'KILL', 'SEGV', 'ABRT', 'USR1'];

const statusLists = [
  '1',
  '2 3',
  '5 SIGKILL',
  'SIGTERM',
  '0',
  '143',
  'TEMPFAIL 250',
  'SIGABRT SIGSEGV',
  '1 2 3 5 75 143 255',
  'HUP INT USR1',
  '300 3',
  'bogus',
];

/** How often a directive is set, and its values; systemd refuses some of them. */
const settings: Readonly<Record<string, readonly [perCent: number, values: readonly string[]]>> = {
  'Unit.StartLimitIntervalSec': [45, ['0', '500ms', '30', '30', '40', '1min', 'infinity', 'bogus', '-1', '']],
  'Unit.StartLimitInterval': [6, ['40', '0', '60']],
  'Unit.StartLimitBurst': [55, ['1', '1', '2', '3', '4', '3', '2', '0', '-1', 'many']],
  'Service.StartLimitInterval': [4, ['20', '400ms', '0']],
  'Service.StartLimitBurst': [5, ['2', '1']],
  'Service.StartLimitIntervalSec': [3, ['1']],
  'Service.Type': [
    92,
    [
      'simple',
      'exec',
      'forking',
      'forking',
      'oneshot',
      'oneshot',
      'notify',
      'notify-reload',
      'idle',
      'sipmle',
      '',
    ],
  ],
  'Service.Restart': [
    92,
    [
      'no',
      'on-success',
      'on-failure',
      'on-failure',
      'on-abnormal',
      'on-abnormal',
      'on-abort',
      'on-watchdog',
      'always',
      'always',
      'always',
      'allways',
      '',
    ],
  ],
  'Service.RestartSec': [
    85,
    ['200ms', '300ms', '300ms', '0.5', '0.5', '1', '1.2s', '250ms', '0', 'infinity', '-1', 'soon', ''],
  ],
  'Service.RestartSteps': [20, ['1', '2', '3', '0', 'x']],
  'Service.RestartMaxDelaySec': [20, ['1', '2', '0.8', 'infinity', '100ms', '0', 'x']],
  'Service.RestartMode': [20, ['normal', 'direct', 'direct', 'debug', 'debug', 'x']],
  'Service.SuccessExitStatus': [20, statusLists],
  'Service.RestartPreventExitStatus': [20, statusLists],
  'Service.RestartForceExitStatus': [14, statusLists],
  'Service.RemainAfterExit': [14, ['yes', 'true', 'no', 'maybe']],
  'Service.GuessMainPID': [10, ['no', 'yes']],
  'Service.TimeoutStartSec': [25, ['1', '1.5s', '2', '3s', '0', 'infinity', 'x']],
  'Service.TimeoutStopSec': [10, ['1', '5', '0', 'x']],
  'Service.TimeoutSec': [4, ['2', '3']],
  'Service.TimeoutStartFailureMode': [14, ['terminate', 'abort', 'abort', 'kill', 'kill', 'x']],
  'Service.RuntimeMaxSec': [8, ['3', '4', '3.5', 'infinity', 'x']],
  'Service.WatchdogSec': [8, ['800ms', '1', '0', 'infinity']],
  'Service.WatchdogSignal': [6, ['SIGTERM', 'SIGKILL', 'USR1']],
  'Service.KillMode': [28, ['control-group', 'mixed', 'process', 'none', 'x']],
  'Service.KillSignal': [8, ['SIGINT', 'SIGKILL', 'SIGUSR1', 'x']],
  'Service.SendSIGKILL': [7, ['no', 'no', 'yes']],
  'Service.OOMPolicy': [10, ['continue', 'continue', 'kill', 'kill', 'kill', 'stop', 'x']],
  'Service.Delegate': [2, ['yes', 'no']],
  'Service.ExitType': [13, ['cgroup', 'cgroup', 'main', 'x']],
  'Service.Restrat': [3, ['always']],
  'Unit.Restart': [2, ['always']],
  'Unit.RestartSec': [2, ['9']],
};

const file = fc.oneof(
  { weight: 7, arbitrary: fc.constant(0 as const) },
  { weight: 2, arbitrary: fc.constant(1 as const) },
  { weight: 1, arbitrary: fc.constant(2 as const) },
);

function maybe<T>(perCent: number, arbitrary: fc.Arbitrary<T>, otherwise: T): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 100 - perCent, arbitrary: fc.constant(otherwise) },
    { weight: perCent, arbitrary },
  );
}

function lineOf(name: string, values: readonly string[]): fc.Arbitrary<Line> {
  const [section, key] = name.split('.');
  return fc.record({
    section: fc.constant(section === 'Unit' ? 'Unit' : 'Service'),
    text: fc.constantFrom(...values).map(value => `${key}=${value}`),
    file,
  });
}

const settingLines: fc.Arbitrary<readonly Line[]> = fc
  .tuple(
    ...Object.entries(settings).map(([name, [perCent, values]]) =>
      maybe(perCent, fc.array(lineOf(name, values), { minLength: 1, maxLength: 1 }), []),
    ),
  )
  .map(lines => lines.flat());

/** A directive that is set again, in the same file or in a drop-in. */
const repeatedLines = fc.array(
  fc.constantFrom(...Object.entries(settings)).chain(([name, [, values]]) => lineOf(name, values)),
  { maxLength: 2 },
);

function commands(
  key: string,
  role: string,
  prefixes: readonly string[],
  most: number,
): fc.Arbitrary<readonly Line[]> {
  return fc.array(fc.tuple(fc.constantFrom(...prefixes), file), { minLength: 1, maxLength: most }).map(all =>
    all.map(([prefix, where], index) => ({
      section: 'Service' as const,
      text: `${key}=${prefix}${actorPath} %n ${role}${index === 0 ? '' : index + 1}`,
      file: where,
    })),
  );
}

const plainOrExcused = ['', '', '', '-'];
const hooks = (perCents: readonly [number, number, number]): fc.Arbitrary<readonly Line[]> =>
  fc
    .tuple(
      maybe(perCents[0], commands('ExecCondition', 'condition', plainOrExcused, 2), []),
      maybe(perCents[1], commands('ExecStartPre', 'pre', plainOrExcused, 2), []),
      maybe(perCents[2], commands('ExecStartPost', 'post', plainOrExcused, 2), []),
      maybe(12, commands('ExecStop', 'stop', plainOrExcused, 1), []),
      maybe(12, commands('ExecStopPost', 'stop-post', plainOrExcused, 1), []),
    )
    .map(lines => lines.flat());

/** A drop-in that resets a list of commands and sets it again. */
const reset = (key: string): fc.Arbitrary<readonly Line[]> =>
  maybe<readonly Line[]>(4, fc.constant([{ section: 'Service', text: `${key}=`, file: 1 }]), []);

const resets = fc
  .tuple(
    ...[
      'ExecStartPre',
      'ExecStartPost',
      'SuccessExitStatus',
      'RestartPreventExitStatus',
      'ExecCondition',
    ].map(reset),
  )
  .map(lines => lines.flat());

/** The main command in the fragment. A second one makes systemd refuse any unit but a oneshot. */
const main: fc.Arbitrary<readonly Line[]> = fc
  .tuple(fc.constantFrom('', '', '', '', '', '-'), maybe(2, fc.constantFrom('', '-'), undefined))
  .map(([first, second]) => [
    { section: 'Service', text: `ExecStart=${first}${actorPath} %n main`, file: 0 },
    ...(second === undefined
      ? []
      : [{ section: 'Service', text: `ExecStart=${second}${actorPath} %n main2`, file: 0 } as const]),
  ]);

/** An ending, with lines that usually make it possible. */
interface Plan {
  readonly ending: string;
  readonly lines: readonly Line[];
  readonly hooks: readonly [number, number, number];
  /** By default only some units have ties. */
  readonly ties?: Ties;
}

const say = (text: string): Line => ({ section: 'Service', text, file: 0 });
/** A line in the last drop-in, so that it usually applies. */
const insist = (text: string): Line => ({ section: 'Service', text, file: 2 });
const insistOfUnit = (text: string): Line => ({ section: 'Unit', text, file: 2 });
/**
 * Another start limit interval. An ending that takes seconds would be close to systemd's default of 5 starts in 10 s, and then
 * it is uncertain whether the limit is reached.
 */
const farFromLimit: fc.Arbitrary<readonly Line[]> = fc
  .constantFrom('900ms', '900ms', '900ms', '40', '40', '1min', undefined)
  .map(span => (span === undefined ? [] : [insistOfUnit(`StartLimitIntervalSec=${span}`)]));
const rarely: Plan['hooks'] = [6, 10, 10];
const typed = (type: string): readonly Line[] =>
  type === 'dbus' ? [insist('Type=dbus'), say(busNameLine)] : [insist(`Type=${type}`)];

const pidFile = say('PIDFile=/opt/actor/run/%n.pid');

const plan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 27,
    arbitrary: fc
      .constantFrom('0', '0', ...statuses)
      .map(n => ({ ending: `exit:${n}`, lines: [], hooks: rarely })),
  },
  {
    weight: 19,
    arbitrary: fc.constantFrom(...signals).map(s => ({ ending: `signal:${s}`, lines: [], hooks: rarely })),
  },
  {
    weight: 11,
    arbitrary: fc
      .tuple(
        fc.constantFrom('exit:5', 'exit:0', 'signal:HUP', 'signal:KILL'),
        fc.constantFrom('forking', 'forking', 'forking', 'simple', 'notify'),
      )
      .map(([ending, type]) => ({
        ending,
        lines: [insist(`Type=${type}`), pidFile],
        hooks: rarely,
      })),
  },
  {
    weight: 11,
    arbitrary: fc
      .constantFrom('SEGV', 'ABRT', 'QUIT')
      .map(s => ({ ending: `core:${s}`, lines: [], hooks: rarely })),
  },
  {
    weight: 21,
    arbitrary: fc
      .tuple(
        fc.oneof(
          fc.constantFrom('0', ...statuses).map(n => `unready-exit:${n}`),
          fc.constantFrom(...signals).map(s => `unready-signal:${s}`),
        ),
        fc.constantFrom(
          typed('notify'),
          typed('notify-reload'),
          typed('forking'),
          [...typed('forking'), pidFile],
          typed('dbus'),
          typed('dbus'),
        ),
      )
      .map(([ending, lines]) => ({ ending, lines, hooks: rarely })),
  },
  {
    weight: 19,
    arbitrary: fc
      .tuple(fc.constantFrom(...statuses.slice(1)), fc.constantFrom(97, 40))
      .map(([n, likely]) => ({ ending: `start-pre:${n}`, lines: [], hooks: [6, likely, 6] as const })),
  },
  {
    weight: 14,
    arbitrary: fc
      .constantFrom(...statuses.slice(1))
      .map(n => ({ ending: `start-post:${n}`, lines: [], hooks: [6, 6, 95] as const })),
  },
  {
    weight: 14,
    arbitrary: fc
      .constantFrom(...statuses.slice(1), '254', '255', '255')
      .map(n => ({ ending: `condition:${n}`, lines: [], hooks: [95, 6, 6] as const })),
  },
  {
    weight: 17,
    arbitrary: fc
      .tuple(fc.constantFrom('watchdog', 'watchdog', 'hang'), farFromLimit)
      .map(([ending, limit]) => ({
        ending,
        lines: [insist('WatchdogSec=1'), ...limit],
        hooks: rarely,
      })),
  },
  {
    weight: 17,
    arbitrary: fc
      .tuple(
        fc.constantFrom('runtime-max', 'runtime-max', 'hang'),
        fc.constantFrom('1', '1', '1', '0'),
        farFromLimit,
      )
      .map(([ending, most, limit]) => ({
        ending,
        lines: [insist(`RuntimeMaxSec=${most}`), ...limit],
        hooks: rarely,
      })),
  },
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom('notify', 'forking', 'oneshot', 'exec', 'dbus'), farFromLimit)
      .map(([type, limit]) => ({
        ending: 'start-timeout',
        lines: [...typed(type), insist('TimeoutStartSec=1'), ...limit],
        hooks: [25, 40, 6] as const,
      })),
  },
  {
    weight: 12,
    arbitrary: farFromLimit.map(limit => ({
      ending: 'start-post-timeout',
      lines: [insist('TimeoutStartSec=1'), ...limit],
      hooks: [6, 6, 95] as const,
    })),
  },
  {
    weight: 12,
    arbitrary: fc.constant({ ending: 'stop', lines: [insist('RuntimeMaxSec=infinity')], hooks: rarely }),
  },
  {
    weight: 30,
    arbitrary: fc
      .tuple(
        fc.constantFrom('fall-of', 'fall-of', 'fall-of', 'stop-of', 'stop-of'),
        fc.constantFrom(
          typed('simple'),
          typed('exec'),
          typed('notify'),
          typed('forking'),
          [...typed('forking'), pidFile],
          [...typed('oneshot'), insist('RemainAfterExit=yes')],
        ),
        bindingTies,
      )
      .map(([kind, lines, ties]) => ({
        ending: `${kind}:${companionName}`,
        lines: [...lines, insist('RuntimeMaxSec=infinity'), insistOfUnit('StartLimitBurst=4')],
        hooks: rarely,
        ties,
      })),
  },
);

/** Services and endings. They also contain directives that a version does not know, which it has to ignore. */
export const anyCase: fc.Arbitrary<Case> = plan.chain(({ ending, lines, hooks: likely, ties: bound }) =>
  fc
    .record({
      more: settingLines,
      again: repeatedLines,
      main,
      hooks: hooks(likely),
      resets,
      list: maybe<readonly Line[]>(30, matchingList(ending), []),
      growing: maybe<readonly Line[]>(6, growingWaits, []),
      bus: onBus,
      ties: bound === undefined ? maybe<Ties | undefined>(6, livingTies, undefined) : fc.constant(bound),
      lifetimeMs: fc.constantFrom(0, 100, 150, 300, 500),
    })
    .map(
      ({ more, again, main: start, hooks: around, resets: empty, list, growing, bus, ties, lifetimeMs }) => {
        const tied = (ties?.lines ?? []).map(insistOfUnit);
        const all = [
          ...start,
          ...more,
          ...around,
          ...lines,
          ...list,
          ...growing,
          ...tied,
          ...again,
          ...empty,
        ];
        const kept = bus.withoutType ? all.filter(({ text }) => !text.startsWith('Type=')) : all;
        // Keep-alives of any process count then, whichever process systemd considers the main one.
        const base = say('NotifyAccess=all');
        const companion = ties === undefined ? {} : { companion: ties.companion };
        return {
          ...render(unhurried([base, ...kept, ...bus.lines], ending)),
          ...companion,
          ending,
          lifetimeMs,
        };
      },
    ),
);

/**
 * The commands of an idle service wait up to five seconds while its manager has other jobs (systemd.service(5), Type=). A shorter
 * limit would end the service before it begins, so a service whose ending is such a limit is not idle.
 */
function unhurried(lines: readonly Line[], ending: string): readonly Line[] {
  if (!lines.some(({ text }) => text === 'Type=idle')) return lines;
  const endsByLimit = /^(?:watchdog|hang|runtime-max|start-timeout|start-post-timeout)$/.test(ending);
  const isKept = endsByLimit
    ? (text: string) => text !== 'Type=idle'
    : (text: string) => !/^(?:RuntimeMaxSec|WatchdogSec|TimeoutStartSec|TimeoutSec)=/.test(text);
  return lines.filter(({ text }) => isKept(text));
}

/** These two directives have an effect only together. */
const growingWaits = fc
  .tuple(fc.constantFrom('1', '2', '3'), fc.constantFrom('1', '2'))
  .map(([steps, most]) => [insist(`RestartSteps=${steps}`), insist(`RestartMaxDelaySec=${most}`)]);

/** Whether a unit is on the bus, and its settings for that, some of them wrong. */
const onBus: fc.Arbitrary<OnBus> = fc.oneof(
  { weight: 179, arbitrary: fc.constant<OnBus>({ lines: [], withoutType: false }) },
  {
    weight: 10,
    arbitrary: fc.constant({ lines: [insist('Type=dbus'), say(busNameLine)], withoutType: false }),
  },
  { weight: 10, arbitrary: fc.constant({ lines: [say(busNameLine)], withoutType: true }) },
  // With another type systemd does not wait for the name.
  { weight: 3, arbitrary: fc.constant({ lines: [say(busNameLine)], withoutType: false }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        [],
        [say('BusName=bogus')],
        [say('BusName=')],
        [say(busNameLine), insist('BusName=bogus')],
      )
      .map(lines => ({ lines: [insist('Type=dbus'), ...lines], withoutType: false })),
  },
);

interface OnBus {
  readonly lines: readonly Line[];
  /** Whether no type is set: a name alone implies Type=dbus. */
  readonly withoutType: boolean;
}

/** A list that contains the end of the main process, which would rarely happen by chance. */
function matchingList(ending: string): fc.Arbitrary<readonly Line[]> {
  const [kind = '', argument = ''] = ending.split(':');
  const byLimit = kind === 'watchdog' || kind === 'hang' ? 'SIGABRT' : 'SIGTERM';
  const own = /^(?:unready-)?(?:exit|signal)$|^core$/.test(kind) ? argument : byLimit;
  return fc
    .constantFrom(
      'SuccessExitStatus',
      'RestartPreventExitStatus',
      'RestartPreventExitStatus',
      'RestartForceExitStatus',
    )
    .map(name => [say(`${name}=${own}`)]);
}

const defaults = {
  DefaultRestartSec: ['200ms', '300ms', 'x'],
  DefaultStartLimitIntervalSec: ['20', '500ms', 'x'],
  DefaultStartLimitInterval: ['30'],
  DefaultStartLimitBurst: ['3', '4', '-1'],
  DefaultTimeoutStartSec: ['20', '1min', '0'],
  DefaultTimeoutStopSec: ['10', '0', 'x'],
  DefaultOOMPolicy: ['continue', 'kill', 'x'],
} as const;

/** The defaults of a host's managers: usually systemd's own. */
export const anyManagerLines: fc.Arbitrary<ManagerLines> = fc
  .tuple(
    ...Object.entries(defaults).map(([key, values]) =>
      maybe<string | undefined>(
        20,
        fc.constantFrom(...values).map(value => `${key}=${value}`),
        undefined,
      ),
    ),
  )
  .map(lines => lines.filter(line => line !== undefined));

function render(lines: readonly Line[]): Pick<Case, 'fragment' | 'dropIns'> {
  const of = (wanted: Line['file']) => {
    const here = lines.filter(line => line.file === wanted);
    return (['Unit', 'Service'] as const)
      .map(section => here.filter(line => line.section === section).map(({ text }) => `${text}\n`))
      .flatMap((texts, index) =>
        texts.length === 0 ? [] : [`[${['Unit', 'Service'][index]}]\n${texts.join('')}`],
      )
      .join('');
  };
  const dropIns = { '10-first.conf': of(1), '20-second.conf': of(2) };
  return {
    fragment: of(0),
    dropIns: Object.fromEntries(Object.entries(dropIns).filter(([, text]) => text !== '')),
  };
}

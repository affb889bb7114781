import type { Ending } from '../restart/ending.ts';
import type { Catalogue } from './catalogue.ts';
import { describeIgnoredLine, describeLoadProblem, type ProblemTexts, signalOf } from './parts.ts';

export const en: Catalogue = {
  language: 'en',
  punctuation: { list: ', ', semicolon: '; ', colon: ': ', aside: text => ` (${text})` },
  seconds: amount => `${amount} s`,
  reasons: {
    'end-clean-exit': r => `exit status ${r.what} counts as success`,
    'end-clean-signal': r => `to systemd ${r.what} is a clean end of a service`,
    'end-listed': r => `SuccessExitStatus= lists ${r.what}, so it counts as success`,
    'end-failed-exit': r => `exit status ${r.what} is a failure`,
    'end-signal': r => `killed by ${r.what}: a failure`,
    'end-signal-of-command': r => `a command that should finish was killed by ${r.what}: a failure`,
    'end-core-dump': r => `it dumped core (${r.what}): always a failure`,
    'failure-ignored': r => `the "-" before ${r.command} makes its failure a success`,
    'main-process-unknown': () =>
      'systemd does not know which process is the main one, so it sees no failure',
    'watchdog-expired': r => `no keep-alive within WatchdogSec=${r.value}: systemd ends it`,
    'start-timed-out': r => `the start took longer than TimeoutStartSec=${r.value}`,
    'start-post-timed-out': r =>
      `ExecStartPost= took longer than TimeoutStartSec=${r.value}; a "-" does not help against that`,
    'runtime-exceeded': r => `it ran longer than RuntimeMaxSec=${r.value}`,
    'oom-stops': r => `OOMPolicy=${r.value}: a kill for lack of memory fails the whole service`,
    'oom-continues': () => 'OOMPolicy=continue: only the end of the main process counts',
    'oom-unseen-on-legacy-cgroups': () =>
      "on this machine's older control groups (v1) systemd sees a plain SIGKILL",
    'oom-unaccounted': () => 'without memory accounting systemd sees a plain SIGKILL',
    'hook-failed': r => `${r.hook}= exited with status ${r.status}`,
    'start-post-kills-main': () => 'so systemd kills the healthy main process',
    'condition-skips': r => `${r.hook}= exited with status ${r.status}: the start is skipped, not failed`,
    'protocol-before-ready': () => 'it ended before it was ready, which fails whatever the exit status',
    'policy-restarts': r => `Restart=${r.value} restarts it after ${resultInWords(r.result)}`,
    'policy-does-not-restart': r => `Restart=${r.value} does not restart it after ${resultInWords(r.result)}`,
    'restart-prevented': r => `RestartPreventExitStatus= lists ${r.what}`,
    'restart-forced': r => `RestartForceExitStatus= lists ${r.what}`,
    'force-not-for-successful-oneshot': () =>
      'RestartForceExitStatus= does not restart a oneshot service that succeeded',
    'skip-never-restarts': () => 'a skipped start is never restarted',
    'stays-exited': () => 'RemainAfterExit=yes: systemd goes on calling it active',
    'stop-is-respected': () => 'a stop on purpose is respected: nothing restarts it',
    'delay-never-ends': () => 'RestartSec=infinity: the wait for the restart never ends',
    delay: r => `RestartSec=${r.value}`,
    'limit-reached': r =>
      `the start limit lets ${r.burst} starts through in ${span(r.intervalSeconds)}, and these come faster`,
    'limit-undetermined': r =>
      `about ${r.burst} starts in ${span(r.intervalSeconds)}: whether the start limit is met depends on systemd's timing`,
    'limit-out-of-reach': r =>
      `starts come too slowly for the start limit of ${r.burst} in ${span(r.intervalSeconds)}`,
    'limit-off': () => 'the start limit is off',
    'no-watchdog': () => 'no WatchdogSec= watches it',
    'no-start-timeout': () => 'its start cannot time out',
    'no-runtime-limit': () => 'no RuntimeMaxSec= limits it',
    'no-main-process': () => 'it has no ExecStart=',
    'ready-at-once': r => `with Type=${r.value} it is up at once`,
    'not-tied': r => `it is not tied to ${r.other}`,
    'no-hook': r => `it has no ${r.hook}=`,
    'hook-failure-is-no-end': r => `${r.hook}= may exit with ${r.status}: the start goes on`,
    'system-manager-cannot-be-killed': () => 'the kernel protects the system manager (PID 1)',
    'hang-unnoticed': () => 'nothing notices a hang: it has no WatchdogSec=',
    'linger-on': r => `lingering is on for ${r.user}`,
    'linger-off': r => `lingering is off for ${r.user}: without a session there is no user manager`,
    'linger-unknown': () => 'whether lingering is on is not known here',
    'logout-does-not-matter': () => 'sessions do not matter to system services',
    'user-manager-stays-dead': () => 'user@.service has Restart=no: a killed user manager stays dead',
    'user-manager-restarts': () => 'user@.service restarts the user manager',
    'started-at-boot': r => `${r.by} starts it`,
    'not-enabled': () => 'it is not enabled: nothing starts it with the manager',
    'enabled-to-missing-target': r => `it is enabled for ${r.target}, which this manager does not have`,
    'enabled-to-idle-target': r => `it is enabled for ${r.target}, which nothing starts`,
    'requires-missing-unit': r => `it requires ${r.target}, which cannot be started`,
    upheld: r => `${r.by} upholds it and starts it again`,
    'on-demand': r => `${r.trigger} starts it when it is needed`,
    'bound-unit-stops': r => `BindsTo=${r.other}: it is stopped with it and not brought back`,
    'tied-unit-stops': r => `${r.setting}=${r.other}: it is stopped with it and not brought back`,
    'restarted-with': r => `${r.setting}=${r.other}: it is restarted together with it`,
    'unharmed-by-fall-of': r => `${r.setting}=${r.other} does not stop it when that one falls by itself`,
  },
  remedies: {
    'policy-does-not-restart': () => 'Restart=always',
    'restart-prevented': r => `take ${r.what} out of RestartPreventExitStatus=`,
    'stays-exited': () => 'RemainAfterExit=no',
    'delay-never-ends': () => 'RestartSec=5',
    'limit-reached': () => '[Unit] StartLimitIntervalSec=0 and [Service] RestartSec=5',
    'limit-undetermined': () => '[Unit] StartLimitIntervalSec=0 and [Service] RestartSec=5',
    'linger-off': r => `loginctl enable-linger ${r.user}`,
    'user-manager-stays-dead': () => 'as root: Restart=on-failure in user@.service.d/',
    'not-enabled': (_, { unit, scope }) => `systemctl ${userFlag(scope)}enable ${unit}`,
    'enabled-to-missing-target': (_, { unit, scope }) =>
      `WantedBy=default.target, then systemctl ${userFlag(scope)}reenable ${unit}`,
    'enabled-to-idle-target': (_, { unit, scope }) =>
      `WantedBy=default.target, then systemctl ${userFlag(scope)}reenable ${unit}`,
    'requires-missing-unit': r => `drop the dependency on ${r.target}`,
    'hang-unnoticed': () => 'WatchdogSec=, if the program sends keep-alives',
    'main-process-unknown': () => 'PIDFile=, or Type=simple without forking',
  },
  ending: describeEnding,
  fallHeads: {
    exit0: 'exit 0',
    exit1: 'exit 1',
    sigterm: 'TERM',
    sigkill: 'KILL',
    oom: 'OOM',
    hang: 'hang',
    crashLoop: 'loop',
    logout: 'logout',
    managerKill: 'mgr -9',
    reboot: 'reboot',
  },
  fallNames: {
    exit0: 'exit 0',
    exit1: 'exit 1',
    sigterm: 'SIGTERM',
    sigkill: 'SIGKILL',
    oom: 'OOM',
    hang: 'hang',
    crashLoop: 'crash loop',
    logout: 'logout',
    managerKill: 'kill -9 of the user manager',
    reboot: 'reboot',
  },
  loadProblem: problem => describeLoadProblem(problem, problemTexts),
  ignoredLine: line => describeIgnoredLine(line, problemTexts),
  managerProblem: ({ code, tried }) =>
    ({
      offline: `only files were read (${tried})`,
      'not-systemd': 'systemd does not run here',
      'no-runtime-directory': 'there is no runtime directory, so no user manager runs',
      'no-socket': `no manager listens at ${tried}`,
      refused: `the manager at ${tried} refused to answer`,
      timeout: `the manager at ${tried} did not answer in time`,
    })[code],
  versionOrigin: { option: 'as asked', 'newest-known': 'assumed: the newest known' },
  status: {
    exampleHeadline:
      'No service manager and no units of your own here. This is the example: examples/neko, the squad whose LiteLLM got a SIGTERM and stayed down until a person looked.',
    service: 'service',
    lingerOn: 'linger on',
    lingerOff: 'linger OFF',
    filesOnly: 'from files alone',
    redHeading: 'What stays down, why, and what would help:',
    allServices: 'every service',
    marks: {
      up: 'gets up, and after how long',
      down: 'stays down',
      onDemand: 'starts on demand',
      unsure: 'not certain: timing decides, or files alone do not tell',
      none: 'no fall: it cannot happen, or the service is meant to end',
    },
    noServices: 'no services of your own here',
    noServicesIn: folder => `no services in ${folder}`,
    nothingRed: 'Every service gets up from every fall that systemd can cover.',
    refused: problem => `systemd refuses it: ${problem}`,
    policyDoesNotRestart: value => `Restart=${value} does not restart it after any of these`,
    reloadNeeded: 'files changed: until a daemon-reload systemd still acts on the old ones',
  },
  explain: {
    settings: 'What systemd reads',
    endings: 'How it can end, and what systemd does then',
    defaultValue: 'default',
    staysDown: 'stays down',
    staysStopped: 'stays down, as it was told',
    notKnown: 'cannot be told from files alone',
    runsOn: 'runs on',
    staysExited: 'stays "active", gone all the same',
    hangsOn: 'stays "active", not answering',
    comesBackAlone: 'is started again',
    upAgain: interval => `up again after ${interval}`,
    onDemand: triggers => `starts on demand (${triggers})`,
    cannotHappen: 'Cannot happen here',
    crashLoop: 'When it falls again and again',
    crashLoopOf: (ending, lifetime) =>
      lifetime === '0'
        ? `${ending} right after every start`
        : `${ending}, each time after running ${lifetime}`,
    givesUp: (starts, after) => `systemd gives up after ${starts} starts, in ${after}`,
    neverGivesUp: 'systemd never gives up',
    giveUpUndetermined: 'whether systemd gives up depends on its timing',
    ignoredLines: 'Lines that systemd ignores',
    notLoaded: load => `systemd does not load it (${load})`,
    reloadNeeded: 'Files changed since systemd read them: until a daemon-reload it acts on the old ones.',
  },
  errors: {
    didYouMean: name => `did you mean ${name}?`,
    unknownUnit: (unit, where) => `there is no ${unit} among the units of ${where}`,
    notAUnitName: name => `"${name}" is not the name of a unit`,
    notAService: name => `${name} is not a service: daruma looks at services`,
    missingFile: path => `${path} does not exist`,
    danglingLink: path => `${path} is a link that leads nowhere`,
    linkLoop: path => `${path} is a link that leads round in a circle`,
    unreadable: (path, errno) => `${path} cannot be read (${errno})`,
    notADirectory: path => `${path} is not a directory`,
    notAFile: path => `${path} is not a regular file`,
    unknownEnding: text => `"${text}" is not an ending`,
    endingsAre: forms => `endings are ${forms}`,
    badTimeSpan: text => `"${text}" is not a time span such as 2s, 90s or 1min 30s`,
    badVersion: (text, oldest) => `"${text}" is not a version of systemd; daruma knows ${oldest} and newer`,
    badChoice: (option, value, choices) => `${option} does not take "${value}"; it takes ${choices}`,
    unknownCommand: name => `there is no command "${name}"`,
    unknownOption: name => `there is no option ${name}`,
    missingValue: option => `${option} needs a value`,
    missingArgument: name => `${name} is missing`,
    excessArguments: () => 'that is more than this command takes',
    severalUsers: users => `several users have units there: ${users}`,
    noSuchHome: path => `there is no home ${path}`,
    exclusive: (a, b) => `${a} and ${b} exclude each other`,
    nothingToShow: problem => `nothing to show: ${problem}, and there are no unit files of your own`,
    managerFailed: message => `the service manager did not do as asked: ${message}`,
    cannotWrite: errno => `the output cannot be written (${errno})`,
    internal: message => `daruma failed: ${message}`,
    listUnits: 'run "daruma status" to see the services there are',
    seeHelp: 'run "daruma --help"',
    verboseForStack: 'please report this, with the output of the same command and --verbose',
  },
  help: {
    usage: 'Usage',
    examples: 'Examples',
    commands: 'Commands',
    options: 'Options',
    commonOptions: 'Options of every command',
    endings: 'Endings',
    tagline: 'daruma shows every way a service can fall, and whether it gets up again.',
    status: 'survival table: each service and each fall, whether it gets up and when',
    explain: 'every ending of a service: what systemd does, why, and the line to blame',
    completion: 'print a completion script for your shell',
    exampleLines: {
      daruma: [
        { command: 'daruma', meaning: 'the survival table of your services' },
        { command: 'daruma explain litellm', meaning: 'every ending of litellm.service' },
        { command: 'daruma status examples/neko', meaning: 'the services of an unpacked system' },
      ],
      status: [
        { command: 'daruma status', meaning: 'your services' },
        { command: 'daruma status litellm copilot-api', meaning: 'these two' },
        { command: 'daruma --system status', meaning: 'services of the system manager' },
        {
          command: 'daruma status --systemd 257 ./units',
          meaning: 'a folder of units, judged by systemd 257',
        },
      ],
      explain: [
        { command: 'daruma explain litellm', meaning: 'every ending' },
        { command: 'daruma explain ./litellm.service', meaning: 'a file' },
        {
          command: 'daruma explain litellm --on signal:TERM --on exit:143 --json',
          meaning: 'two endings, for a program',
        },
        {
          command: 'daruma explain litellm --lifetime 2s',
          meaning: 'crash loop of a process that lives 2 s',
        },
      ],
      completion: [
        { command: 'source <(daruma completion bash)', meaning: 'for this shell' },
        { command: 'daruma completion fish > ~/.config/fish/completions/daruma.fish', meaning: 'for good' },
      ],
    },
    option: {
      user: 'the user manager (default)',
      system: 'the system manager',
      root: 'an unpacked system; nothing live is asked',
      home: 'a home; with --root, as seen inside it',
      systemd: 'judge by this version of systemd',
      format: 'human or json',
      json: 'short for --format json',
      lang: 'en or zh-CN (else by LC_ALL, LC_MESSAGES, LANG)',
      color: 'no colour (also NO_COLOR)',
      quiet: 'no notes on stderr, errors alone',
      verbose: 'errors with their stack',
      on: 'only this ending; may be repeated',
      lifetime: 'how long the process lives before each ending (default 0s)',
      help: 'this help',
      version: 'the version',
    },
    endingForms: {
      'exit:N': 'the main process exits with status N',
      'signal:NAME': 'it is killed by a signal, e.g. signal:TERM',
      'core:NAME': 'it dies of a signal and dumps core',
      'start-pre:N': 'ExecStartPre= exits with status N',
      'start-post:N': 'ExecStartPost= exits with status N',
      'condition:N': 'ExecCondition= exits with status N',
      'unready-exit:N': 'as exit:N, before it is ready (notify, dbus, forking)',
      'unready-signal:NAME': 'as signal:NAME, before it is ready',
      'fall-of:UNIT': 'a unit it is tied to (Requires=, BindsTo=, PartOf=) falls',
      'stop-of:UNIT': 'a unit it is tied to is stopped',
      watchdog: 'no keep-alive within WatchdogSec=',
      'start-timeout': 'the start takes longer than TimeoutStartSec=',
      'start-post-timeout': 'ExecStartPost= does',
      'runtime-max': 'it runs longer than RuntimeMaxSec=',
      oom: 'the kernel kills it for lack of memory',
      stop: 'systemctl stop',
      hang: 'it runs and never answers',
      logout: "the user's last session ends",
      'manager-kill': 'kill -9 of the user manager',
      reboot: 'the machine boots anew',
    },
  },
};

function resultInWords(result: string): string {
  return result === 'success' ? 'a clean end' : `"${result}"`;
}

function span(seconds: number): string {
  return seconds === Number.POSITIVE_INFINITY ? 'any time' : `${seconds} s`;
}

function userFlag(scope: 'user' | 'system'): string {
  return scope === 'user' ? '--user ' : '';
}

function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'exit':
      return `exit status ${ending.status}`;
    case 'signal':
      return signalOf(ending.signal);
    case 'core':
      return `${signalOf(ending.signal)} with core dump`;
    case 'unready-exit':
      return `exit ${ending.status} before ready`;
    case 'unready-signal':
      return `${signalOf(ending.signal)} before ready`;
    case 'fall-of':
      return `${ending.unit} falls`;
    case 'stop-of':
      return `${ending.unit} is stopped`;
    case 'start-pre':
      return `ExecStartPre= exits ${ending.status}`;
    case 'start-post':
      return `ExecStartPost= exits ${ending.status}`;
    case 'condition':
      return `ExecCondition= exits ${ending.status}`;
    default:
      return plainEndings[ending.kind];
  }
}

const plainEndings = {
  watchdog: 'watchdog expires',
  'start-timeout': 'start times out',
  'start-post-timeout': 'ExecStartPost= times out',
  'runtime-max': 'runtime limit',
  oom: 'out of memory',
  stop: 'systemctl stop',
  hang: 'hang',
  logout: 'logout',
  'manager-kill': 'user manager killed',
  reboot: 'reboot',
} as const;

const problemTexts: ProblemTexts = {
  colon: ': ',
  notFound: 'there is no such file',
  masked: path => `it is masked by ${path}`,
  aliasLoop: 'its names lead round in a circle',
  unreadable: (path, errno) => `${path} cannot be read (${errno})`,
  syntax: {
    'line-too-long': 'a line of 1 MiB or more',
    'invalid-utf8': 'a line that is not UTF-8',
    'invalid-section-header': 'a section header that is none',
  },
  refusals: {
    'no-command': 'it has neither ExecStart=, ExecStop= nor SuccessAction=',
    'no-exec-start': 'it has no ExecStart=, which only Type=oneshot may leave out',
    'no-exec-start-and-not-remaining': 'it has no ExecStart= and no RemainAfterExit=yes',
    'several-exec-starts': 'it has several ExecStart=, which only Type=oneshot may have',
    'oneshot-restarts-on-success': 'Type=oneshot does not go with Restart=always or on-success',
    'oneshot-forces-restart': 'Type=oneshot does not go with RestartForceExitStatus= before systemd 256',
    'oneshot-exit-type-cgroup': 'Type=oneshot does not go with ExitType=cgroup',
    'dbus-without-name': 'Type=dbus needs a BusName=',
    'pam-with-kill-mode': 'PAMName= needs KillMode=control-group or mixed',
    'dynamic-user-of-user': 'DynamicUser= is not for units of a user manager',
    'dynamic-user-at-home': 'DynamicUser= does not go with WorkingDirectory=~',
  },
  unknownSection: 'no such section here, so all of it is ignored',
  noEffect: 'has no effect in this version',
  strays: {
    'missing-equals': 'no "=" in it',
    'missing-key': 'nothing before the "="',
    'outside-section': 'stands before any section',
  },
  unread: what => `from here on the file is not read: ${what ?? 'this value cannot be'}`,
  settingSince: version => `only systemd ${version} and newer know it`,
  settingBelongsIn: (home, section) => `belongs in [${home}], not in [${section}]`,
  noSuchSetting: (section, suggestion) =>
    suggestion === undefined
      ? `[${section}] has no such setting`
      : `[${section}] has no such setting; did you mean ${suggestion}=?`,
  emptyKeeps: 'an empty value does not reset it; what stood before stays',
  malformed: {
    boolean: 'not a boolean',
    'time-span': 'not a time span',
    integer: 'not an integer',
    signal: 'not a signal',
    mode: 'not a file mode',
    'resource-limit': 'not a resource limit',
    'memory-limit': 'not a memory limit',
    'tasks-max': 'not a number of tasks',
    percentage: 'not a percentage',
    weight: 'not a weight',
  },
  outOfRange: (min, max) => `not between ${min} and ${max}`,
  valueSince: version => `only systemd ${version} and newer know this value`,
  notOneOf: values => `not one of ${values.join(', ')}`,
  noSuchValue: suggestion => `not a value it has; did you mean ${suggestion}?`,
  badWords: words => `passed over: ${words}`,
  pathNotAbsolute: path => `${path} is not an absolute path`,
  pathNotNormalized: path => `${path} has ".." in it`,
  invalidSpecifier: specifier => `%${specifier} means nothing`,
  commands: {
    'unbalanced-quote': () => 'an open quote',
    'invalid-specifier': what => `%${what} means nothing`,
    'empty-path': () => 'no program to run',
    'unsafe-characters': what => `${what} has characters that are not allowed`,
    'path-is-directory': what => `${what} is a directory`,
    'path-not-absolute': what => `${what} is neither an absolute path nor a plain name`,
    'empty-argv': () => 'no arguments at all',
  },
};

import type { Cause } from '../../notify/notice.ts';
import type { Catalogue } from '../catalogue.ts';
import { configuration } from './configuration.ts';
import { describeEnding } from './endings.ts';
import { fallNames } from './fall-names.ts';
import { goesToBackground } from './goes-to-background.ts';
import { alike, ignoredLine, loadProblem, metLimit } from './problems.ts';
import { reasons } from './reasons.ts';
import { startObstacle } from './start-obstacle.ts';
import { failover } from './failover.ts';
import { fix } from './fix.ts';
import { failoverTest } from './failover-test.ts';
import { links } from './links.ts';
import { notices, why as endedHow } from './notices.ts';
import { notify } from './notify.ts';
import { rules } from './rules/index.ts';
import { describeStartRemedy } from '../start-obstacle-parts.ts';
import { enableLinger, enabling, systemctl } from '../shown-commands.ts';
import { setup } from './setup.ts';

export const en: Catalogue = {
  language: 'en',
  punctuation: { list: ', ', semicolon: '; ', colon: ': ', aside: text => ` (${text})` },
  seconds: amount => `${amount} s`,
  reasons,
  rules,
  remedies: {
    'policy-does-not-restart': () => 'Restart=always',
    'restart-prevented': r => `take ${r.what} out of RestartPreventExitStatus=`,
    'stays-exited': () => 'RemainAfterExit=no',
    'delay-never-ends': () => 'RestartSec=5',
    'limit-reached': () => '[Unit] StartLimitIntervalSec=0 and [Service] RestartSec=5',
    'limit-undetermined': () => '[Unit] StartLimitIntervalSec=0 and [Service] RestartSec=5',
    'socket-fails': () => '[Unit] StartLimitIntervalSec=0 and [Service] Restart=on-failure with RestartSec=5',
    'socket-may-fail': () => 'Restart=on-failure with RestartSec=5',
    'linger-off': r => enableLinger(r.user),
    'user-manager-stays-dead': () => 'as root: Restart=on-failure in user@.service.d/',
    'not-enabled': (reason, { unit, ...manager }) => {
      const { install, command } = enabling(manager, unit, reason);
      return install === undefined ? command : `[Install] ${install}, then ${command}`;
    },
    'enabled-to-missing-target': (_, { unit, ...manager }) =>
      `WantedBy=default.target, then ${systemctl(manager, 'reenable', unit)}`,
    'enabled-to-idle-target': (_, { unit, ...manager }) =>
      `WantedBy=default.target, then ${systemctl(manager, 'reenable', unit)}`,
    'requires-missing-unit': r => `drop the dependency on ${r.target}`,
    'gives-way-at-boot': () => 'disable one of the two',
    'one-starts-at-boot': () => 'disable one of the two',
    'cannot-start': r => describeStartRemedy(r, startObstacle),
    'hang-unnoticed': () => 'WatchdogSec=, if the program sends keep-alives',
    'main-process-unknown': () => 'Restart=always, or PIDFile=',
    'main-process-not-found': () => 'Restart=always, or PIDFile=',
    'main-process-not-certain': () => 'Restart=always, or PIDFile=',
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
  fallNames,
  loadProblem,
  ignoredLine,
  alike,
  metLimit,
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
    downHeading: {
      down: 'Down now:',
      looping: 'Down now, or falling again and again:',
      mixed: 'Down now, or worth a look:',
      running: 'Worth a look now:',
    },
    fileGone: 'its unit file is gone: it runs on, and nothing starts it again',
    service: 'service',
    lingerOn: 'linger on',
    lingerOff: 'linger OFF',
    filesOnly: 'from files alone',
    redHeading: 'What stays down, why, and what would help:',
    allServices: 'every service',
    someServices: count => `${count} services`,
    marks: {
      up: 'gets up, and after how long',
      down: 'stays down',
      onDemand: 'starts on demand',
      unsure: 'not certain: timing decides, or files alone do not tell',
      none: 'no fall: it cannot happen, or the service need not run all the time',
    },
    stateMarks: {
      active: 'active now',
      uncertain: 'active, but see above',
      failed: 'failed',
      other: 'not active',
    },
    noServices: 'no services of your own here',
    othersHaveServices: (users, count, first, asFirst, fromFiles) =>
      `${users} ${count === 1 ? 'has' : 'have'} some: "${asFirst}" asks as ${first}, "${fromFiles}" goes by the files alone`,
    noServicesIn: folder => `no services in ${folder}`,
    strayDropIn: file => `${file}: there is no service here that it is for`,
    nothingRed: 'Every service gets up from every fall that systemd can cover.',
    refused: problem => `systemd refuses it: ${problem}`,
    policyDoesNotRestart: value => `Restart=${value} does not restart it after any of these`,
    stopped: services => `Stopped by "systemctl stop" or another job, and not fallen: ${services}`,
    stoppedSince: (service, time) => `${service} (since ${time})`,
    fellThenStopped: (service, cause, fellAt, time) => `${service} ${fellAndStopped(cause, fellAt, time)}`,
    stoppingSince: (service, time, kill) => `${service} (since ${time}, and not ended yet${killTime(kill)})`,
    reloadNeeded: 'files changed: until a daemon-reload systemd still acts on the old ones',
  },
  explain: {
    goesToBackground,
    settings: 'What systemd reads',
    endings: 'How it can end, and what systemd does then',
    settingsAfterReload: held =>
      `What the files say; until a daemon-reload systemd holds ${held === null ? 'what it read before' : `Restart=${held}`}`,
    endingsAfterReload: 'How it can end, and what systemd does then, once it has read the files',
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
    now: 'Now',
    triesOn: 'systemd never gives up: it tries again until that is mended, or somebody stops it',
    giveUpUndetermined: 'whether systemd gives up depends on its timing',
    ignoredLines: 'Lines that systemd ignores',
    notLoaded: load => `systemd does not load it (${load})`,
    stopped: time => `Stopped by "systemctl stop" or another job since ${time}: it has not fallen.`,
    fellThenStopped: (cause, fellAt, time) => `It ${fellAndStopped(cause, fellAt, time)}.`,
    stopping: (time, kill) =>
      `Being stopped by "systemctl stop" or another job since ${time}, and not ended yet${killTime(kill)}.`,
    reloadNeeded: 'Files changed since systemd read them: until a daemon-reload it acts on the old ones.',
  },
  check: {
    severities: { critical: 'critical', warning: 'warning', info: 'info' },
    why: 'why',
    remedy: 'fix',
    accepted: 'accepted',
    reason: 'reason',
    noReason: 'none given',
    summary: ({ units, critical, warning, info, suppressed, alike: notListed = 0 }) => {
      const found = [
        ...(critical > 0 ? [`${critical} critical`] : []),
        ...(warning > 0 ? [`${warning} ${warning === 1 ? 'warning' : 'warnings'}`] : []),
        ...(info > 0 ? [`${info} info`] : []),
        ...(suppressed > 0 ? [`${suppressed} accepted`] : []),
        ...(notListed > 0
          ? [`${notListed} more like these that ${notListed === 1 ? 'is' : 'are'} not listed`]
          : []),
      ];
      const services = units === 0 ? 'no services' : `${units} ${units === 1 ? 'service' : 'services'}`;
      return `${services}: ${found.length === 0 ? 'nothing found' : found.join(', ')}`;
    },
    moreAbout: rule => `More about a rule: daruma rules ${rule}`,
    unknownRule: rule => `there is no rule "${rule}" to ignore`,
  },
  reference: {
    groups: {
      restart: 'Restart',
      hang: 'Hang',
      session: 'Session and boot',
      hooks: 'Hooks',
      secrets: 'Secrets',
      command: 'Command',
      ports: 'Ports',
      file: 'Unit file',
      memory: 'Memory',
      failover: 'Failover',
    },
    group: 'Group',
    severity: 'Severity',
    atWorst: (severity, worst) => `${severity}; ${worst} at worst`,
    knownFrom: 'Known from',
    needs: {
      units: 'the unit files alone',
      home: 'the unit files and whose they are: enablement, lingering',
      machine: 'the machine around the units: its programs and files',
      manager: 'a running service manager',
      'user-manager': 'the system manager: how the manager of the user is',
    },
    onePage: 'All about one of them: daruma rules RULE',
  },
  configuration,
  fix,
  notices,
  notify,
  setup,
  failover,
  links,
  failoverTest,
  errors: {
    didYouMean: name => `did you mean ${name}?`,
    unknownUnit: (unit, where) => `there is no ${unit} among the units of ${where}`,
    notAUnitName: name => `"${name}" is not the name of a unit`,
    badUnitFileName: path =>
      `${path}: systemd takes no unit of that name; it may have ASCII letters, digits and a few signs (:-_.), and 255 characters`,
    notAUnitFile: path => `${path} is not a unit file: daruma reads NAME.service and NAME.service.d/*.conf`,
    notAService: name => `${name} is not a service: daruma looks at services`,
    missingFile: path => `${path} does not exist`,
    danglingLink: path => `${path} is a link that leads nowhere`,
    linkLoop: path => `${path} is a link that leads round in a circle`,
    unreadable: (path, errno) => `${path} cannot be read (${errno})`,
    unwritable: (path, errno) => `${path} cannot be written (${errno})`,
    notADirectory: path => `${path} is not a directory`,
    notAFile: path => `${path} is not a regular file`,
    unknownEnding: text => `"${text}" is not an ending`,
    endingsAre: forms => `endings are ${forms}`,
    badTimeSpan: text => `"${text}" is not a time span such as 2s, 90s or 1min 30s`,
    statusesAre: kind => `behind "${kind}:" comes an exit status from 0 to 255`,
    unitBehind: kind => `behind "${kind}:" comes the name of a unit`,
    signalsAre: names => `signals are ${names}`,
    newerThanKnown: (version, newest) =>
      `systemd ${version} is judged as ${newest}, the newest that daruma knows: what has changed since is not seen`,
    badVersion: (text, oldest) =>
      `"${text}" is not a version of systemd (257, for example); daruma knows ${oldest} and newer`,
    badChoice: (option, value, choices) => `${option} does not take "${value}"; it takes ${choices}`,
    unknownRule: id => `there is no rule "${id}"`,
    listRules: 'run "daruma rules" to see the rules there are',
    unknownCommand: name => `there is no command "${name}"`,
    unknownOption: name => `there is no option ${name}`,
    takesNoValue: option => `${option} takes no value`,
    missingValue: option => `${option} needs a value`,
    missingArgument: name => `${name} is missing`,
    excessArguments: () => 'that is more than this command takes',
    severalUsers: users => `several users have units there: ${users}`,
    noSuchHome: path => `there is no home ${path}`,
    exclusive: (a, b) => `${a} and ${b} exclude each other`,
    nothingToShow: problem => `nothing to show: ${problem}, and there are no unit files of your own`,
    managerFailed: message => `the service manager did not do as asked: ${message}`,
    stateFaults: {
      full: folder => `the disk of ${folder} is full`,
      'not-writable': folder => `${folder} cannot be written`,
    },
    nothingWasDone: reason => `${reason}; nothing was done`,
    cannotWrite: errno => `the output cannot be written (${errno})`,
    doneAllTheSame: 'the command itself was carried out',
    internal: message => `internal error: ${message}`,
    listUnits: status => `run "${status}" to see the services there are`,
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
    fix: 'put right what can be put right: shows it, asks, does it, and can take it back',
    undo: 'take a fix back, to the byte',
    new: 'a complete unit for a service that daruma knows, or for any command',
    check: 'what will bring your services down or keep them down, and what to do about it',
    rules: 'the rules that check goes by: all of them, or one in full',
    config: 'what is configured, where, and whether it is valid',
    notify: 'tell people when a service falls, and when it is up again; no message is lost',
    failover: 'agents that go on answering when a machine is gone: through the other one',
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
      check: [
        { command: 'daruma check', meaning: 'your services' },
        { command: 'daruma check litellm', meaning: 'one of them' },
        { command: 'daruma check ./units --format sarif', meaning: 'a folder of units, for code scanning' },
        { command: 'daruma check --fail-on critical', meaning: 'exit 1 for what is critical only' },
      ],
      fix: [
        { command: 'daruma fix', meaning: 'plan, diff, question, and then the table afterwards' },
        { command: 'daruma fix litellm --dry-run', meaning: 'only see what it would do' },
        {
          command: 'daruma fix litellm --yes --only restart-blind-spot',
          meaning: 'one rule, without a question',
        },
        { command: 'daruma fix --root examples/neko --dry-run', meaning: 'an unpacked system' },
      ],
      undo: [
        { command: 'daruma undo', meaning: 'the last fix' },
        { command: 'daruma undo --dry-run', meaning: 'only see what it would do' },
        { command: 'daruma undo --list', meaning: 'all of them, with their numbers' },
      ],
      new: [
        { command: 'daruma new litellm', meaning: 'a unit of LiteLLM, as it should be' },
        {
          command: 'daruma new squad --dry-run -- /opt/squad/run --port 9000',
          meaning: 'a unit of any command, only shown',
        },
      ],
      notify: [
        {
          command: 'daruma notify setup',
          meaning: "OpenClaw's Telegram bot writes to you; asks first",
        },
        { command: 'daruma notify install', meaning: 'hooks for your services, and the timer; asks first' },
        { command: 'daruma notify test', meaning: 'a message to each channel, and what became of it' },
        { command: 'daruma notify mute litellm 2h', meaning: 'nothing about litellm for two hours' },
        { command: 'daruma notify status', meaning: 'what waits, since when, and why' },
      ],
      failover: [
        { command: 'daruma failover', meaning: 'who is alive, who would be next, what is missing' },
        { command: 'daruma failover plan', meaning: 'what makes the machines stand in for each other' },
        { command: 'daruma failover apply --to kuma@kuma.example.com', meaning: 'do it, here and there' },
        { command: 'daruma failover test --down', meaning: 'stop the local proxy and see who answers' },
      ],
      rules: [
        { command: 'daruma rules', meaning: 'all rules, by group' },
        { command: 'daruma rules restart-blind-spot', meaning: 'one rule: why it matters, what to do' },
      ],
      config: [
        { command: 'daruma config', meaning: 'every value, and which line says so' },
        { command: 'daruma config path', meaning: 'the file, or where it would be' },
        { command: 'daruma config validate ./draft.yaml', meaning: 'all that is wrong with a file' },
        { command: 'daruma config schema > config.schema.json', meaning: 'for your editor' },
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
      config: 'this configuration file',
      systemd: 'judge by this version of systemd',
      format: 'human or json; check also has sarif, github, markdown',
      json: 'short for --format json',
      lang: 'en or zh-CN (else by LC_ALL, LC_MESSAGES, LANG)',
      color: 'no colour (also NO_COLOR)',
      quiet: 'no notes on stderr, errors alone',
      verbose: 'what was accepted, too; errors with their stack',
      on: 'only this ending; may be repeated',
      lifetime: 'how long the process lives before each ending (default 0s)',
      restart: 'restart services whose changes count only then, and start what fell',
      dryRun: 'show the plan and change nothing',
      yes: 'do it without asking',
      only: 'only what this rule finds (repeatable); also what is merely possible',
      to: 'write the drop-ins below this folder, and do nothing else',
      toHost: 'apply there as well, over ssh (repeatable)',
      front: 'plan, apply: HAProxy before the local LiteLLM (without a word: where it is installed)',
      noFront: 'plan, apply: no HAProxy before LiteLLM; one that is there stays as it is',
      refused: 'status: what services refused for good, and why; flush: send it again',
      down: 'test: what becomes of the local proxy meanwhile: stop (without HOW), kill, hang; it runs again whatever happens',
      input: 'never ask anything',
      list: 'list the fixes there are',
      continue: 'finish the fix that was interrupted',
      failOn: 'exit 1 from this severity on: info, warning (default) or critical',
      help: 'this help',
      version: 'the version',
    },
    actions: 'Actions',
    configActions: {
      show: 'every value with the line that says so, or default (without an action)',
      path: 'the file that is used, or would be',
      schema: 'the JSON Schema of the file',
      validate: 'all that is wrong with the file, or with FILE; exit 2 if anything is',
    },
    notifyActions: {
      status: 'what waits, since when, and why (without an action)',
      'setup [CHAT]':
        "let OpenClaw's Telegram bot, or another one, write to you: tries it, then writes the channel and the hooks",
      test: 'send a message to each channel; exit 1 if one did not take it',
      'send TEXT': 'send a text of your own',
      'install [UNIT...]': 'hooks for these services, or for all of yours, and the timer',
      'uninstall [UNIT...]': 'take them away',
      'mute [UNIT...] SPAN': 'tell nothing of these services, or of any, for a while',
      'unmute [UNIT...]': 'tell again',
      flush: 'take the signs of hooks and deliver what is due, at once',
      'hook UNIT': 'what the hooks of earlier versions call',
    },
    failoverActions: {
      status: 'who is alive, who would be next, what is missing (without an action)',
      plan: 'the edits of openclaw.json on each machine, and what its web server needs',
      apply: 'make the edits of this machine; with --to those of others',
      check: 'whether the way to the other machines is open, and which models they have',
      test: 'real requests through each provider of the chain; costs a token or a few each',
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

/** Until when systemd waits for the end of a stop. */
function killTime(kill: string | null | undefined): string {
  if (kill === undefined) return '';
  return kill === null ? '; systemd waits for its end without a limit' : `; systemd kills it at ${kill}`;
}

function fellAndStopped(cause: Cause, fellAt: string | undefined, time: string): string {
  const at = fellAt === undefined ? '' : ` (at ${fellAt})`;
  return `${endedHow(cause)}${at}; before systemd restarted it, "systemctl stop" or another job stopped it, at ${time}`;
}

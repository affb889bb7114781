/** One of each thing that a catalogue has words for. Every argument is a text that occurs nowhere else. */
import type { ProxyFault } from '../../src/http/connection-fault.ts';
import type { Content } from '../../src/http/content.ts';
import type { ChannelFault } from '../../src/notify/channel.ts';
import type { LinkFault, NotAskedReason } from '../../src/failover/live/link-fault.ts';
import type { Turn } from '../../src/failover/live/agent-turn.ts';
import type { StreamResult } from '../../src/failover/live/gentle-stream.ts';
import type { OutageEnd, OutageStage } from '../../src/failover/live/outage.ts';
import type { StopRefusal } from '../../src/failover/live/stoppable.ts';
import type { FrontNote, NoFront } from '../../src/failover/front/plan.ts';
import type { FrontPlaceNow } from '../../src/i18n/front-texts.ts';
import type { GatewayNote } from '../../src/failover/gateway-edits.ts';
import type { RefusedReason } from '../../src/failover/plan.ts';
import type { Grip } from '../../src/failover/live/in-force.ts';
import type { ShipFault } from '../../src/failover/ship.ts';
import type { Answering } from '../../src/failover/standing.ts';
import type { Incident } from '../../src/notify/incident.ts';
import type { Cause } from '../../src/notify/notice.ts';
import type { Catalogue } from '../../src/i18n/catalogue.ts';
import { type Ending, endingForms, parseEnding } from '../../src/restart/ending.ts';
import type { ReasonCode } from '../../src/restart/reason.ts';
import type { IgnoredLine, IgnoredProblem } from '../../src/systemd/assignments.ts';
import type { ExpectedValue, ValueProblem } from '../../src/systemd/directives.ts';
import type { ManagerProblem } from '../../src/systemd/host/host.ts';
import type { Expectation, ConfigurationFault, SyntaxFault } from '../../src/config/problem.ts';
import type { PolicyNote } from '../../src/config/host-policy.ts';
import type { LoadProblem, RefusalRule } from '../../src/systemd/unit.ts';
import type { UnitFileFatal } from '../../src/systemd/unit-file.ts';
import type { CommandProblem } from '../../src/systemd/values/command-line.ts';

type ArgumentsOf<C extends ReasonCode> = Omit<
  Parameters<Catalogue['reasons'][C]>[0],
  'code' | 'setting' | 'value' | 'source'
>;

const hook = { hook: 'ExecStartPre' } as const;
const hookExits = { hook: 'ExecCondition', status: 217 } as const;
const limit = { burst: 83, intervalSeconds: 97 } as const;
const other = { other: 'other.service' } as const;
const target = { target: 'wanted.target' } as const;
const user = { user: 'tama' } as const;
const what = { what: 'SIGRTMIN+7' } as const;

const reasonArguments: { readonly [C in ReasonCode]: ArgumentsOf<C> } = {
  'end-clean-exit': what,
  'end-clean-signal': what,
  'end-listed': what,
  'end-failed-exit': what,
  'end-signal': what,
  'end-signal-of-command': what,
  'end-core-dump': what,
  'failure-ignored': { command: '/opt/hook' },
  'main-process-unknown': {},
  'main-process-not-found': {},
  'main-process-not-certain': {},
  'watchdog-expired': {},
  'start-timed-out': {},
  'start-post-timed-out': {},
  'runtime-exceeded': {},
  'oom-stops': {},
  'oom-continues': {},
  'oom-unseen-on-legacy-cgroups': {},
  'oom-unaccounted': {},
  'hook-failed': hookExits,
  'start-post-kills-main': {},
  'condition-skips': hookExits,
  'protocol-before-ready': {},
  'name-may-go-first': {},
  'policy-restarts': { result: 'exit-code' },
  'policy-does-not-restart': { result: 'core-dump' },
  'restart-prevented': what,
  'restart-forced': what,
  'force-not-for-successful-oneshot': {},
  'skip-never-restarts': {},
  'goes-to-background': { effect: 'killed' },
  'stays-exited': {},
  'stop-is-respected': {},
  'stop-runs-next-command': {},
  'delay-never-ends': {},
  delay: {},
  'limit-reached': limit,
  'socket-fails': { trigger: 'wanted.socket', ...limit },
  'socket-may-fail': { trigger: 'wanted.socket' },
  'limit-undetermined': limit,
  'limit-out-of-reach': limit,
  'limit-off': {},
  'no-watchdog': {},
  'no-start-timeout': {},
  'no-runtime-limit': {},
  'no-main-process': {},
  'ready-at-once': {},
  'not-tied': other,
  'cannot-fall': other,
  'no-hook': hook,
  'hook-ends-in-time': { hook: 'ExecStartPost', seconds: 89 },
  'hook-failure-is-no-end': hookExits,
  'system-manager-cannot-be-killed': {},
  'hang-unnoticed': {},
  'linger-on': user,
  'linger-off': user,
  'linger-unknown': user,
  'logout-does-not-matter': {},
  'user-manager-stays-dead': {},
  'user-manager-restarts': {},
  'started-at-boot': { by: 'starter.target' },
  'not-enabled': { isInstallable: true, target: 'default.target' },
  'enabled-to-missing-target': target,
  'enabled-to-idle-target': target,
  'requires-missing-unit': target,
  'gives-way-at-boot': target,
  'one-starts-at-boot': target,
  'cannot-start': { fault: { kind: 'privileges', status: '218/CAPABILITIES' }, doubt: null },
  'may-not-start': {
    fault: { kind: 'file', path: '/mnt/run', role: 'interpreter', problem: 'missing', script: '/mnt/script' },
    doubt: 'volatile',
  },
  upheld: { by: 'upholder.service' },
  'on-demand': { trigger: 'trigger.socket' },
  'stopped-with': other,
  'pulled-in-with': other,
  'not-brought-back': {},
  'restarted-with': other,
  'unharmed-by-fall-of': other,
};

/** A reason of each code; `setting` and `value` are arguments like the others. */
export const reasons: ReadonlyMap<string, object> = new Map(
  Object.entries(reasonArguments).map(([code, more]) => [
    code,
    { code, setting: 'PartOf', value: 'value-41', source: null, ...more },
  ]),
);

/** The endings, by their form. */
export const endings: ReadonlyMap<string, Ending> = new Map(
  endingForms.map(form => {
    const text = form.replace(':NAME', ':SIGUSR2').replace(':N', ':217').replace(':UNIT', ':other.service');
    const ending = parseEnding(text);
    if (ending === undefined) throw new Error(`${form} is not an ending`);
    return [form, ending];
  }),
);

const expectedValues = every<ExpectedValue>({
  boolean: true,
  'time-span': true,
  integer: true,
  signal: true,
  mode: true,
  'resource-limit': true,
  'memory-limit': true,
  'tasks-max': true,
  percentage: true,
  weight: true,
});

const commandProblems: { readonly [C in CommandProblem['code']]: Extract<CommandProblem, { code: C }> } = {
  'unbalanced-quote': { code: 'unbalanced-quote' },
  'invalid-specifier': { code: 'invalid-specifier', specifier: 'Q', word: '%Q' },
  'empty-path': { code: 'empty-path' },
  'unsafe-characters': { code: 'unsafe-characters', path: '/opt/a*' },
  'path-is-directory': { code: 'path-is-directory', path: '/opt/folder/' },
  'path-not-absolute': { code: 'path-not-absolute', path: './run.sh' },
  'empty-argv': { code: 'empty-argv' },
};

const valueProblems: readonly ValueProblem[] = Object.values({
  empty: [{ code: 'empty' }],
  malformed: expectedValues.map(expected => ({ code: 'malformed', expected }) as const),
  'out-of-range': [{ code: 'out-of-range', min: 83, max: 97 }],
  'unknown-value': [
    { code: 'unknown-value', values: ['geese', 'ducks'] },
    { code: 'unknown-value', values: ['geese'], suggestion: 'swans' },
    { code: 'unknown-value', values: ['geese'], since: 254 },
  ],
  'bad-words': [{ code: 'bad-words', words: ['SIGFOO', 'SIGBAR'], rest: true }],
  'path-not-absolute': [{ code: 'path-not-absolute', path: './run.sh' }],
  'path-not-normalized': [{ code: 'path-not-normalized', path: '/opt/../run' }],
  'invalid-specifier': [{ code: 'invalid-specifier', specifier: 'Q' }],
  'bad-command': Object.values(commandProblems).map(
    problem => ({ code: 'bad-command', problem, rest: false }) as const,
  ),
} satisfies { readonly [C in ValueProblem['code']]: readonly Extract<ValueProblem, { code: C }>[] }).flat();

const fatals = every<UnitFileFatal['problem']>({
  'line-too-long': true,
  'invalid-utf8': true,
  'invalid-section-header': true,
});

const refusals = every<RefusalRule>({
  'isolates-several': true,
  'no-command': true,
  'no-exec-start': true,
  'no-exec-start-and-not-remaining': true,
  'several-exec-starts': true,
  'oneshot-restarts-on-success': true,
  'oneshot-forces-restart': true,
  'oneshot-exit-type-cgroup': true,
  'dbus-without-name': true,
  'pam-with-kill-mode': true,
  'dynamic-user-of-user': true,
  'dynamic-user-at-home': true,
});

const source = { file: '/etc/systemd/user/a.service', line: 3 };

export const loadProblems: readonly LoadProblem[] = Object.values({
  'not-found': [{ code: 'not-found' }],
  masked: [{ code: 'masked', path: '/etc/masked' }],
  'alias-loop': [{ code: 'alias-loop' }],
  unreadable: [{ code: 'unreadable', path: '/etc/unit', errno: 'EACCES' }],
  syntax: fatals.map(problem => ({ code: 'syntax', problem, source }) as const),
  'bad-value': valueProblems.map(
    reason => ({ code: 'bad-value', key: 'KillMode', reason, source, load: 'error' }) as const,
  ),
  refused: refusals.map(rule => ({ code: 'refused', rule, source }) as const),
} satisfies { readonly [C in LoadProblem['code']]: readonly Extract<LoadProblem, { code: C }>[] }).flat();

const ignoredProblems: readonly IgnoredProblem[] = Object.values({
  stray: [
    { code: 'stray', problem: 'missing-equals' },
    { code: 'stray', problem: 'missing-key' },
    { code: 'stray', problem: 'outside-section' },
  ],
  'unknown-section': [{ code: 'unknown-section' }],
  'unknown-setting': [
    { code: 'unknown-setting' },
    { code: 'unknown-setting', suggestion: 'NearName' },
    { code: 'unknown-setting', suggestion: 'Manager.FarName' },
    { code: 'unknown-setting', since: 254 },
  ],
  'no-effect': [{ code: 'no-effect' }],
  'bad-value': valueProblems.map(reason => ({ code: 'bad-value', reason, counts: undefined }) as const),
  unread: [...fatals, 'fatal-value' as const].map(problem => ({ code: 'unread', problem }) as const),
} satisfies {
  readonly [C in IgnoredProblem['code']]: readonly Extract<IgnoredProblem, { code: C }>[];
}).flat();

export const ignoredLines: readonly IgnoredLine[] = ignoredProblems.map(problem => ({
  source,
  section: 'Slice',
  key: 'Setting',
  value: 'value-41',
  problem,
}));

export const managerProblems: readonly ManagerProblem[] = every<ManagerProblem['code']>({
  offline: true,
  'not-systemd': true,
  'no-runtime-directory': true,
  'no-socket': true,
  refused: true,
  timeout: true,
}).map(code => ({ code, tried: '/run/tried' }));

const syntaxFaults = every<SyntaxFault>({
  'not-utf8': true,
  tab: true,
  indentation: true,
  'not-closed': true,
  'nested-key': true,
  'too-deep': true,
  'too-large': true,
  'duplicate-key': true,
  'several-documents': true,
  alias: true,
  tag: true,
  escape: true,
  other: true,
});

const expectations = every<Expectation>({
  mapping: true,
  list: true,
  text: true,
  boolean: true,
  reason: true,
  'service-name': true,
  probe: true,
  'http-url': true,
  'server-url': true,
  'http-status': true,
  'host-and-port': true,
  'absolute-path': true,
  command: true,
  count: true,
  'time-span': true,
  secret: true,
  'mail-address': true,
  'mail-server': true,
  chat: true,
  'priority-to-5': true,
  'priority-to-10': true,
  'clock-time': true,
  'line-count': true,
  'time-span-or-zero': true,
});

const proxyFaults: readonly (ProxyFault | null)[] = [
  null,
  ...every<ProxyFault>({
    'name-not-found': true,
    unreachable: true,
    'refused-connection': true,
    timeout: true,
    tls: true,
    unauthorized: true,
    refuses: true,
    'not-http': true,
  }),
];

export const channelFaults: readonly ChannelFault[] = every<ChannelFault['code']>({
  'name-not-found': true,
  unreachable: true,
  'refused-connection': true,
  'connection-lost': true,
  timeout: true,
  tls: true,
  proxy: true,
  unauthorized: true,
  forbidden: true,
  'not-found': true,
  'wrong-service': true,
  'rate-limited': true,
  'server-error': true,
  rejected: true,
  moved: true,
  'wrong-security': true,
  'secret-missing': true,
  'command-failed': true,
  'too-long': true,
}).map(code => ({ code, status: null, detail: 'EDETAIL' }));

export const incidentStates = every<Incident['state']>({
  down: true,
  starting: true,
  'not-ready': true,
  up: true,
  'stays-down': true,
  failed: true,
  stopped: true,
});

/** Every result of systemd 262 (`service_result_table`), every kind of end, and one that nobody knows yet. */
export const causes: readonly Cause[] = [
  { result: null, code: null, status: null },
  ...['0', '3', '137', '143', '200', '203'].map(status => ({ result: 'exit-code', code: 'exited', status })),
  ...['TERM', 'SEGV'].map(status => ({ result: 'signal', code: 'killed', status })),
  { result: 'core-dump', code: 'dumped', status: 'ABRT' },
  { result: 'exit-code', code: null, status: null },
  ...['oom-kill', 'watchdog', 'timeout', 'protocol', 'resources', 'start-limit-hit', 'brand-new'].map(
    result => ({ result, code: null, status: null }),
  ),
];

export const configurationFaults: readonly ConfigurationFault[] = Object.values({
  syntax: syntaxFaults.map(fault => ({ code: 'syntax', fault }) as const),
  'unknown-key': [{ code: 'unknown-key', key: 'geese', known: ['ducks'] }],
  'unknown-rule': [{ code: 'unknown-rule', rule: 'geese' }],
  'needs-one-of': [{ code: 'needs-one-of', keys: ['geese', 'ducks'] }],
  'only-one-of': [{ code: 'only-one-of', keys: ['geese', 'ducks'] }],
  'repeated-unit': [{ code: 'repeated-unit', unit: 'other.service', line: 83 }],
  'repeated-channel': [{ code: 'repeated-channel', name: 'telegram', line: 7 }],
  'repeated-node': [{ code: 'repeated-node', name: 'kuma', line: 7 }],
  'not-one-of': [{ code: 'not-one-of', choices: ['geese', 'ducks'] }],
  unexpected: expectations.map(expected => ({ code: 'unexpected', expected }) as const),
} satisfies {
  readonly [C in ConfigurationFault['code']]: readonly Extract<ConfigurationFault, { code: C }>[];
}).flat();

export const policyNotes: readonly PolicyNote[] = [
  { code: 'no-such-unit', unit: 'other.service', suggestion: undefined, source },
  { code: 'no-known-probe', unit: 'other.service', source },
];

/** What stands in the way of a plan, on the way to another machine, and of an answer. */
export const refusedReasons: readonly RefusedReason[] = Object.values({
  broken: {
    code: 'broken',
    file: '/opt/geese',
    problem: { code: 'missing-file', source: null, file: '/opt/ducks' },
  },
  unreadable: { code: 'unreadable', file: '/opt/geese' },
  'no-json5': { code: 'no-json5', file: '/opt/geese', line: 83 },
  link: { code: 'link', file: '/opt/geese', target: '/opt/ducks' },
  scattered: { code: 'scattered', file: '/opt/geese', path: ['geese', 'ducks'] },
  'unwritable-variable': { code: 'unwritable-variable', file: '/opt/geese', variable: 'GEESE_KEY' },
  'not-as-meant': { code: 'not-as-meant', file: '/opt/geese' },
} satisfies { readonly [C in RefusedReason['code']]: Extract<RefusedReason, { code: C }> });

const noKey = { code: 'no-key', file: '/opt/geese', node: 'kuma', variable: 'GEESE_KEY' } as const;

export const frontNotes: readonly FrontNote[] = [
  { code: 'edited', file: '/opt/geese' },
  { code: 'missing', file: '/opt/geese' },
  { code: 'no-hooks', unit: 'swans.service' },
  { code: 'address', node: 'kuma' },
  { code: 'retries', file: '/opt/geese' },
  { code: 'model-missing', node: 'kuma', model: 'geese' },
  { code: 'other-port', usual: 4010, port: 4011 },
  { code: 'no-stand-in', node: 'kuma', fault: { code: 'certificate-expired', host: 'kuma', sinceMs: 0 } },
];

export const noFronts: readonly NoFront[] = [
  { code: 'no-litellm' },
  { code: 'several-litellms', names: ['tama', 'momo'] },
  { code: 'no-port' },
  { code: 'no-unit-folder' },
  { code: 'front-key', node: 'kuma', reference: 'file:/opt/ducks' },
  { code: 'no-authorities' },
];

export const frontPlaces = [
  {
    name: 'own.service',
    isUp: true,
    said: undefined,
    forSeconds: 217,
    requests: 83,
    failed: 0,
    answered: 83,
  },
  { name: 'kuma', isUp: true, said: undefined, forSeconds: undefined, requests: 97, failed: 2, answered: 95 },
] as const satisfies readonly FrontPlaceNow[];

export const gatewayNotes: readonly GatewayNote[] = [
  { code: 'no-local-primary', file: '/opt/geese' },
  { ...noKey, reference: null },
  { ...noKey, reference: 'file:/opt/ducks' },
  { code: 'no-key', file: '/opt/geese', node: 'kuma', keyFile: '/opt/kuma.key', reference: null },
  { code: 'no-fallbacks-wanted', file: '/opt/geese', setting: 'agents.defaults.model' },
  { code: 'unclear-reference', file: '/opt/geese', reference: '${GEESE}', reason: 'variable' },
  { code: 'unclear-reference', file: '/opt/geese', reference: 'geese/', reason: 'form' },
  { code: 'unclear-reference', file: '/opt/geese', reference: 'Geese/grey', reason: 'alike' },
  { code: 'key-in-store', file: '/opt/geese', provider: 'kuma', profile: 'kuma:manual' },
  { code: 'no-variable', file: '/opt/geese', provider: 'kuma' },
  { code: 'other-key', file: '/opt/geese', node: 'kuma', keyFile: '/etc/unit' },
  { code: 'version-missing', file: '/opt/geese', provider: 'kuma', better: 'https://swans.example.com/v1' },
  ...(['keyFiles', 'timeoutSeconds'] as const).map(
    setting =>
      ({
        code: 'older-version',
        file: '/opt/geese',
        version: '2026.2.1',
        setting,
        since: '2026.2.26',
      }) as const,
  ),
  { code: 'unknown-version', file: '/opt/geese', since: '2026.4.26' },
];

export const grips: readonly (Grip | 'ended')[] = Object.values({
  'in-force': 'in-force',
  cold: 'cold',
  keyless: 'keyless',
  'until-restart': 'until-restart',
  older: 'older',
  'stale-file': 'stale-file',
  'given-otherwise': 'given-otherwise',
  other: 'other',
  'reload-off': 'reload-off',
  refused: 'refused',
  'since-start': 'since-start',
  'changed-since': 'changed-since',
  unknown: 'unknown',
  'next-start': 'next-start',
  changing: 'changing',
  'not-seen': 'not-seen',
  ended: 'ended',
} satisfies { readonly [G in Grip | 'ended']: G });

export const shipFaults: readonly ShipFault[] = Object.values({
  'no-destination': { code: 'no-destination' },
  'no-ssh': { code: 'no-ssh' },
  'not-connected': { code: 'not-connected', said: 'ESAID' },
  'no-daruma': { code: 'no-daruma' },
  'too-old': { code: 'too-old' },
  timeout: { code: 'timeout', seconds: 83 },
  refused: { code: 'refused', message: '汉 geese', hint: null },
  'no-answer': { code: 'no-answer', status: 97, said: 'ESAID' },
} satisfies { readonly [C in ShipFault['code']]: Extract<ShipFault, { code: C }> });

export const backgroundEffects = ['killed', 'stopped', 'unwatched', 'hidden'] as const;

export const answerings: readonly Answering[] = [
  { kind: 'answers', afterSeconds: 0.83 },
  { kind: 'answers', afterSeconds: 0.83, refused: { path: '/usage', status: 500 } },
  { kind: 'answers', afterSeconds: 0.83, refused: { path: '/usage', status: null } },
  { kind: 'not-asked' },
  { kind: 'lists', afterSeconds: 0.83 },
  { kind: 'faulty', fault: { code: 'key-missing', whose: 'provider', place: 'EPLACE' } },
  { kind: 'unclear', fault: { code: 'rate-limited', host: 'EHOST' } },
  { kind: 'not-running', isTaken: true },
  { kind: 'not-running', isTaken: false },
  { kind: 'other-port', isTaken: true, listensOn: [83, 97] },
  { kind: 'other-port', isTaken: false, listensOn: [] },
  ...every<Extract<Answering, { kind: 'silent' }>['code']>({
    'name-not-found': true,
    unreachable: true,
    'refused-connection': true,
    'connection-lost': true,
    timeout: true,
    tls: true,
    proxy: true,
    'too-long': true,
    unwell: true,
  }).map(code => ({ kind: 'silent', code, status: 503 }) as const),
  ...every<Content['kind']>({ page: true, json: true, text: true, empty: true }).map(
    kind =>
      ({
        kind: 'silent',
        code: 'unwell',
        status: 200,
        mismatch: { expected: 'ETEXT', came: { kind, said: 'ESAID' } },
      }) as const,
  ),
  ...proxyFaults.map(
    fault => ({ kind: 'silent', code: 'proxy', status: null, proxy: { address: 'EHOST:1', fault } }) as const,
  ),
];

/** Names that the compiler knows to be all there are. */
function every<T extends string>(codes: Readonly<Record<T, true>>): readonly T[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are checked where they are written
  return Object.keys(codes) as T[];
}

const host = 'kuma.example.com:8443';
const ms = Date.UTC(2027, 2, 4);

export const linkFaults: readonly LinkFault[] = [
  { code: 'address-invalid', address: '/etc/unit' },
  { code: 'address-invalid', address: '' },
  { code: 'plain-http', host, sendsKey: true },
  { code: 'plain-http', host, sendsKey: false },
  ...(['name-not-found', 'no-route', 'refused', 'cut-off', 'no-connection', 'proxy'] as const).flatMap(how =>
    [true, false].map(
      isOwnMachine => ({ code: 'unreachable', host, how, detail: 'EACCES', isOwnMachine }) as const,
    ),
  ),
  ...(['tls', 'headers', 'body', 'answer'] as const).flatMap(phase =>
    (['set', 'missing', 'no-provider'] as const).map(
      each => ({ code: 'hangs', host, phase, afterSeconds: 97, limit: each }) as const,
    ),
  ),
  { code: 'tls-failed', host, detail: 'EACCES' },
  ...(
    ['self-signed', 'issuer-expired', 'incomplete-chain', 'unknown-issuer', 'not-accepted'] as const
  ).flatMap(problem =>
    [true, false].map(
      isKnownToMachine =>
        ({ code: 'certificate-refused', host, problem, issuer: 'ducks', isKnownToMachine }) as const,
    ),
  ),
  { code: 'certificate-expired', host, sinceMs: ms },
  { code: 'certificate-not-yet-valid', host, fromMs: ms },
  { code: 'certificate-wrong-name', host, names: ['geese', 'ducks'] },
  { code: 'certificate-expires-soon', host, untilMs: ms, days: 83 },
  { code: 'certificate-expires-soon', host, untilMs: ms, days: 1 },
  { code: 'redirected', host, status: 307, to: 'https://swans.example.com/', isOtherHost: true },
  { code: 'redirected', host, status: 301, to: '', isOtherHost: false },
  { code: 'key-missing', whose: 'own-proxy', place: 'tama' },
  { code: 'key-missing', whose: 'provider', place: 'tama' },
  {
    code: 'key-missing',
    whose: 'other-node',
    place: 'tama',
    home: { of: 'node', in: 'variable', name: 'EVAR' },
  },
  { code: 'key-missing', whose: 'own-node', place: 'tama', home: { of: 'node', in: 'file', file: '/ducks' } },
  { code: 'key-missing', whose: 'own-node', place: 'tama', home: { of: 'node', in: 'nothing' } },
  {
    code: 'key-missing',
    whose: 'own-proxy',
    place: 'tama',
    home: { of: 'provider', in: 'variable', name: 'EVAR', file: '/ducks' },
  },
  { code: 'key-missing', whose: 'provider', place: 'tama', home: { of: 'provider', in: 'nothing' } },
  {
    code: 'key-not-tried',
    place: 'models.providers.kuma.apiKey',
    holder: 'openclaw',
    command: 'openclaw models status --probe',
  },
  {
    code: 'key-not-tried',
    place: 'models.providers.kuma.apiKey',
    holder: 'program',
    command: 'openclaw models status --probe',
  },
  { code: 'key-refused', host, status: 401 },
  { code: 'key-refused', host, status: 401, accepted: { node: 'geese', files: ['/etc/unit'] } },
  { code: 'key-refused', host, status: 401, accepted: { node: 'geese', files: [] } },
  { code: 'key-readable', file: '/etc/unit', mode: '0644' },
  { code: 'open-to-all', host },
  { code: 'server-failed', host, status: 502, said: 'geese' },
  { code: 'server-failed', host, status: 500, said: '' },
  { code: 'request-refused', host, status: 400, said: 'geese' },
  { code: 'request-refused', host, status: 404, said: '' },
  { code: 'rate-limited', host },
  {
    code: 'wrong-service',
    url: 'https://swans.example.com/',
    status: 200,
    expected: 'models',
    came: { kind: 'page', said: 'Login' },
  },
  {
    code: 'wrong-service',
    url: 'https://swans.example.com/',
    status: 200,
    expected: 'completion',
    came: { kind: 'json', said: '{"ok":true}' },
  },
  { code: 'other-program', service: 'geese.service', host, state: 'not-running', lists: false },
  { code: 'other-program', service: 'geese.service', host, state: 'other-port', lists: true },
  {
    code: 'version-missing',
    url: 'https://swans.example.com/models',
    status: 404,
    better: 'https://swans.example.com/v1',
  },
  { code: 'models-not-listed', url: 'https://swans.example.com/', status: 404 },
  { code: 'model-missing', host, model: 'geese', listed: 83, suggestion: 'ducks' },
  { code: 'model-missing', host, model: 'geese', listed: 83, suggestion: null },
  { code: 'credentials-refused', service: 'geese.service', url: 'http://127.0.0.1:4141/usage', status: 500 },
  { code: 'credentials-refused', service: 'geese.service', url: 'http://127.0.0.1:4141/usage', status: null },
  { code: 'slow', host, seconds: 97 },
  { code: 'answer-cut', host, seconds: 97 },
  { code: 'answer-empty', host },
  { code: 'answer-stopped', host, reason: 'content_filter', isOfFilter: true },
  { code: 'answer-stopped', host, reason: 'geese', isOfFilter: false },
  { code: 'answer-may-be-cut', server: 'nginx', seconds: 61, waitsSeconds: 97 },
  { code: 'answer-may-be-cut', server: 'Cloudflare', seconds: 61, waitsSeconds: 97 },
  { code: 'events-not-passed', host },
  { code: 'proxy-crosses', from: 'geese', model: 'swans', to: 'ducks', circle: ['geese', 'ducks', 'geese'] },
  { code: 'proxy-crosses', from: 'geese', model: 'swans', to: 'ducks', circle: null },
];

export const notAskedReasons: readonly NotAskedReason[] = [
  { code: 'no-address' },
  { code: 'unknown-api', api: 'geese' },
  { code: 'not-declared' },
  { code: 'not-followed', settings: ['request.proxy', 'request.tls.key'] },
];

export const outageStages = every<OutageStage>({ stopping: true, down: true, starting: true });

const quiet = {
  asked: 83,
  lost: [],
  cut: 0,
  slowestSeconds: 97,
  by: new Map([['geese', 217]]),
  againSeconds: 2.2,
} as const;

export const streams: readonly StreamResult[] = [
  quiet,
  { ...quiet, by: new Map([['', 217]]), againSeconds: null },
  { ...quiet, cut: 2, slowestSeconds: null, by: new Map() },
];

export const outageEnds: readonly OutageEnd[] = [
  { kind: 'ready' },
  { kind: 'not-ready' },
  { kind: 'stopped' },
  { kind: 'down', said: 'geese' },
];

const turn = { outcome: 'answered', seconds: 97, answeredBy: 'geese/ducks', attempts: [], said: '' } as const;

export const turns: readonly Turn[] = [
  turn,
  { ...turn, answeredBy: null },
  { ...turn, outcome: 'failed', said: 'swans' },
  { ...turn, outcome: 'timeout' },
  { ...turn, outcome: 'interrupted' },
];

export const stopRefusals: readonly StopRefusal[] = [
  { code: 'no-manager' },
  { code: 'not-running', unit: 'own.service', state: 'inactive' },
  { code: 'down-after-reboot', unit: 'own.service' },
  { code: 'others-stop-with-it', unit: 'own.service', others: ['other.service', 'upholder.service'] },
  { code: 'started-by-others', unit: 'own.service', others: ['trigger.socket'] },
];

export const noticedOutages = (['machine', 'manager'] as const).flatMap(of =>
  (['shutdown', 'crash', 'unknown'] as const).map(end => ({ of, end })),
);

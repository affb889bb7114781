/**
 * Tests whether the recordings find errors of the model. It puts deliberate errors into a copy of the model, one at a time; each
 * has to disagree with the recorded behaviour of real systemds.
 *
 *   node lab/conformance/main.ts --systemd all --count 500 --record FILE
 *   node lab/conformance/mutants.ts FILE
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Mutant {
  readonly error: string;
  readonly file: string;
  /** Text that the file contains exactly once. */
  readonly from: string;
  readonly to: string;
}

const decision = 'src/restart/decision.ts';
const processEnd = 'src/restart/process-end.ts';
const delay = 'src/restart/delay.ts';
const fall = 'src/restart/fall.ts';
const outcome = 'src/restart/outcome.ts';
const surroundings = 'src/inventory/surroundings.ts';
const timeline = 'src/restart/timeline.ts';
const service = 'src/systemd/service.ts';

const mutants: readonly Mutant[] = [
  {
    error: 'RestartPreventExitStatus= is ignored',
    file: decision,
    from: 'listMatches(prevent.value, main)',
    to: 'false',
  },
  {
    error: 'RestartForceExitStatus= is ignored',
    file: decision,
    from: 'listMatches(force.value, main)',
    to: 'false',
  },
  {
    error: 'a successful oneshot is forced to restart',
    file: decision,
    from: 'version >= 256',
    to: 'version >= 999',
  },
  { error: 'a skip restarts under always', file: decision, from: 'version < 251', to: 'version < 999' },
  { error: 'a skip never restarts', file: decision, from: 'version < 251', to: 'version < 0' },
  {
    error: 'always: not on success',
    file: decision,
    from: "always: new Set<ServiceResult>(['success', ",
    to: 'always: new Set<ServiceResult>([',
  },
  {
    error: 'on-failure: not on exit codes',
    file: decision,
    from: "'on-failure': new Set<ServiceResult>(['exit-code', ",
    to: "'on-failure': new Set<ServiceResult>([",
  },
  {
    error: 'on-abnormal: on exit codes',
    file: decision,
    from: "'on-abnormal': new Set<ServiceResult>(abnormal)",
    to: "'on-abnormal': new Set<ServiceResult>(['exit-code', ...abnormal])",
  },
  {
    error: 'on-abort: on time-outs',
    file: decision,
    from: "['signal', 'core-dump']",
    to: "['signal', 'core-dump', 'timeout']",
  },
  {
    error: 'on-watchdog: never',
    file: decision,
    from: "'on-watchdog': new Set<ServiceResult>(['watchdog'])",
    to: "'on-watchdog': new Set<ServiceResult>()",
  },
  {
    error: 'on-success: never',
    file: decision,
    from: "'on-success': new Set<ServiceResult>(['success'])",
    to: "'on-success': new Set<ServiceResult>()",
  },
  {
    error: 'SIGHUP is no clean end',
    file: processEnd,
    from: 'new Set([1, 2, 13, 15])',
    to: 'new Set([2, 13, 15])',
  },
  {
    error: 'SIGPIPE is no clean end',
    file: processEnd,
    from: 'new Set([1, 2, 13, 15])',
    to: 'new Set([1, 2, 15])',
  },
  { error: 'SIGTERM is clean for commands', file: processEnd, from: "role === 'daemon' && ", to: '' },
  {
    error: 'a listed core is a success',
    file: processEnd,
    from: "if (end.code === 'dumped') return",
    to: "if (end.code === 'dumped' && !success.value.signals.has(end.signal)) return",
  },
  {
    error: 'a core is a signal',
    file: processEnd,
    from: "judged('core-dump', 'end-core-dump')",
    to: "judged('signal', 'end-core-dump')",
  },
  {
    error: 'SuccessExitStatus= takes no exit status',
    file: processEnd,
    from: 'success.value.statuses.has(end.status)',
    to: 'false',
  },
  {
    error: 'SuccessExitStatus= takes no signal',
    file: processEnd,
    from: 'success.value.signals.has(end.signal)',
    to: 'false',
  },
  {
    error: 'waits grow one restart too early',
    file: delay,
    from: '((restart - 1) / steps)',
    to: '(restart / steps)',
  },
  {
    error: 'waits jump to the longest',
    file: delay,
    from: 'if (restart > steps) return last;',
    to: 'if (restart > 1) return last;',
  },
  { error: 'a condition may exit 255', file: fall, from: 'status < 255', to: 'status <= 255' },
  {
    error: 'a "-" does not excuse hooks',
    file: fall,
    from: "  const strict = commands.find(command => !command.ignoreFailure);\n  if (result === 'success') {",
    to: "  const [strict] = commands;\n  if (result === 'success') {",
  },
  {
    error: 'a "-" does not excuse the main process',
    file: fall,
    from: '  const strict = commands.find(command => !command.ignoreFailure);\n  if (strict !== undefined) return',
    to: '  const [strict] = commands;\n  if (strict !== undefined) return',
  },
  {
    error: 'RemainAfterExit= is ignored',
    file: fall,
    from: "result === 'success' && settings.RemainAfterExit.value",
    to: 'false',
  },
  {
    error: 'the main process is always known',
    file: fall,
    from: "settings.Type.value !== 'forking' || settings.PIDFile",
    to: 'true || settings.PIDFile',
  },
  {
    error: 'a dbus service is up at once',
    file: fall,
    from: "new Set(['notify', 'notify-reload', 'dbus', 'forking'])",
    to: "new Set(['notify', 'notify-reload', 'forking'])",
  },
  {
    error: 'a clean end before the name on the bus breaks the protocol',
    file: fall,
    from: "type === 'notify' || type === 'notify-reload' || (type",
    to: "type !== 'forking' || (type",
  },
  {
    error: 'a clean end before READY=1 is a success',
    file: fall,
    from: "type === 'notify' || type === 'notify-reload' || (type",
    to: '(type',
  },
  {
    error: 'a daemon without its PID file has not broken the protocol',
    file: fall,
    from: "|| (type === 'forking' && settings.PIDFile.value)",
    to: '',
  },
  {
    error: 'what a forking service starts is its main process',
    file: fall,
    from: "const main = type === 'forking' ? null : end;",
    to: 'const main = end;',
  },
  {
    error: 'a "-" does not excuse an end before the service is up',
    file: fall,
    from: "const counted = ignored ? 'success' : result;",
    to: 'const counted = result;',
  },
  {
    error: 'the start of a dbus service cannot be too slow',
    file: fall,
    from: "const startsAtOnce = type === 'simple'",
    to: "const startsAtOnce = type === 'dbus' || type === 'simple'",
  },
  {
    error: 'the watchdog watches oneshots',
    file: fall,
    from: "usec > 0 && usec !== Number.POSITIVE_INFINITY && settings.Type.value !== 'oneshot'",
    to: 'usec > 0 && usec !== Number.POSITIVE_INFINITY',
  },
  {
    error: 'the watchdog is for notify only',
    file: fall,
    from: "usec > 0 && usec !== Number.POSITIVE_INFINITY && settings.Type.value !== 'oneshot'",
    to: "usec > 0 && usec !== Number.POSITIVE_INFINITY && settings.Type.value.startsWith('notify')",
  },
  {
    error: 'RuntimeMaxSec= ends oneshots',
    file: fall,
    from: "settings.RuntimeMaxSec.value !== Number.POSITIVE_INFINITY && settings.Type.value !== 'oneshot'",
    to: 'settings.RuntimeMaxSec.value !== Number.POSITIVE_INFINITY',
  },
  {
    error: 'a failed ExecStartPost= leaves the main process alone',
    file: fall,
    from: 'return ended(result, mainAtStartPost(settings, settings.KillSignal.value), [',
    to: 'return ended(result, null, [',
  },
  {
    error: 'a "-" excuses a slow ExecStartPost=',
    file: fall,
    from: "if (first === undefined) return impossible({ code: 'no-hook', hook: 'ExecStartPost'",
    to: "if (first === undefined || first.ignoreFailure) return impossible({ code: 'no-hook', hook: 'ExecStartPost'",
  },
  {
    error: 'a slow start is a signal',
    file: fall,
    from: "return ended('timeout', main, [timedOut, ...next]);",
    to: "return ended('signal', main, [timedOut, ...next]);",
  },
  { error: 'every stop is a success', file: fall, from: 'main === null || !isUp ||', to: 'true || !isUp ||' },
  { error: 'Type=exec can start too slowly', file: fall, from: "|| type === 'exec'", to: '' },
  {
    error: 'the signal of TimeoutStartFailureMode=abort is SIGTERM',
    file: fall,
    from: 'return [settings.WatchdogSignal.value, ',
    to: 'return [KillSignal.value, ',
  },
  {
    error: 'what is bound to another is no tighter tied than what requires it',
    file: outcome,
    from: "return kind === 'BindsTo' || kind",
    to: 'return kind',
  },
  {
    error: 'StopPropagatedFrom= is heeded only when somebody stops the other',
    file: outcome,
    from: "kind === 'BindsTo' || kind === 'StopPropagatedFrom'",
    to: "kind === 'BindsTo'",
  },
  {
    error: 'a stop of the other is for those that are bound to it',
    file: outcome,
    from: "if (ending.kind === 'stop-of')",
    to: "if (ending.kind === 'stop-of' && isTight(bond))",
  },
  {
    error: 'a stop that comes from another never fails',
    file: outcome,
    from: "isFailure ? 'failed/failed' : 'inactive/dead'",
    to: "'inactive/dead'",
  },
  {
    error: 'what is bound stays down although the other pulls it in',
    file: outcome,
    from: 'if (bond.pull === null ||',
    to: 'if (true ||',
  },
  {
    error: 'what requires another that stays down goes down with it',
    file: outcome,
    from: "bond.afterItsFall !== 'restarts'",
    to: "bond.afterItsFall === 'restarts-directly'",
  },
  {
    error: 'nothing upholds a unit',
    file: outcome,
    from: 'return version >= 249 ? upheldBy[0]',
    to: 'return version >= 999 ? upheldBy[0]',
  },
  {
    error: 'PartOf= is no tie',
    file: surroundings,
    from: "'Requisite', 'PartOf'] as const).flatMap",
    to: "'Requisite'] as const).flatMap",
  },
  {
    error: 'a restart under RestartMode=direct harms what is tied',
    file: surroundings,
    from: "if (settings.RestartMode.value !== 'direct')",
    to: 'if (true)',
  },
  {
    error: 'a burst of n lets n-1 start',
    file: timeline,
    from: "givesUp: 'yes', starts: burst, nRestarts: burst",
    to: "givesUp: 'yes', starts: burst - 1, nRestarts: burst - 1",
  },
  {
    error: 'the limit is reached if it can be',
    file: timeline,
    from: 'if (max <= intervalSeconds)',
    to: 'if (min <= intervalSeconds * 1.5)',
  },
  {
    error: 'a burst of 0 lets nothing start',
    file: timeline,
    from: 'if (burst === 0 || intervalSeconds === 0)',
    to: 'if (intervalSeconds === 0)',
  },
  {
    error: 'a time-out of 0 is no time',
    file: service,
    from: 'return setting.value === 0 ? { ...setting, value: Number.POSITIVE_INFINITY } : setting;',
    to: 'return setting;',
  },
  {
    error: 'a oneshot starts within 90 s',
    file: service,
    from: "Type.value === 'oneshot' ? forever : defaults.DefaultTimeoutStartSec",
    to: 'defaults.DefaultTimeoutStartSec',
  },
  {
    error: 'a oneshot may be forced in any version',
    file: service,
    from: 'oneshot && version < 256 &&',
    to: 'oneshot && version < 0 &&',
  },
  {
    error: 'a oneshot may always restart',
    file: service,
    from: "Restart.value === 'always' || Restart.value === 'on-success'",
    to: 'false',
  },
  {
    error: 'BusName= alone makes no dbus service',
    file: service,
    from: 'if (busName !== undefined) return',
    to: 'if (busName === null) return',
  },
  {
    error: 'a dbus service needs no name',
    file: service,
    from: "if (Type.value === 'dbus' && unit",
    to: 'if (false && unit',
  },
  {
    error: 'RestartMaxDelaySec= below RestartSec= is ignored',
    file: service,
    from: 'return most.value < first.value ? most : first;',
    to: 'return first;',
  },
  {
    error: 'a late start without SIGKILL leaves nothing behind',
    file: fall,
    from: "settings.TimeoutStartFailureMode.value === 'kill' &&",
    to: 'false &&',
  },
  {
    error: 'no command is run after one that took too long',
    file: fall,
    from: 'if (!runsNextCommand(settings, index, main)) return',
    to: 'if (true) return',
  },
  {
    error: 'no command is run after a stop',
    file: fall,
    from: 'if (runsNextCommand(settings, 0, main)) {',
    to: 'if (false) {',
  },
];

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const [recording = ''] = process.argv.slice(2);
const copy = mkdtempSync(join(tmpdir(), 'daruma-mutants-'));
try {
  for (const name of ['src', 'lab', 'package.json'])
    cpSync(join(checkout, name), join(copy, name), { recursive: true });
  symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'));
  execFileSync(process.execPath, replayArgs(), { stdio: ['ignore', 'ignore', 'inherit'] });
  let survivors = 0;
  for (const mutant of mutants) {
    const found = isFound(mutant);
    if (!found) survivors += 1;
    process.stdout.write(`${found ? 'found   ' : 'SURVIVED'}  ${mutant.error}\n`);
  }
  process.stdout.write(`${mutants.length - survivors} of ${mutants.length} errors found\n`);
  process.exitCode = survivors > 0 ? 1 : 0;
} finally {
  rmSync(copy, { recursive: true });
}

function isFound({ error, file, from, to }: Mutant): boolean {
  const path = join(copy, file);
  const right = readFileSync(path, 'utf8');
  if (right.split(from).length !== 2) throw new Error(`${error}: its text does not stand once in ${file}`);
  writeFileSync(
    path,
    right.replace(from, () => to),
  );
  const { status, stdout } = spawnSync(process.execPath, replayArgs(), { encoding: 'utf8', maxBuffer: 1e8 });
  writeFileSync(path, right);
  // A model that does not run was not compared, so only this output counts.
  return status === 1 && stdout.endsWith('units disagree\n');
}

function replayArgs(): string[] {
  return [join(copy, 'lab/conformance/replay.ts'), '--first', resolve(recording)];
}

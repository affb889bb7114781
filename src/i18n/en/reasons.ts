import type { Catalogue } from '../catalogue.ts';
import { describeStartFault } from '../start-obstacle-parts.ts';
import { startObstacle } from './start-obstacle.ts';

export const reasons: Catalogue['reasons'] = {
  'end-clean-exit': r => `exit status ${r.what} counts as success`,
  'end-clean-signal': r => `to systemd ${r.what} is a clean end of a service`,
  'end-listed': r => `SuccessExitStatus= lists ${r.what}, so it counts as success`,
  'end-failed-exit': r => `exit status ${r.what} is a failure`,
  'end-signal': r => `killed by ${r.what}: a failure`,
  'end-signal-of-command': r => `a command that should finish was killed by ${r.what}: a failure`,
  'end-core-dump': r => `it dumped core (${r.what}): always a failure`,
  'failure-ignored': r => `the "-" before ${r.command} makes its failure a success`,
  'main-process-unknown': () => 'systemd does not know which process is the main one, so it sees no failure',
  'main-process-not-found': () =>
    'systemd has not found its main process, so it sees no failure: only that the last process is gone, which counts as a success',
  'main-process-not-certain': () =>
    'there is no PIDFile=: where the start leaves more than one process behind, systemd finds no main process and sees no failure',
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
  'name-may-go-first': r =>
    `${r.setting}=${r.value}: when systemd sees the name leave the bus before it sees the process end, it takes this for a success`,
  'policy-restarts': r => `Restart=${r.value} restarts it after ${resultInWords(r.result)}`,
  'policy-does-not-restart': r => `Restart=${r.value} does not restart it after ${resultInWords(r.result)}`,
  'restart-prevented': r => `RestartPreventExitStatus= lists ${r.what}`,
  'restart-forced': r => `RestartForceExitStatus= lists ${r.what}`,
  'force-not-for-successful-oneshot': () =>
    'RestartForceExitStatus= does not restart a oneshot service that succeeded',
  'skip-never-restarts': () => 'a skipped start is never restarted',
  'stays-exited': () => 'RemainAfterExit=yes: systemd goes on calling it active',
  'stop-is-respected': () => 'a stop on purpose is respected: nothing restarts it',
  'stop-runs-next-command': () =>
    'the signal that stops the first command counts as success, so systemd runs the next ExecStart= and ends it only after TimeoutStartSec=',
  'delay-never-ends': () => 'RestartSec=infinity: the wait for the restart never ends',
  'goes-to-background': r => inBackground[r.effect],
  delay: r => `RestartSec=${r.value}`,
  'limit-reached': r =>
    `the start limit lets ${r.burst} starts through in ${span(r.intervalSeconds)}, and these come faster`,
  'limit-undetermined': r =>
    `about ${r.burst} starts in ${span(r.intervalSeconds)}: whether the start limit is met depends on systemd's timing`,
  'limit-out-of-reach': r =>
    `starts come too slowly for the start limit of ${r.burst} in ${span(r.intervalSeconds)}`,
  'limit-off': () => 'the start limit is off',
  'socket-fails': r =>
    `after ${r.burst} starts in ${span(r.intervalSeconds)} the start limit is met, and ${r.trigger} fails with it: nobody listens any more`,
  'socket-may-fail': r =>
    `${r.trigger} starts it again at once for what nobody has accepted, until the socket fails by a limit of its own (TriggerLimitBurst=)`,
  'no-watchdog': () => 'no WatchdogSec= watches it',
  'no-start-timeout': () => 'its start cannot time out',
  'no-runtime-limit': () => 'no RuntimeMaxSec= limits it',
  'no-main-process': () => 'it has no ExecStart=',
  'ready-at-once': r => `with Type=${r.value} it is up at once`,
  'not-tied': r => `it is not tied to ${r.other}`,
  'cannot-fall': r => `${r.other} has no process once it is up, so it cannot fall`,
  'no-hook': r => `it has no ${r.hook}=`,
  'hook-ends-in-time': r => `timeout(1) ends ${r.hook}= after ${span(r.seconds)} at the latest`,
  'hook-failure-is-no-end': r => `${r.hook}= may exit with ${r.status}: the start goes on`,
  'system-manager-cannot-be-killed': () => 'the kernel protects the system manager (PID 1)',
  'hang-unnoticed': () => 'nothing notices a hang: it has no WatchdogSec=',
  'linger-on': r => `lingering is on for ${r.user}`,
  'linger-off': r => `lingering is off for ${r.user}: without a session there is no user manager`,
  'linger-unknown': () => 'whether lingering is on is not known here',
  'logout-does-not-matter': () => 'sessions do not matter to system services',
  'user-manager-stays-dead': () =>
    'user@.service has Restart=no: a killed user manager stays dead until the next login',
  'user-manager-restarts': () => 'user@.service restarts the user manager',
  'started-at-boot': r => `${r.by} starts it`,
  'not-enabled': () => 'it is not enabled: nothing starts it with the manager',
  'enabled-to-missing-target': r => `it is enabled for ${r.target}, which this manager does not have`,
  'enabled-to-idle-target': r => `it is enabled for ${r.target}, which nothing starts`,
  'requires-missing-unit': r => `it requires ${r.target}, which cannot be started`,
  'gives-way-at-boot': r =>
    `${r.target} has Conflicts= with it: at boot systemd starts that one in its place`,
  'one-starts-at-boot': r => `it and ${r.target} conflict: at boot systemd starts only one of the two`,
  'cannot-start': r => `it cannot start: ${describeStartFault(r, startObstacle)}`,
  'may-not-start': r => `it might not start: ${describeStartFault(r, startObstacle)}`,
  upheld: r => `${r.by} upholds it and starts it again`,
  'on-demand': r => `${r.trigger} starts it when it is needed`,
  'stopped-with': r => `${r.setting}=${r.other}: it is stopped with it`,
  'pulled-in-with': r => `${r.other} has ${r.setting}= for it, and so starts it again with itself`,
  'not-brought-back': () => 'nothing starts it again',
  'restarted-with': r => `${r.setting}=${r.other}: it is restarted together with it`,
  'unharmed-by-fall-of': r => `${r.setting}=${r.other} does not stop it when that one falls by itself`,
};

function resultInWords(result: string): string {
  return result === 'success' ? 'a clean end' : `"${result}"`;
}

function span(seconds: number): string {
  return seconds === Number.POSITIVE_INFINITY ? 'any time' : `${seconds} s`;
}

const inBackground = {
  killed: 'its command puts it into the background, and systemd ends it as soon as the command has ended',
  stopped:
    'its command puts it into the background, and systemd runs ExecStop= as soon as the command has ended',
  unwatched: 'its command puts it into the background, where systemd does not see it end',
  hidden: 'its command puts it into the background, and the unit counts as active whatever becomes of it',
} as const;

import type { Catalogue } from '../catalogue.ts';
import { describeStartFault } from '../start-obstacle-parts.ts';
import { startObstacle } from './start-obstacle.ts';

export const reasons: Catalogue['reasons'] = {
  'end-clean-exit': r => `退出码 ${r.what} 算正常退出`,
  'end-clean-signal': r => `systemd 把 ${r.what} 当作正常退出`,
  'end-listed': r => `SuccessExitStatus= 列有 ${r.what}，所以算正常退出`,
  'end-failed-exit': r => `退出码 ${r.what} 算失败`,
  'end-signal': r => `被 ${r.what} 杀死，算失败`,
  'end-signal-of-command': r => `本应自行结束的命令被 ${r.what} 杀死，算失败`,
  'end-core-dump': r => `产生了 core dump（${r.what}），一律算失败`,
  'failure-ignored': r => `${r.command} 前面有“-”，失败也算成功`,
  'main-process-unknown': () => 'systemd 不知道哪个是主进程，所以看不到失败',
  'main-process-not-found': () =>
    'systemd 没有找到主进程，所以看不到失败：只知道最后一个进程已经不在，这算正常退出',
  'main-process-not-certain': () =>
    '没有设置 PIDFile=：如果启动后留下不止一个进程，systemd 就找不到主进程，也看不到失败',
  'watchdog-expired': r => `WatchdogSec=${r.value} 内没有收到心跳，systemd 会结束它`,
  'start-timed-out': r => `启动用时超过 TimeoutStartSec=${r.value}`,
  'start-post-timed-out': r => `ExecStartPost= 用时超过 TimeoutStartSec=${r.value}，加“-”也没有用`,
  'runtime-exceeded': r => `运行时间超过 RuntimeMaxSec=${r.value}`,
  'oom-stops': r => `OOMPolicy=${r.value}：只要有进程因内存不足被杀，整个服务就算失败`,
  'oom-continues': () => 'OOMPolicy=continue：只看主进程如何结束',
  'oom-unseen-on-legacy-cgroups': () => '这台机器使用旧版控制组（cgroup v1），systemd 只看到普通的 SIGKILL',
  'oom-unaccounted': () => '没有开启内存统计，systemd 只看到普通的 SIGKILL',
  'hook-failed': r => `${r.hook}= 以退出码 ${r.status} 结束`,
  'start-post-kills-main': () => '于是 systemd 杀掉原本健康的主进程',
  'condition-skips': r => `${r.hook}= 以退出码 ${r.status} 结束：跳过这次启动，不算失败`,
  'protocol-before-ready': () => '还没就绪就结束了，无论退出码是多少都算失败',
  'name-may-go-first': r =>
    `${r.setting}=${r.value}：如果 systemd 先看到总线名称消失、后看到进程结束，就会把这次结束当作成功`,
  'policy-restarts': r => `Restart=${r.value} 遇到${resultInWords(r.result)}时会重启`,
  'policy-does-not-restart': r => `Restart=${r.value} 遇到${resultInWords(r.result)}时不会重启`,
  'restart-prevented': r => `RestartPreventExitStatus= 列有 ${r.what}，所以不重启`,
  'restart-forced': r => `RestartForceExitStatus= 列有 ${r.what}，所以一定重启`,
  'force-not-for-successful-oneshot': () => 'oneshot 服务成功结束后，RestartForceExitStatus= 不会重启它',
  'skip-never-restarts': () => '被跳过的启动不会重启',
  'stays-exited': () => 'RemainAfterExit=yes：systemd 仍把它当作 active',
  'stop-is-respected': () => '这是有意的停止，不会被自动重启',
  'stop-runs-next-command': () =>
    '结束第一条命令的信号算作成功，systemd 于是接着运行下一条 ExecStart=，要等到 TimeoutStartSec= 才结束它',
  'delay-never-ends': () => 'RestartSec=infinity：重启前的等待永远不会结束',
  'goes-to-background': r => inBackground[r.effect],
  delay: r => `RestartSec=${r.value}`,
  'limit-reached': r => `启动过于频繁，会触发启动次数限制（${startLimit(r)}）`,
  'limit-undetermined': r =>
    `启动频率刚好在启动次数限制（${startLimit(r)}）附近，是否触发取决于 systemd 当时的快慢`,
  'limit-out-of-reach': r => `启动间隔够长，不会触发启动次数限制（${startLimit(r)}）`,
  'limit-off': () => '启动次数限制已关闭',
  'socket-fails': r => `触发启动次数限制（${startLimit(r)}）之后，${r.trigger} 会随之失败：不再有程序监听`,
  'socket-may-fail': r =>
    `连接没有被接受时，${r.trigger} 会立即再次启动它，直到套接字自己触发限制而失败（TriggerLimitBurst=）`,
  'no-watchdog': () => '没有 WatchdogSec= 监视它',
  'no-start-timeout': () => '启动不会超时',
  'no-runtime-limit': () => '没有 RuntimeMaxSec= 限制它',
  'no-main-process': () => '没有 ExecStart=',
  'ready-at-once': r => `Type=${r.value} 的服务一启动就算就绪`,
  'not-tied': r => `它没有与 ${r.other} 绑定`,
  'cannot-fall': r => `${r.other} 启动之后没有进程，不会倒下`,
  'no-hook': r => `没有 ${r.hook}=`,
  'hook-ends-in-time': r => `timeout 最迟在 ${r.seconds} 秒后结束 ${r.hook}=`,
  'hook-failure-is-no-end': r => `${r.hook}= 以退出码 ${r.status} 结束也不要紧，启动会继续`,
  'system-manager-cannot-be-killed': () => '内核保护着系统管理器（PID 1）',
  'hang-unnoticed': () => '没有设置 WatchdogSec=，挂死后不会被发现',
  'linger-on': r => `用户 ${r.user} 已开启 linger`,
  'linger-off': r => `用户 ${r.user} 没有开启 linger，没有登录会话就没有用户管理器`,
  'linger-unknown': () => '这里看不出是否开启了 linger',
  'logout-does-not-matter': () => '系统服务不受登录会话影响',
  'user-manager-stays-dead': () => 'user@.service 是 Restart=no，被杀的用户管理器要到下次登录才会再启动',
  'user-manager-restarts': () => 'user@.service 会重启用户管理器',
  'started-at-boot': r => `由 ${r.by} 启动`,
  'not-enabled': () => '没有启用（enable），管理器启动时不会启动它',
  'enabled-to-missing-target': r => `它启用在 ${r.target} 上，而这个管理器没有该 unit`,
  'enabled-to-idle-target': r => `它启用在 ${r.target} 上，而没有什么会启动该 unit`,
  'requires-missing-unit': r => `它依赖的 ${r.target} 无法启动`,
  'gives-way-at-boot': r => `${r.target} 用 Conflicts= 与它冲突，开机时 systemd 只启动 ${r.target}`,
  'one-starts-at-boot': r => `它和 ${r.target} 互相冲突，开机时 systemd 只启动其中一个`,
  'cannot-start': r => `无法启动：${describeStartFault(r, startObstacle)}`,
  'may-not-start': r => `可能无法启动：${describeStartFault(r, startObstacle)}`,
  upheld: r => `${r.by} 用 Upholds= 保持它运行，会再次启动它`,
  'on-demand': r => `需要时由 ${r.trigger} 启动`,
  'stopped-with': r => `${r.setting}=${r.other}：随对方一起停止`,
  'pulled-in-with': r => `${r.other} 对它有 ${r.setting}=，重新启动时会一并启动它`,
  'not-brought-back': () => '之后没有什么会再启动它',
  'restarted-with': r => `${r.setting}=${r.other}：随对方一起重启`,
  'unharmed-by-fall-of': r => `${r.setting}=${r.other}：对方自行倒下时，它不会被停止`,
};

/** The text between 遇到 and 时: a success in words, any other `Result` by systemd's name. */
function resultInWords(result: string): string {
  return result === 'success' ? '正常退出' : ` ${result} `;
}

/** `10 秒内 5 次` */
function startLimit({
  burst,
  intervalSeconds,
}: {
  readonly burst: number;
  readonly intervalSeconds: number;
}): string {
  return intervalSeconds === Number.POSITIVE_INFINITY
    ? `总共 ${burst} 次`
    : `${intervalSeconds} 秒内 ${burst} 次`;
}

const inBackground = {
  killed: '它的命令把程序放到后台，命令一结束，systemd 就把程序也结束掉',
  stopped: '它的命令把程序放到后台，命令一结束，systemd 就运行 ExecStop=',
  unwatched: '它的命令把程序放到后台，程序结束时 systemd 看不到',
  hidden: '它的命令把程序放到后台，无论程序怎样，单元都算 active',
} as const;

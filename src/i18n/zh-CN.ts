import type { Ending } from '../restart/ending.ts';
import type { Catalogue } from './catalogue.ts';
import { describeIgnoredLine, describeLoadProblem, type ProblemTexts, signalOf } from './parts.ts';

/**
 * Simplified Chinese. Names of systemd's own stay as they are (unit, drop-in, target, oneshot, linger, core dump);
 * 用户管理器 is the user manager, 倒下 a fall, 恢复 to be up again, 就绪 ready, 启动次数限制 the start limit.
 */
export const zhCN: Catalogue = {
  language: 'zh-CN',
  punctuation: { list: '、', semicolon: '；', colon: '：', aside: text => `（${text}）` },
  seconds: amount => `${amount} 秒`,
  reasons: {
    'end-clean-exit': r => `退出码 ${r.what} 算正常退出`,
    'end-clean-signal': r => `systemd 把 ${r.what} 当作正常退出`,
    'end-listed': r => `SuccessExitStatus= 列有 ${r.what}，所以算正常退出`,
    'end-failed-exit': r => `退出码 ${r.what} 算失败`,
    'end-signal': r => `被 ${r.what} 杀死，算失败`,
    'end-signal-of-command': r => `本应自行结束的命令被 ${r.what} 杀死，算失败`,
    'end-core-dump': r => `产生了 core dump（${r.what}），一律算失败`,
    'failure-ignored': r => `${r.command} 前面有“-”，失败也算成功`,
    'main-process-unknown': () => 'systemd 不知道哪个是主进程，所以看不到失败',
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
    'policy-restarts': r => `Restart=${r.value} 遇到${resultInWords(r.result)}时会重启`,
    'policy-does-not-restart': r => `Restart=${r.value} 遇到${resultInWords(r.result)}时不会重启`,
    'restart-prevented': r => `RestartPreventExitStatus= 列有 ${r.what}，所以不重启`,
    'restart-forced': r => `RestartForceExitStatus= 列有 ${r.what}，所以一定重启`,
    'force-not-for-successful-oneshot': () => 'oneshot 服务成功结束后，RestartForceExitStatus= 不会重启它',
    'skip-never-restarts': () => '被跳过的启动不会重启',
    'stays-exited': () => 'RemainAfterExit=yes：systemd 仍把它当作 active',
    'stop-is-respected': () => '这是有意的停止，不会被自动重启',
    'delay-never-ends': () => 'RestartSec=infinity：重启前的等待永远不会结束',
    delay: r => `RestartSec=${r.value}`,
    'limit-reached': r => `启动过于频繁，会触发启动次数限制（${startLimit(r)}）`,
    'limit-undetermined': r =>
      `启动频率刚好在启动次数限制（${startLimit(r)}）附近，是否触发取决于 systemd 当时的快慢`,
    'limit-out-of-reach': r => `启动间隔够长，不会触发启动次数限制（${startLimit(r)}）`,
    'limit-off': () => '启动次数限制已关闭',
    'no-watchdog': () => '没有 WatchdogSec= 监视它',
    'no-start-timeout': () => '启动不会超时',
    'no-runtime-limit': () => '没有 RuntimeMaxSec= 限制它',
    'no-main-process': () => '没有 ExecStart=',
    'ready-at-once': r => `Type=${r.value} 的服务一启动就算就绪`,
    'not-tied': r => `它没有与 ${r.other} 绑定`,
    'no-hook': r => `没有 ${r.hook}=`,
    'hook-failure-is-no-end': r => `${r.hook}= 以退出码 ${r.status} 结束也不要紧，启动会继续`,
    'system-manager-cannot-be-killed': () => '内核保护着系统管理器（PID 1）',
    'hang-unnoticed': () => '没有设置 WatchdogSec=，挂死后不会被发现',
    'linger-on': r => `用户 ${r.user} 已开启 linger`,
    'linger-off': r => `用户 ${r.user} 没有开启 linger，没有登录会话就没有用户管理器`,
    'linger-unknown': () => '这里看不出是否开启了 linger',
    'logout-does-not-matter': () => '系统服务不受登录会话影响',
    'user-manager-stays-dead': () => 'user@.service 是 Restart=no，用户管理器被杀后不会重启',
    'user-manager-restarts': () => 'user@.service 会重启用户管理器',
    'started-at-boot': r => `由 ${r.by} 启动`,
    'not-enabled': () => '没有启用（enable），管理器启动时不会启动它',
    'enabled-to-missing-target': r => `它启用在 ${r.target} 上，而这个管理器没有该 unit`,
    'enabled-to-idle-target': r => `它启用在 ${r.target} 上，而没有什么会启动该 unit`,
    'requires-missing-unit': r => `它依赖的 ${r.target} 无法启动`,
    upheld: r => `${r.by} 用 Upholds= 保持它运行，会再次启动它`,
    'on-demand': r => `需要时由 ${r.trigger} 启动`,
    'bound-unit-stops': r => `BindsTo=${r.other}：随对方一起停止，之后不会恢复`,
    'tied-unit-stops': r => `${r.setting}=${r.other}：随对方一起停止，之后不会恢复`,
    'restarted-with': r => `${r.setting}=${r.other}：随对方一起重启`,
    'unharmed-by-fall-of': r => `${r.setting}=${r.other}：对方自行倒下时，它不会被停止`,
  },
  remedies: {
    'policy-does-not-restart': () => 'Restart=always',
    'restart-prevented': r => `从 RestartPreventExitStatus= 中去掉 ${r.what}`,
    'stays-exited': () => 'RemainAfterExit=no',
    'delay-never-ends': () => 'RestartSec=5',
    'limit-reached': () => '设置 [Unit] StartLimitIntervalSec=0 和 [Service] RestartSec=5',
    'limit-undetermined': () => '设置 [Unit] StartLimitIntervalSec=0 和 [Service] RestartSec=5',
    'linger-off': r => `loginctl enable-linger ${r.user}`,
    'user-manager-stays-dead': () => '以 root 身份在 user@.service.d/ 中设置 Restart=on-failure',
    'not-enabled': (_, { unit, scope }) => `systemctl ${userFlag(scope)}enable ${unit}`,
    'enabled-to-missing-target': (_, { unit, scope }) =>
      `改为 WantedBy=default.target，再执行 systemctl ${userFlag(scope)}reenable ${unit}`,
    'enabled-to-idle-target': (_, { unit, scope }) =>
      `改为 WantedBy=default.target，再执行 systemctl ${userFlag(scope)}reenable ${unit}`,
    'requires-missing-unit': r => `去掉对 ${r.target} 的依赖`,
    'hang-unnoticed': () => '如果程序会发送心跳，就设置 WatchdogSec=',
    'main-process-unknown': () => '设置 PIDFile=，或改用 Type=simple 且不 fork',
  },
  ending: describeEnding,
  fallHeads: {
    exit0: '退出 0',
    exit1: '退出 1',
    sigterm: 'TERM',
    sigkill: 'KILL',
    oom: 'OOM',
    hang: '挂死',
    crashLoop: '连崩',
    logout: '登出',
    managerKill: '管理器',
    reboot: 'reboot',
  },
  fallNames: {
    exit0: '退出码 0',
    exit1: '退出码 1',
    sigterm: 'SIGTERM',
    sigkill: 'SIGKILL',
    oom: 'OOM',
    hang: '挂死',
    crashLoop: '连续崩溃',
    logout: '退出登录',
    managerKill: '用户管理器被 kill -9',
    reboot: '机器重启',
  },
  loadProblem: problem => describeLoadProblem(problem, problemTexts),
  ignoredLine: line => describeIgnoredLine(line, problemTexts),
  managerProblem: ({ code, tried }) =>
    ({
      offline: `只读取了文件（${tried}）`,
      'not-systemd': '这里运行的不是 systemd',
      'no-runtime-directory': '没有运行时目录，因此没有用户管理器在运行',
      'no-socket': `${tried} 上没有管理器在监听`,
      refused: `${tried} 上的管理器拒绝应答`,
      timeout: `${tried} 上的管理器没有及时应答`,
    })[code],
  versionOrigin: { option: '按指定', 'newest-known': '假定为已知的最新版本' },
  status: {
    exampleHeadline:
      '这里没有服务管理器，也没有你自己的 unit。下面是自带的示例 examples/neko：那个小队的 LiteLLM 收到 SIGTERM 后停止，直到人工介入才恢复。',
    service: '服务',
    lingerOn: 'linger 已开启',
    lingerOff: 'linger 未开启',
    filesOnly: '仅根据文件判断',
    redHeading: '哪些情况下不会恢复、为什么、怎么办：',
    allServices: '所有服务',
    marks: {
      up: '会恢复，以及多久之后',
      down: '不会恢复',
      onDemand: '需要时启动',
      unsure: '不确定：取决于当时的快慢，或仅凭文件无法判断',
      none: '不算倒下：不会发生，或者服务本来就该结束',
    },
    noServices: '这里没有你自己的服务',
    noServicesIn: folder => `${folder} 里没有服务`,
    nothingRed: '凡是 systemd 管得到的情况，所有服务倒下后都会恢复。',
    policyDoesNotRestart: value => `Restart=${value} 在这些情况下都不会重启它`,
    refused: problem => `systemd 拒绝加载：${problem}`,
    reloadNeeded: '文件已修改，daemon-reload 之前 systemd 仍按旧文件行事',
  },
  explain: {
    settings: 'systemd 读到的设置',
    endings: '可能怎样结束，以及 systemd 接下来怎么做',
    defaultValue: '默认值',
    staysDown: '不会恢复',
    staysStopped: '按要求保持停止',
    notKnown: '仅凭文件无法判断',
    runsOn: '继续运行',
    staysExited: '仍显示 active，其实已经退出',
    hangsOn: '仍显示 active，但不再响应',
    comesBackAlone: '会被再次启动',
    upAgain: interval => `恢复，需 ${interval}`,
    onDemand: triggers => `需要时启动（${triggers}）`,
    cannotHappen: '在这里不会发生',
    crashLoop: '如果一再倒下',
    crashLoopOf: (ending, lifetime) =>
      lifetime === '0' ? `${ending}，每次都是刚启动就发生` : `${ending}，每次都在运行 ${lifetime} 后发生`,
    givesUp: (starts, after) => `systemd 在启动 ${starts} 次后放弃，历时 ${after}`,
    neverGivesUp: 'systemd 永不放弃',
    giveUpUndetermined: '是否放弃取决于 systemd 当时的快慢',
    ignoredLines: '被 systemd 忽略的行',
    notLoaded: load => `systemd 不会加载它（${load}）`,
    reloadNeeded: 'systemd 读取之后文件又有修改，daemon-reload 之前它仍按旧文件行事。',
  },
  errors: {
    didYouMean: name => `是不是想用 ${name}？`,
    unknownUnit: (unit, where) => `${where} 的 unit 里没有 ${unit}`,
    notAUnitName: name => `“${name}”不是合法的 unit 名`,
    notAService: name => `${name} 不是服务，daruma 只看服务`,
    missingFile: path => `${path} 不存在`,
    danglingLink: path => `${path} 是链接，但它指向的文件不存在`,
    linkLoop: path => `${path} 是链接，但绕了一圈又指回自己`,
    unreadable: (path, errno) => `无法读取 ${path}（${errno}）`,
    notADirectory: path => `${path} 不是目录`,
    notAFile: path => `${path} 不是普通文件`,
    unknownEnding: text => `“${text}”不是一种结束方式`,
    endingsAre: forms => `可用的有：${forms}`,
    badTimeSpan: text => `“${text}”不是时间长度，应写成 2s、90s 或 1min 30s 这样`,
    badVersion: (text, oldest) => `“${text}”不是 systemd 的版本号，daruma 支持 ${oldest} 及更新的版本`,
    badChoice: (option, value, choices) => `${option} 不接受“${value}”，可用的有：${choices}`,
    unknownCommand: name => `没有“${name}”这个命令`,
    unknownOption: name => `没有 ${name} 这个选项`,
    missingValue: option => `${option} 需要一个值`,
    missingArgument: name => `缺少参数 ${name}`,
    excessArguments: () => '这个命令不需要这么多参数',
    severalUsers: users => `那里有多个用户的 unit：${users}`,
    noSuchHome: path => `没有 ${path} 这个主目录`,
    exclusive: (a, b) => `${a} 和 ${b} 不能同时使用`,
    nothingToShow: problem => `没有可以显示的内容：${problem}，也没有你自己的 unit 文件`,
    managerFailed: message => `服务管理器没有完成请求：${message}`,
    cannotWrite: errno => `无法写出结果（${errno}）`,
    internal: message => `daruma 出错了：${message}`,
    listUnits: '运行“daruma status”查看有哪些服务',
    seeHelp: '运行“daruma --help”查看帮助',
    verboseForStack: '请报告这个问题，并附上同一命令加 --verbose 的输出',
  },
  help: {
    usage: '用法',
    examples: '示例',
    commands: '命令',
    options: '选项',
    commonOptions: '所有命令通用的选项',
    endings: '结束方式',
    tagline: 'daruma 列出服务可能怎样倒下，以及倒下之后会不会恢复。',
    status: '生存表：每个服务在每种倒下之后会不会恢复、多久恢复',
    explain: '服务的每种结束方式：systemd 怎么做、由哪一行决定',
    completion: '输出 shell 的补全脚本',
    exampleLines: {
      daruma: [
        { command: 'daruma', meaning: '你的各个服务的生存表' },
        { command: 'daruma explain litellm', meaning: 'litellm.service 的每种结束方式' },
        { command: 'daruma status examples/neko', meaning: '解包出来的系统里的服务' },
      ],
      status: [
        { command: 'daruma status', meaning: '你的所有服务' },
        { command: 'daruma status litellm copilot-api', meaning: '只看这两个' },
        { command: 'daruma --system status', meaning: '系统管理器的服务' },
        {
          command: 'daruma status --systemd 257 ./units',
          meaning: '一个目录里的 unit，按 systemd 257 判断',
        },
      ],
      explain: [
        { command: 'daruma explain litellm', meaning: '每种结束方式' },
        { command: 'daruma explain ./litellm.service', meaning: '一个文件' },
        {
          command: 'daruma explain litellm --on signal:TERM --on exit:143 --json',
          meaning: '两种结束方式，供程序读取',
        },
        {
          command: 'daruma explain litellm --lifetime 2s',
          meaning: '进程每次运行 2 秒就崩溃时的情形',
        },
      ],
      completion: [
        { command: 'source <(daruma completion bash)', meaning: '只对当前 shell 生效' },
        { command: 'daruma completion fish > ~/.config/fish/completions/daruma.fish', meaning: '长期生效' },
      ],
    },
    option: {
      user: '用户管理器，即 systemd --user（默认）',
      system: '系统管理器',
      root: '解包出来的系统所在目录，不询问正在运行的系统',
      home: '主目录；与 --root 同用时，写它在其中的路径',
      systemd: '按这个 systemd 版本判断',
      format: 'human 或 json',
      json: '即 --format json',
      lang: 'en 或 zh-CN（默认依次看 LC_ALL、LC_MESSAGES、LANG）',
      color: '不用颜色（也可设 NO_COLOR）',
      quiet: 'stderr 上只有错误，没有提示',
      verbose: '出错时附调用栈',
      on: '只看这种结束方式，可以多次使用',
      lifetime: '每次结束之前进程运行多久（默认 0s）',
      help: '显示这份帮助',
      version: '显示版本号',
    },
    endingForms: {
      'exit:N': '主进程以退出码 N 结束',
      'signal:NAME': '主进程被信号杀死，例如 signal:TERM',
      'core:NAME': '主进程因信号终止并产生 core dump',
      'start-pre:N': 'ExecStartPre= 以退出码 N 结束',
      'start-post:N': 'ExecStartPost= 以退出码 N 结束',
      'condition:N': 'ExecCondition= 以退出码 N 结束',
      'unready-exit:N': '同 exit:N，但发生在就绪之前（notify、dbus、forking）',
      'unready-signal:NAME': '同 signal:NAME，但发生在就绪之前',
      'fall-of:UNIT': '与它绑定的 unit 倒下（Requires=、BindsTo=、PartOf=）',
      'stop-of:UNIT': '与它绑定的 unit 被停止',
      watchdog: 'WatchdogSec= 内没有收到心跳',
      'start-timeout': '启动用时超过 TimeoutStartSec=',
      'start-post-timeout': 'ExecStartPost= 用时超过 TimeoutStartSec=',
      'runtime-max': '运行时间超过 RuntimeMaxSec=',
      oom: '因内存不足被内核杀死',
      stop: '执行 systemctl stop',
      hang: '还在运行，但不再响应',
      logout: '用户的最后一个会话结束',
      'manager-kill': '对用户管理器执行 kill -9',
      reboot: '机器重新启动',
    },
  },
};

/** What stands between 遇到 and 时: a success in words, any other `Result` as systemd calls it. */
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

function userFlag(scope: 'user' | 'system'): string {
  return scope === 'user' ? '--user ' : '';
}

function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'exit':
      return `退出码 ${ending.status}`;
    case 'signal':
      return signalOf(ending.signal);
    case 'core':
      return `${signalOf(ending.signal)} 并 core dump`;
    case 'unready-exit':
      return `就绪前退出，退出码 ${ending.status}`;
    case 'unready-signal':
      return `就绪前被 ${signalOf(ending.signal)} 杀死`;
    case 'fall-of':
      return `${ending.unit} 倒下`;
    case 'stop-of':
      return `${ending.unit} 被停止`;
    case 'start-pre':
      return `ExecStartPre= 退出码 ${ending.status}`;
    case 'start-post':
      return `ExecStartPost= 退出码 ${ending.status}`;
    case 'condition':
      return `ExecCondition= 退出码 ${ending.status}`;
    default:
      return plainEndings[ending.kind];
  }
}

const plainEndings = {
  watchdog: '看门狗超时',
  'start-timeout': '启动超时',
  'start-post-timeout': 'ExecStartPost= 超时',
  'runtime-max': '到达运行时限',
  oom: '内存不足',
  stop: 'systemctl stop',
  hang: '挂死',
  logout: '退出登录',
  'manager-kill': '用户管理器被杀',
  reboot: '机器重启',
} as const;

const problemTexts: ProblemTexts = {
  colon: '：',
  notFound: '文件不存在',
  masked: path => `被 ${path} 屏蔽（mask）`,
  aliasLoop: '别名链接绕成了一圈',
  unreadable: (path, errno) => `无法读取 ${path}（${errno}）`,
  syntax: {
    'line-too-long': '有一行达到或超过 1 MiB',
    'invalid-utf8': '有一行不是 UTF-8',
    'invalid-section-header': '有一行像节标题，但写法不对',
  },
  refusals: {
    'no-command': 'ExecStart=、ExecStop=、SuccessAction= 一个也没有',
    'no-exec-start': '没有 ExecStart=，只有 Type=oneshot 才可以省略',
    'no-exec-start-and-not-remaining': '既没有 ExecStart=，也没有 RemainAfterExit=yes',
    'several-exec-starts': '有多个 ExecStart=，只有 Type=oneshot 才允许',
    'oneshot-restarts-on-success': 'Type=oneshot 不能与 Restart=always 或 on-success 同用',
    'oneshot-forces-restart': '在 systemd 256 之前，Type=oneshot 不能与 RestartForceExitStatus= 同用',
    'oneshot-exit-type-cgroup': 'Type=oneshot 不能与 ExitType=cgroup 同用',
    'dbus-without-name': 'Type=dbus 必须有 BusName=',
    'pam-with-kill-mode': 'PAMName= 要求 KillMode=control-group 或 mixed',
    'dynamic-user-of-user': '用户管理器的 unit 不能使用 DynamicUser=',
    'dynamic-user-at-home': 'DynamicUser= 不能与 WorkingDirectory=~ 一起使用',
  },
  unknownSection: '这里没有这一节，整节都被忽略',
  noEffect: '在这个版本里不起作用',
  strays: {
    'missing-equals': '缺少“=”',
    'missing-key': '“=”前面没有名称',
    'outside-section': '不在任何一节之内',
  },
  unread: what => `文件从这里起不再读取：${what ?? '这个值无法解析'}`,
  settingSince: version => `systemd ${version} 及更新的版本才有`,
  settingBelongsIn: (home, section) => `应当写在 [${home}] 里，而不是 [${section}]`,
  noSuchSetting: (section, suggestion) =>
    suggestion === undefined
      ? `[${section}] 没有这个设置`
      : `[${section}] 没有这个设置，是不是想写 ${suggestion}=？`,
  emptyKeeps: '空值不会重置它，之前的值仍然有效',
  malformed: {
    boolean: '不是布尔值',
    'time-span': '不是时间长度',
    integer: '不是整数',
    signal: '不是信号',
    mode: '不是权限模式',
    'resource-limit': '不是资源限制',
    'memory-limit': '不是内存限制',
    'tasks-max': '不是任务数上限',
    percentage: '不是百分比',
    weight: '不是权重',
  },
  outOfRange: (min, max) => `不在 ${min} 到 ${max} 之间`,
  valueSince: version => `systemd ${version} 及更新的版本才有这个值`,
  notOneOf: values => `没有这个值，可用的有：${values.join('、')}`,
  noSuchValue: suggestion => `没有这个值，是不是想写 ${suggestion}？`,
  badWords: words => `其中被忽略的有：${words}`,
  pathNotAbsolute: path => `${path} 不是绝对路径`,
  pathNotNormalized: path => `${path} 里有“..”`,
  invalidSpecifier: specifier => `%${specifier} 没有含义`,
  commands: {
    'unbalanced-quote': () => '引号没有闭合',
    'invalid-specifier': what => `%${what} 没有含义`,
    'empty-path': () => '没有要运行的程序',
    'unsafe-characters': what => `${what} 含有不允许的字符`,
    'path-is-directory': what => `${what} 是目录`,
    'path-not-absolute': what => `${what} 既不是绝对路径，也不是单纯的程序名`,
    'empty-argv': () => '一个参数也没有',
  },
};

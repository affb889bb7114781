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

/**
 * Simplified Chinese. Terms of systemd are not translated (unit, drop-in, target, oneshot, linger, core dump);
 * 用户管理器 is the user manager, 倒下 a fall, 恢复 to be up again, 就绪 ready, 启动次数限制 the start limit.
 */
export const zhCN: Catalogue = {
  language: 'zh-CN',
  punctuation: { list: '、', semicolon: '；', colon: '：', aside: text => `（${text}）` },
  seconds: amount => `${amount} 秒`,
  reasons,
  rules,
  remedies: {
    'policy-does-not-restart': () => 'Restart=always',
    'restart-prevented': r => `从 RestartPreventExitStatus= 中去掉 ${r.what}`,
    'stays-exited': () => 'RemainAfterExit=no',
    'delay-never-ends': () => 'RestartSec=5',
    'limit-reached': () => '设置 [Unit] StartLimitIntervalSec=0 和 [Service] RestartSec=5',
    'limit-undetermined': () => '设置 [Unit] StartLimitIntervalSec=0 和 [Service] RestartSec=5',
    'socket-fails': () => '设置 [Unit] StartLimitIntervalSec=0 和 [Service] Restart=on-failure、RestartSec=5',
    'socket-may-fail': () => '设置 Restart=on-failure 和 RestartSec=5',
    'linger-off': r => enableLinger(r.user),
    'user-manager-stays-dead': () => '以 root 身份在 user@.service.d/ 中设置 Restart=on-failure',
    'not-enabled': (reason, { unit, ...manager }) => {
      const { install, command } = enabling(manager, unit, reason);
      return install === undefined ? command : `写上 [Install] ${install}，再运行 ${command}`;
    },
    'enabled-to-missing-target': (_, { unit, ...manager }) =>
      `改为 WantedBy=default.target，再执行 ${systemctl(manager, 'reenable', unit)}`,
    'enabled-to-idle-target': (_, { unit, ...manager }) =>
      `改为 WantedBy=default.target，再执行 ${systemctl(manager, 'reenable', unit)}`,
    'requires-missing-unit': r => `去掉对 ${r.target} 的依赖`,
    'gives-way-at-boot': () => '停用（disable）两者之一',
    'one-starts-at-boot': () => '停用（disable）两者之一',
    'cannot-start': r => describeStartRemedy(r, startObstacle),
    'hang-unnoticed': () => '如果程序会发送心跳，就设置 WatchdogSec=',
    'main-process-unknown': () => '改为 Restart=always，或设置 PIDFile=',
    'main-process-not-found': () => '改为 Restart=always，或设置 PIDFile=',
    'main-process-not-certain': () => '改为 Restart=always，或设置 PIDFile=',
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
    reboot: '重启',
  },
  fallNames,
  loadProblem,
  ignoredLine,
  alike,
  metLimit,
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
    downHeading: {
      down: '现在没有运行：',
      looping: '现在没有运行，或在反复倒下：',
      mixed: '现在没有运行，或值得留意：',
      running: '现在值得留意：',
    },
    fileGone: '它的 unit 文件已不存在：它还在运行，但结束之后没有任何东西会再启动它',
    service: '服务',
    lingerOn: 'linger 已开启',
    lingerOff: 'linger 未开启',
    filesOnly: '仅根据文件判断',
    redHeading: '哪些情况下不会恢复、为什么、怎么办：',
    allServices: '所有服务',
    someServices: count => `${count} 个服务`,
    marks: {
      up: '会恢复，以及多久之后',
      down: '不会恢复',
      onDemand: '需要时启动',
      unsure: '不确定：取决于当时的快慢，或仅凭文件无法判断',
      none: '不算倒下：不会发生，或者服务不必一直运行',
    },
    stateMarks: {
      active: '正在运行',
      uncertain: '正在运行，但请看上文',
      failed: '已失败',
      other: '没有运行',
    },
    noServices: '这里没有你自己的服务',
    othersHaveServices: (users, _, first, asFirst, fromFiles) =>
      `有服务的用户：${users}。“${asFirst}”以 ${first} 的身份运行，“${fromFiles}”只看文件`,
    noServicesIn: folder => `${folder} 里没有服务`,
    strayDropIn: file => `${file}：这里没有它所属的服务`,
    nothingRed: '凡是 systemd 管得到的情况，所有服务倒下后都会恢复。',
    policyDoesNotRestart: value => `Restart=${value} 在这些情况下都不会重启它`,
    refused: problem => `systemd 拒绝加载：${problem}`,
    stopped: services => `由 systemctl stop 或其他任务停止，不是倒下：${services}`,
    stoppedSince: (service, time) => `${service}（从 ${time} 起）`,
    fellThenStopped: (service, cause, fellAt, time) => `${service} ${fellAndStopped(cause, fellAt, time)}`,
    stoppingSince: (service, time, kill) => `${service}（从 ${time} 起，还没有结束${killTime(kill)}）`,
    reloadNeeded: '文件已修改，daemon-reload 之前 systemd 仍按旧文件行事',
  },
  explain: {
    goesToBackground,
    settings: 'systemd 读到的设置',
    endings: '可能怎样结束，以及 systemd 接下来怎么做',
    settingsAfterReload: held =>
      `文件中的设置；daemon-reload 之前 systemd 仍按${held === null ? '以前读到的设置' : ` Restart=${held} `}行事`,
    endingsAfterReload: '可能怎样结束，以及 systemd 读取这些文件之后会怎么做',
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
    now: '现在',
    triesOn: 'systemd 不会放弃：它会一直重试，直到问题解决，或有人停止它',
    giveUpUndetermined: '是否放弃取决于 systemd 当时的快慢',
    ignoredLines: '被 systemd 忽略的行',
    notLoaded: load => `systemd 不会加载它（${load}）`,
    stopped: time => `从 ${time} 起由 systemctl stop 或其他任务停止：不是倒下。`,
    fellThenStopped: (cause, fellAt, time) => `它${fellAndStopped(cause, fellAt, time)}。`,
    stopping: (time, kill) => `从 ${time} 起由 systemctl stop 或其他任务停止，还没有结束${killTime(kill)}。`,
    reloadNeeded: 'systemd 读取之后文件又有修改，daemon-reload 之前它仍按旧文件行事。',
  },
  check: {
    severities: { critical: '严重', warning: '警告', info: '提示' },
    why: '原因',
    remedy: '办法',
    accepted: '已接受',
    reason: '理由',
    noReason: '没有写明',
    summary: ({ units, critical, warning, info, suppressed, alike: notListed = 0 }) => {
      const found = [
        ...(critical > 0 ? [`${critical} 项严重`] : []),
        ...(warning > 0 ? [`${warning} 项警告`] : []),
        ...(info > 0 ? [`${info} 项提示`] : []),
        ...(suppressed > 0 ? [`${suppressed} 项已接受`] : []),
        ...(notListed > 0 ? [`另有 ${notListed} 项同类问题未列出`] : []),
      ];
      return `${units === 0 ? '没有服务' : `${units} 个服务`}：${found.length === 0 ? '没有发现问题' : found.join('、')}`;
    },
    moreAbout: rule => `想了解某条规则：daruma rules ${rule}`,
    unknownRule: rule => `没有可忽略的规则“${rule}”`,
  },
  reference: {
    groups: {
      restart: '重启',
      hang: '挂死',
      session: '会话与开机',
      hooks: '钩子命令',
      secrets: '密钥',
      command: '命令',
      ports: '端口',
      file: 'unit 文件',
      memory: '内存',
      failover: '故障转移',
    },
    group: '分组',
    severity: '级别',
    atWorst: (severity, worst) => `${severity}（最高：${worst}）`,
    knownFrom: '判断依据',
    needs: {
      units: '只需 unit 文件',
      home: 'unit 文件及其所属用户：enable、linger',
      machine: 'unit 所在的机器：其中的程序和文件',
      manager: '正在运行的服务管理器',
      'user-manager': '系统管理器：用户的服务管理器状态如何',
    },
    onePage: '查看某条规则的全部说明：daruma rules RULE',
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
    didYouMean: name => `是不是想用 ${name}？`,
    unknownUnit: (unit, where) => `${where} 的 unit 里没有 ${unit}`,
    notAUnitName: name => `“${name}”不是合法的 unit 名`,
    badUnitFileName: path =>
      `${path}：systemd 不接受这个 unit 名，其中只能有 ASCII 字母、数字和少数几种标点，最多 255 个字符`,
    notAUnitFile: path => `${path} 不是 unit 文件：daruma 只读 NAME.service 和 NAME.service.d/*.conf`,
    notAService: name => `${name} 不是服务，daruma 只看服务`,
    missingFile: path => `${path} 不存在`,
    danglingLink: path => `${path} 是链接，但它指向的文件不存在`,
    linkLoop: path => `${path} 是链接，但绕了一圈又指回自己`,
    unreadable: (path, errno) => `无法读取 ${path}（${errno}）`,
    unwritable: (path, errno) => `无法写入 ${path}（${errno}）`,
    notADirectory: path => `${path} 不是目录`,
    notAFile: path => `${path} 不是普通文件`,
    unknownEnding: text => `“${text}”不是一种结束方式`,
    endingsAre: forms => `可用的有：${forms}`,
    badTimeSpan: text => `“${text}”不是时间长度，应写成 2s、90s 或 1min 30s 这样`,
    statusesAre: kind => `“${kind}:”后面是 0 到 255 的退出状态`,
    unitBehind: kind => `“${kind}:”后面是 unit 名`,
    signalsAre: names => `信号有 ${names}`,
    newerThanKnown: (version, newest) =>
      `systemd ${version} 按 daruma 所知的最新版本 ${newest} 判断：此后的变化无法体现`,
    badVersion: (text, oldest) =>
      `“${text}”不是 systemd 的版本号（例如 257），daruma 支持 ${oldest} 及更新的版本`,
    badChoice: (option, value, choices) => `${option} 不接受“${value}”，可用的有：${choices}`,
    unknownRule: id => `没有规则“${id}”`,
    listRules: '运行“daruma rules”查看有哪些规则',
    unknownCommand: name => `没有“${name}”这个命令`,
    unknownOption: name => `没有 ${name} 这个选项`,
    takesNoValue: option => `${option} 不带值`,
    missingValue: option => `${option} 需要一个值`,
    missingArgument: name => `缺少参数 ${name}`,
    excessArguments: () => '这个命令不需要这么多参数',
    severalUsers: users => `那里有多个用户的 unit：${users}`,
    noSuchHome: path => `没有 ${path} 这个主目录`,
    exclusive: (a, b) => `${a} 和 ${b} 不能同时使用`,
    nothingToShow: problem => `没有可以显示的内容：${problem}，也没有你自己的 unit 文件`,
    managerFailed: message => `服务管理器没有完成请求：${message}`,
    stateFaults: {
      full: folder => `${folder} 所在的磁盘已满`,
      'not-writable': folder => `无法写入 ${folder}`,
    },
    nothingWasDone: reason => `${reason}；没有做任何改动`,
    cannotWrite: errno => `无法写出结果（${errno}）`,
    doneAllTheSame: '命令本身已执行完毕',
    internal: message => `内部错误：${message}`,
    listUnits: status => `运行“${status}”查看有哪些服务`,
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
    fix: '修复能修复的问题：先展示、再确认、再执行，并可撤销',
    undo: '撤销一次修复，逐字节还原',
    new: '为 daruma 了解的服务或任意命令写一个完整的 unit',
    check: '找出会让服务倒下、起不来的问题，并说明怎么办',
    explain: '服务的每种结束方式：systemd 怎么做、由哪一行决定',
    rules: '检查所依据的规则：全部列出，或完整说明一条',
    config: '配置了什么、写在哪里、是否有效',
    notify: '服务倒下、恢复时通知相关的人，消息不会丢失',
    failover: '一台机器没了，agent 仍能经由另一台得到回答',
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
      check: [
        { command: 'daruma check', meaning: '你的服务' },
        { command: 'daruma check litellm', meaning: '其中一个' },
        { command: 'daruma check ./units --format sarif', meaning: '一个存放 unit 的目录，供代码扫描使用' },
        { command: 'daruma check --fail-on critical', meaning: '只有严重问题才以 1 退出' },
      ],
      fix: [
        { command: 'daruma fix', meaning: '计划、差异、确认，然后给出修复后的表格' },
        { command: 'daruma fix litellm --dry-run', meaning: '只看会做什么' },
        { command: 'daruma fix litellm --yes --only restart-blind-spot', meaning: '只处理一条规则，不询问' },
        { command: 'daruma fix --root examples/neko --dry-run', meaning: '一个解包的系统' },
      ],
      undo: [
        { command: 'daruma undo', meaning: '最近一次修复' },
        { command: 'daruma undo --dry-run', meaning: '只看会做什么' },
        { command: 'daruma undo --list', meaning: '全部修复及其编号' },
      ],
      new: [
        { command: 'daruma new litellm', meaning: '一个写得妥当的 LiteLLM unit' },
        {
          command: 'daruma new squad --dry-run -- /opt/squad/run --port 9000',
          meaning: '任意命令的 unit，只看不写',
        },
      ],
      notify: [
        {
          command: 'daruma notify setup',
          meaning: '让 OpenClaw 的 Telegram 机器人通知你，会先询问',
        },
        { command: 'daruma notify install', meaning: '为你的服务安装钩子和定时器，会先询问' },
        { command: 'daruma notify test', meaning: '向每个渠道发送一条消息，并报告结果' },
        { command: 'daruma notify mute litellm 2h', meaning: '两小时内不通知 litellm 的情况' },
        { command: 'daruma notify status', meaning: '有哪些待发消息、自何时起、为什么' },
      ],
      failover: [
        { command: 'daruma failover', meaning: '谁在线、下一个是谁、还缺什么' },
        { command: 'daruma failover plan', meaning: '要让几台机器互为后备，需要改什么' },
        { command: 'daruma failover apply --to kuma@kuma.example.com', meaning: '在本机和那台机器上都改好' },
        { command: 'daruma failover test --down', meaning: '停掉本机的代理，看看由谁回答' },
      ],
      rules: [
        { command: 'daruma rules', meaning: '全部规则，按分组列出' },
        { command: 'daruma rules restart-blind-spot', meaning: '一条规则：为什么要紧、怎么办' },
      ],
      config: [
        { command: 'daruma config', meaning: '每一项的值，以及由哪一行决定' },
        { command: 'daruma config path', meaning: '配置文件，或它应在的位置' },
        { command: 'daruma config validate ./draft.yaml', meaning: '一个文件的所有问题' },
        { command: 'daruma config schema > config.schema.json', meaning: '供编辑器使用' },
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
      config: '使用这个配置文件',
      home: '主目录；与 --root 同用时，写它在其中的路径',
      systemd: '按这个 systemd 版本判断',
      format: 'human 或 json；check 还有 sarif、github、markdown',
      json: '即 --format json',
      lang: 'en 或 zh-CN（默认依次看 LC_ALL、LC_MESSAGES、LANG）',
      color: '不用颜色（也可设 NO_COLOR）',
      quiet: 'stderr 上只有错误，没有提示',
      verbose: '也显示已接受的问题；出错时附调用栈',
      on: '只看这种结束方式，可以多次使用',
      lifetime: '每次结束之前进程运行多久（默认 0s）',
      restart: '重启那些重启后才生效的服务，并启动已经倒下的服务',
      dryRun: '只显示计划，不做改动',
      yes: '不询问，直接执行',
      only: '只处理这条规则发现的问题（可重复）；包括仅供参考的提示',
      to: '把 drop-in 写到这个目录下，其他什么都不做',
      toHost: '经 ssh 在那台机器上也执行（可重复）',
      front: 'plan、apply：把 HAProxy 放在本机的 LiteLLM 之前（不写时，装有 HAProxy 就放）',
      noFront: 'plan、apply：不在 LiteLLM 之前放 HAProxy；已经有的保持不变',
      refused: 'status：显示被拒收的消息及其原因；flush：重新发送',
      down: 'test：测试途中让本机代理停止（stop，不写 HOW 时）、被杀（kill）或卡住（hang）；无论如何都会让它恢复运行',
      input: '从不询问',
      list: '列出已有的修复',
      continue: '完成被中断的修复',
      failOn: '从哪个级别起以 1 退出：info、warning（默认）或 critical',
      help: '显示这份帮助',
      version: '显示版本号',
    },
    actions: '操作',
    configActions: {
      show: '每一项的值，以及由哪一行决定或是默认（不写操作时）',
      path: '所用的配置文件，或它应在的位置',
      schema: '配置文件的 JSON Schema',
      validate: '配置文件（或 FILE）的所有问题，有问题则以 2 退出',
    },
    notifyActions: {
      status: '有哪些待发消息、自何时起、为什么（不写动作时即此）',
      'setup [CHAT]': '让 OpenClaw 的或别的 Telegram 机器人给你发消息：先试发，再写入渠道和钩子',
      test: '向每个渠道发送一条消息；有渠道未送达则退出码为 1',
      'send TEXT': '发送一段自己的文字',
      'install [UNIT...]': '为这些服务或你的全部服务安装钩子，并安装定时器',
      'uninstall [UNIT...]': '移除它们',
      'mute [UNIT...] SPAN': '一段时间内不通知这些服务或任何服务的情况',
      'unmute [UNIT...]': '恢复通知',
      flush: '立即取走钩子的记录，并发送到期的消息',
      'hook UNIT': '早期版本的钩子所调用的命令',
    },
    failoverActions: {
      status: '谁在线、下一个是谁、还缺什么（不写动作时即此）',
      plan: '每台机器上 openclaw.json 要改什么，以及它的 Web 服务器需要什么',
      apply: '改好本机；加 --to 也改好其他机器',
      check: '通往其他机器的路是否畅通，那边有哪些模型',
      test: '经由后备链上的每个 provider 真正提问，每个花费一个或几个 token',
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

/** systemd 等到什么时候。 */
function killTime(kill: string | null | undefined): string {
  if (kill === undefined) return '';
  return kill === null ? '；systemd 会一直等它结束' : `；systemd 到 ${kill} 会强制结束它`;
}

function fellAndStopped(cause: Cause, fellAt: string | undefined, time: string): string {
  const at = fellAt === undefined ? '' : `（${fellAt}）`;
  return `${endedHow(cause)}${at}；systemd 还没有重启它，就在 ${time} 由 systemctl stop 或其他任务停止了`;
}

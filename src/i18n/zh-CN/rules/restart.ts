import type { StartLimitMisplaced } from '../../../check/rules/start-limit-misplaced.ts';
import type { FallName } from '../../../restart/survival.ts';
import { causesOf, foregroundSettings } from '../../parts.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { fallNames } from '../fall-names.ts';
import { goesToBackground } from '../goes-to-background.ts';
import { reasons } from '../reasons.ts';
import { span } from '../span.ts';
import { daruma, systemctl } from '../../shown-commands.ts';

export const restart: GroupTexts<'restart'> = {
  'goes-to-background': {
    title: '命令把真正的程序放到了后台',
    message: goesToBackground,
    why: ({ effect, type, killMode, restart: policy, script }) => {
      const where = script === null ? '' : `这条命令在 ${script} 里。`;
      const again = policy === null ? '' : `随后 Restart=${policy} 再次启动它，结果相同，如此反复。`;
      switch (effect) {
        case 'killed':
          return `Type=${type} 时，命令就是服务：命令一结束，systemd 就结束它留下的一切（KillMode=${killMode}）。${again}${where}`;
        case 'stopped':
          return `Type=${type} 时，命令就是服务：命令一结束，systemd 就运行 ExecStop=，每次启动之后都是如此。${again}${where}`;
        case 'unwatched':
          return `Type=${type} 时，命令就是服务，而命令已经结束：继续运行的程序不属于任何单元，它死掉时没有人看到。${policy === null ? '' : `其间 Restart=${policy} 一再运行这条命令。`}${where}`;
        case 'hidden':
          return `有 RemainAfterExit=yes 时，命令结束后单元仍算 active。后台的程序死掉时，systemctl 仍显示绿色，也没有什么会重启它。${where}`;
        default:
          return effect satisfies never;
      }
    },
    remedy: details => {
      const { program, words, foreground, beside } = details;
      const settings = foregroundSettings(details);
      const rest =
        settings.length === 0
          ? ''
          : `然后在 [Service] 中设置 ${settings.join('、')}${beside === null ? '' : besideAlways[beside]}。`;
      const free = words.startsWith('run ') ? '再加上 --rm，这样下次启动时容器的名字是空闲的。' : '';
      switch (foreground.how) {
        case 'without':
          return `让它留在前台：去掉 ${foreground.words}。${free}${rest}`;
        case 'with':
          return `让它留在前台：加上 ${foreground.words}。${rest}`;
        case 'instead':
          return `让它留在前台：把 ${foreground.words} 改为 ${foreground.instead}。${free}${rest}`;
        case 'file':
          return `让它留在前台：从 ${foreground.file} 中去掉“${foreground.words}”。${rest}`;
        case 'exec':
          return `让它留在前台：去掉 &（以及 nohup），在命令前加上 exec。${rest}`;
        case 'direct':
          return `${program} 没有适合服务的形式：在 ExecStart= 里直接写它所启动的程序。${rest}`;
        default:
          return foreground satisfies never;
      }
    },
  },
  'restart-blind-spot': {
    title: '常见的退出方式会让服务停在那里',
    message: ({ falls }) => `遇到${named(falls.map(({ fall }) => fall))}后不会恢复`,
    why: ({ falls, policy, isDefault }) =>
      policy === 'no'
        ? `${isDefault ? '默认的 ' : ''}Restart=no 在任何情况下都不会重启：在有人手动启动之前，服务一直停着。`
        : `${causesOf(falls, reasons)
            .map(({ counts, decides }) => `${counts.join('，')}：${decides}。`)
            .join('')}在有人手动启动之前，服务一直停着。`,
    remedy: ({ beside, mayEnd }) =>
      mayEnd
        ? `它自行正常结束过。如果它本来就该结束，请写 Type=oneshot；如果它应该一直运行，请在 [Service] 中设置 Restart=always${besideAlways[beside]}。`
        : `在 [Service] 中设置 Restart=always${besideAlways[beside]}。`,
  },
  'restart-value-invalid': {
    title: 'Restart= 的值无效，被 systemd 忽略',
    message: ({ value, policy, isDefault }) =>
      `${value === '' ? '空的 Restart= 不会清除之前的设置' : `systemd 不认识 Restart=${value}，忽略了这一行`}：生效的是${isDefault ? '默认的' : '之前的'} Restart=${policy}`,
    why: ({ falls }) =>
      falls.length === 0
        ? '服务仍然能恢复，但靠的不是这一行。'
        : `因此遇到${named(falls)}后不会恢复。systemd 只在日志里给出警告，服务照常启动，看不出问题。`,
    remedy: ({ meant, meantFalls, write, beside }) =>
      write === null
        ? '删除这一行，或者改成真正想要的值。'
        : meant === null || meant === write || meantFalls.length === 0
          ? `写成 Restart=${write}${besideAlways[beside]}。`
          : `写成 Restart=${write}${besideAlways[beside]}。如果写成 Restart=${meant}，遇到${named(meantFalls)}后仍然不会恢复。`,
  },
  'restart-prevented': {
    title: 'RestartPreventExitStatus= 包含常见的退出方式',
    message: ({ ends }) => `由于 RestartPreventExitStatus=，遇到${padded(statuses(ends))}后不会恢复`,
    why: ({ ends }) =>
      `${ends.map(end => commonEnds[end] ?? end).join('；')}。这个列表优先于 Restart=，即使是 Restart=always。`,
    remedy: ({ ends, mayBeMeant, rest }) => {
      const remains = rest === '' ? '' : `，只留下 RestartPreventExitStatus=${rest}`;
      return mayBeMeant
        ? `如果它只在任务做完时才以 0 退出，可以保留；否则从列表中去掉 ${ends.join('、')}${remains}。`
        : `从列表中去掉 ${ends.join('、')}${remains}。`;
    },
  },
  'start-limit-gives-up': {
    title: '暂时启动不了的服务会被 systemd 放弃',
    message: ({ starts, intervalSeconds, afterSeconds }) =>
      afterSeconds === null
        ? `systemd 可能会放弃它（上限：${limit(starts, intervalSeconds)}），是否放弃取决于 systemd 当时的快慢`
        : `启动次数达到上限（${limit(starts, intervalSeconds)}）后，systemd 就会放弃：一启动就失败的程序，用不了 ${span(afterSeconds[1])}就会走到这一步`,
    why: ({ afterSeconds, socket }) =>
      socket === null
        ? `启动时缺少的东西（网络、服务器、令牌），也许一分钟后就有了；而那时服务${afterSeconds === null ? '可能' : ''}已经彻底停下。`
        : `${socket} ${afterSeconds === null ? '可能会' : '会'}随之失败（service-start-limit-hit）：不再有程序监听，也不会再因连接而启动，直到有人启动这个套接字。`,
    remedy: ({ wouldSpin, needsRestart }) =>
      needsRestart
        ? '在 [Unit] 中设置 StartLimitIntervalSec=0，在 [Service] 中设置 Restart=on-failure 和 RestartSec=5：如果不等待就再次启动，套接字自己的限制会让它失败。'
        : `在 [Unit] 中设置 StartLimitIntervalSec=0${wouldSpin ? calmly : ''}。`,
  },
  'start-limit-misplaced': {
    title: '启动次数限制写错了节',
    message: ({ value, starts, intervalSeconds }) =>
      `StartLimitIntervalSec=${value} 应当写在 [Unit] 里，在 [Service] 里会被忽略：${starts === 0 || intervalSeconds === 0 ? '启动次数限制实际上是关闭的' : `实际的上限是 ${limit(starts, intervalSeconds)}`}`,
    why: ({ givesUp }) => limitEffects[givesUp],
    remedy: ({ value, write, wouldSpin }) =>
      write === value
        ? `把这一行移到 [Unit]${wouldSpin ? calmly : ''}。`
        : `在 [Unit] 中设置 StartLimitIntervalSec=${write}${wouldSpin ? calmly : ''}。如果仍用 ${value}，systemd 照样会放弃。`,
  },
  'restart-delay-busy-loop': {
    title: '启动不了的程序每秒会被重启很多次',
    message: ({ waitSeconds, isDefault }) =>
      waitSeconds === 0
        ? '启动不了的程序会立刻再次启动（RestartSec=0），没有启动次数限制来终止'
        : `启动不了的程序每秒最多会启动 ${Math.floor(1 / waitSeconds)} 次（${isDefault ? '默认的 ' : ''}RestartSec=${waitSeconds * 1000}ms），没有启动次数限制来终止`,
    why: () => '这样的循环会占满一个处理器、写满日志，还会反复请求程序所依赖的东西，直到有人发现为止。',
    remedy: () => '在 [Service] 中设置 RestartSec=5。',
  },
  'restart-delay-too-long': {
    title: '重启前要等很久',
    message: ({ waitSeconds, isGrown }) =>
      waitSeconds === null
        ? 'RestartSec=infinity：重启前的等待永远不会结束'
        : isGrown
          ? `重启前的等待会逐渐增加到 ${span(waitSeconds)}`
          : `每次重启前都要等 ${span(waitSeconds)}`,
    why: ({ waitSeconds, isGrown }) =>
      waitSeconds === null
        ? '它会一直停留在“auto-restart”状态，直到有人手动启动。'
        : isGrown
          ? `systemd 会一直累计重启次数，直到有人手动启动，中间运行得再好也不会清零：次数够多之后，任何一次倒下都意味着中断 ${span(waitSeconds)}。`
          : `任何一次倒下都意味着中断 ${span(waitSeconds)}，哪怕立刻启动就能成功。`,
    remedy: ({ waitSeconds, isGrown }) =>
      waitSeconds === null
        ? '在 [Service] 中设置 RestartSec=5。'
        : isGrown
          ? '把 RestartMaxDelaySec= 设为 1min 或更短：每分钟启动一次，代价很小。'
          : '设置 RestartSec=5。如果是为了减轻服务器的负担，1min 也足够了。',
  },
  'restart-backoff-available': {
    title: '重启的间隔可以逐渐拉长',
    message: ({ waitSeconds }) => `启动不了的程序每隔 ${span(waitSeconds)}就会重启一次，没有尽头`,
    why: () =>
      '每次失败的启动都要耗费处理器时间、写日志、向别处发请求。systemd 254 及更新的版本可以让间隔逐次拉长。',
    remedy: ({ waitSeconds, steps, mostSeconds }) =>
      `在 [Service] 中设置 RestartSteps=${steps} 和 RestartMaxDelaySec=${mostSeconds}：间隔会从 ${span(waitSeconds)}逐渐拉长到 ${span(mostSeconds)}。`,
  },
  'restart-oneshot': {
    title: '任务的重试起不了多少作用',
    message: ({ tries, seconds }) =>
      tries === null
        ? `任务失败后每隔 ${span(seconds)}就会再次启动，没有尽头`
        : `任务失败后会在 ${span(seconds)}内尝试 ${tries} 次，然后放弃`,
    why: ({ tries, seconds }) =>
      tries === null
        ? '两次尝试之间它都算“activating”：“systemctl --failed”永远不会列出它。'
        : `任务缺少的东西（网络、服务器、锁）很少会在 ${span(seconds)}后就恢复：每次尝试遇到的都是同样的问题。`,
    remedy: ({ tries }) =>
      tries === null
        ? '在 [Service] 中设置 RestartSec=1min 或更长，并在 [Unit] 中设置 StartLimitBurst= 和 StartLimitIntervalSec=，让它在若干次尝试之后以失败告终。'
        : '在 [Service] 中设置 RestartSec=1min 或更长，并让 [Unit] 中的 StartLimitIntervalSec= 容得下想要的尝试次数。',
  },
  'success-status-hides-failure': {
    title: 'SuccessExitStatus= 把失败当作成功',
    message: ({ ends, policy }) =>
      `SuccessExitStatus= 把${padded(statuses(ends))}当作成功，而 Restart=${policy} 只在失败后重启`,
    why: ({ ends }) => `${ends.map(end => commonEnds[end] ?? end).join('；')}。所以服务会一直停着。`,
    remedy: ({ ends, rest }) =>
      `从列表中去掉 ${ends.join('、')}${rest === '' ? '' : `，只留下 SuccessExitStatus=${rest}`}。`,
  },
  'remain-after-exit-hides-death': {
    title: 'RemainAfterExit= 让人看不出进程已经没了',
    message: ({ falls }) => `遇到${named(falls)}后仍然算作 active，其实什么都没在运行`,
    why: () =>
      'RemainAfterExit=yes 是给做完准备工作就退出的任务用的。只要算作 active，不论 Restart= 怎么写都不会重启。',
    remedy: ({ mayBeMeant, policy, needsAlways, beside }) => {
      const stay = `删除 RemainAfterExit=yes${needsAlways ? `，并在 [Service] 中设置 Restart=always${besideAlways[beside]}` : ''}。`;
      return mayBeMeant
        ? `如果进程本来就该在完成设置后结束，请写明 Type=oneshot${policy === 'no' ? '' : ' 和 Restart=no'}；否则${stay}`
        : stay;
    },
  },
  'binds-to-stays-down': {
    title: '另一个 unit 倒下会让它一直停着',
    message: ({ directive, other }) => `${directive}=${other}：对方倒下时，它会被一起停止，之后不会恢复`,
    why: ({ other, otherRestarts }) =>
      `随另一个 unit 停止的 unit 算是有意停止的，Restart= 不会让它恢复${otherRestarts ? `：systemd 只会重启 ${other}` : ''}。`,
    remedy: ({ directive, other, otherRestarts, instead, isStartedWithIt }, { unit }) =>
      `把 ${directive}= 改写成 ${instead}=${other}${isStartedWithIt ? '' : `，并在 ${other} 的 [Unit] 中设置 Wants=${unit}`}：${otherRestarts ? '这样它会随对方一起重启' : '这样对方倒下时它会继续运行'}。drop-in 无法撤销依赖，只能修改这一行本身。`,
  },
  'stop-propagates': {
    title: '另一个 unit 停止后它也会停着',
    message: ({ directive, other }) =>
      `${directive}=${other}：对方被停止时它也会停止，对方再次启动时它却不会跟着启动`,
    why: ({ other, restartsWithIt }, manager) =>
      `执行“${systemctl(manager, 'stop', other)}”再 start 之后，它会一直停着，直到有人想起来${restartsWithIt ? `；执行“${systemctl(manager, 'restart', other)}”则两者都会重启` : ''}。`,
    remedy: ({ other }, { unit }) =>
      `在 ${other} 的 [Unit] 中设置 Wants=${unit}：这样对方每次启动都会带上它。`,
  },
  'on-failure-unit-missing': {
    title: 'OnFailure= 指定的 unit 无法启动',
    message: ({ other, problem }) => `OnFailure=${other}：${onFailureProblems[problem]}`,
    why: () => '服务失败时什么都不会启动，也就没有人会收到通知。',
    remedy: ({ other, problem }, manager) =>
      problem === 'masked'
        ? `执行“${systemctl(manager, 'unmask', other)}”，或者换成别的 unit。`
        : problem === 'refused'
          ? `修好 ${other}：“${daruma('explain', manager.scope, other)}”会说明问题所在。`
          : `把 ${other.includes('@') ? templateOf(other) : other} 安装到这个管理器能找到的位置，或者换成别的 unit。`,
  },
  'on-failure-fires-late': {
    title: '会自动重启的服务上的 OnFailure=',
    message: ({ others, fires, starts }) =>
      fires === 'never'
        ? `OnFailure=${others.join(' ')} 永远不会触发：每次失败后服务都会重启，没有尽头`
        : fires === 'at-the-end'
          ? `OnFailure=${others.join(' ')} 只在 systemd 放弃${starts === null ? '' : `（启动 ${starts} 次）`}之后才会触发`
          : `OnFailure=${others.join(' ')} 每次失败都会触发，即使服务随后会重启`,
    why: ({ fires, starts }) =>
      fires === 'at-every-failure'
        ? `从 systemd 254 起，重启会经过“failed”状态${starts === null ? '：启动不了的服务会让它反复触发' : `：连续崩溃时会触发 ${starts + 1} 次，最后一次是因为被放弃`}。`
        : '在 systemd 253 及更早的版本中，或者设置了 RestartMode=direct 时，会重启的服务不会进入“failed”状态：能自己恢复的失败不会有通知。',
    remedy: ({ fires, starts }) =>
      fires === 'at-every-failure'
        ? starts === null
          ? '要确保它启动的东西经得起反复触发。'
          : '如果只想在最终放弃时得到通知，在 [Service] 中设置 RestartMode=direct；否则要确保它启动的东西经得起反复触发。'
        : '如果每次倒下都想得到通知，请使用 ExecStopPost=：每次结束后都会执行，并带有 $SERVICE_RESULT 和 $EXIT_STATUS。',
  },
};

const onFailureProblems = {
  missing: '没有这个 unit',
  'other-manager': '这是系统管理器的 unit，用户管理器无法启动它',
  masked: '它已被屏蔽（mask）',
  refused: 'systemd 拒绝加载它',
} as const;

/** `退出码 1、SIGKILL` */
function statuses(ends: readonly string[]): string {
  return ends.map(end => (/^\d/.test(end) ? `退出码 ${end}` : end)).join('、');
}

/** 放在“遇到”与“后”之间：与拉丁字母或数字相邻的一侧留空格。 */
function named(falls: readonly FallName[]): string {
  return padded(falls.map(fall => fallNames[fall]).join('、'));
}

function padded(list: string): string {
  return `${/^\w/.test(list) ? ' ' : ''}${list}${/\w$/.test(list) ? ' ' : ''}`;
}

const besideAlways = {
  nothing: '',
  'no-limit': '，并在 [Unit] 中设置 StartLimitIntervalSec=0，以免连续崩溃后被放弃',
  'no-limit-and-delay': ' 和 RestartSec=5，并在 [Unit] 中设置 StartLimitIntervalSec=0，以免连续崩溃后被放弃',
} as const;

/** 没有人想让服务停下，却会走到这一步的原因。 */
const commonEnds: Readonly<Record<string, string>> = {
  '0': '程序被要求退出时，或者自己体面地放弃时，都会以 0 退出',
  '1': '大多数程序不论因为什么失败，退出码都是 1',
  '127': '命令不存在时，shell 的退出码就是 127',
  '134': '因 SIGABRT 终止的程序（例如堆内存用尽的 Node.js），经过 shell 后退出码就是 134',
  '137': '被 SIGKILL 杀死的程序，经过 shell 后退出码就是 137',
  '143': '被 SIGTERM 终止的程序，经过 shell 或 Java 后退出码就是 143',
  '139': '因 SIGSEGV 崩溃的程序，经过 shell 后退出码就是 139',
  '255': 'ssh 和许多脚本失败时的退出码都是 255',
  SIGABRT: '程序发现自己出错时会以 SIGABRT 终止',
  SIGKILL: '内核回收内存时用的就是 SIGKILL',
  SIGSEGV: 'SIGSEGV 就是崩溃',
  SIGTERM: '任何一次误发的 kill 都是 SIGTERM',
};

/** `10 秒内 5 次` */
function limit(starts: number, intervalSeconds: number | null): string {
  return intervalSeconds === null ? `总共 ${starts} 次` : `${span(intervalSeconds)}内 ${starts} 次`;
}

const calmly = '，并在 [Service] 中设置 RestartSec=5，以免启动不了的程序空转';

const limitEffects: Readonly<Record<StartLimitMisplaced['givesUp'], string>> = {
  yes: '启动不了的程序会触及这个上限，之后一直停着。',
  undetermined: '启动不了的程序可能会触及这个上限，取决于 systemd 当时的快慢；一旦触及，就会一直停着。',
  no: '目前连续崩溃不会触及这个上限，所以没有什么后果。',
};

/** The template of an instance, such as `daruma-notify@.service`. */
function templateOf(unit: string): string {
  // bounded: 255 bytes, the name of a unit
  return unit.replace(/@.*\./, '@.');
}

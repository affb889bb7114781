import type { StartLimitMisplaced } from '../../../check/rules/start-limit-misplaced.ts';
import type { FallName } from '../../../restart/survival.ts';
import { causesOf } from '../../parts.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { fallNames } from '../fall-names.ts';
import { reasons } from '../reasons.ts';
import { span } from '../span.ts';

export const restart: GroupTexts<'restart'> = {
  'restart-blind-spot': {
    title: '常见的退出方式会让服务停在那里',
    message: ({ falls }) => `遇到${named(falls.map(({ fall }) => fall))}后不会恢复`,
    why: ({ falls, policy, isDefault }) =>
      policy === 'no'
        ? `${isDefault ? '默认的 ' : ''}Restart=no 在任何情况下都不会重启：在有人手动启动之前，服务一直停着。`
        : `${causesOf(falls, reasons)
            .map(({ counts, decides }) => `${counts.join('，')}：${decides}。`)
            .join('')}在有人手动启动之前，服务一直停着。`,
    remedy: ({ beside }) => `在 [Service] 中设置 Restart=always${besideAlways[beside]}。`,
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
    message: ({ ends }) =>
      `由于 RestartPreventExitStatus=，遇到${padded(ends.map(end => (/^\d/.test(end) ? `退出码 ${end}` : end)).join('、'))}后不会恢复`,
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
    why: ({ afterSeconds }) =>
      `启动时缺少的东西（网络、服务器、令牌），也许一分钟后就有了；而那时服务${afterSeconds === null ? '可能' : ''}已经彻底停下。`,
    remedy: ({ wouldSpin }) => `在 [Unit] 中设置 StartLimitIntervalSec=0${wouldSpin ? calmly : ''}。`,
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
};

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
  '137': '被 SIGKILL 杀死的程序，经过 shell 后退出码就是 137',
  '143': '被 SIGTERM 终止的程序，经过 shell 或 Java 后退出码就是 143',
  SIGKILL: '内核回收内存时用的就是 SIGKILL',
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

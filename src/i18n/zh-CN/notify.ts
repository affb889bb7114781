import type { ChannelFault } from '../../notify/channel.ts';
import type { FallTimes, NotifyTexts } from '../notify-texts.ts';
import { proxyFaultText, throughProxy } from './proxies.ts';

export const notify: NotifyTexts = {
  hookByHand: '钩子由 systemd 调用，不能手动运行',
  notKept: (unit, cause) => `无法记录 ${unit} 的情况：${cause}`,
  signsDiscarded: count => `有 ${count} 条由钩子写下的记录不完整，已丢失`,
  notHandedOver: (unit, cause) => `没有进程在等待 ${unit}，将由定时器处理：${cause}`,
  putAside: file => `消息数据库已损坏，现已重建；旧文件保存为 ${file}`,
  storeDamaged: folder =>
    `${folder} 中的消息数据库已损坏：无法得知有什么在等待；daruma 下次写入时会重建数据库，并保留旧文件`,
  storeTooNew: file => `${file} 由更新版本的 daruma 写入`,
  storeBusy: '消息数据库正被另一个进程占用',
  noChannels: '没有配置任何通知渠道，不会通知任何人',
  addChannel:
    '“daruma notify setup”可添加 Telegram；其他渠道请写入 notify.channels，“daruma config path”可查看配置文件位置',
  delivered: (channel, remark) => `${channel}：已送达${remark === undefined ? '' : `；${remark}`}`,
  notDelivered: (channel, fault) => `${channel}：未送达，${fault}`,
  fault: fault => `${whatFailed(fault)}${fault.detail === '' ? '' : `（${fault.detail}）`}`,
  allDelivered: '已送达。',
  nothingWaits: channel => `${channel}：没有待发消息`,
  waiting: (channel, count, since) =>
    `${channel}：${count} 条消息待发，${count === 1 ? `产生于 ${since}` : `说的是 ${since} 以来的事`}`,
  stranded: (channel, count) =>
    `${channel}：${count} 条消息在等待这个渠道，而配置中已没有它；一旦有其他渠道，就会改由其他渠道发送`,
  notBefore: (first, last, isRest) =>
    last === undefined
      ? `${isRest ? '其余的在 ' : ''}${first} 之前不发送`
      : `${isRest ? '其余的：' : ''}最早的可在 ${first} 发送，到 ${last} 全部可以发送`,
  heldBack: time => `尚未尝试：免打扰至 ${time}`,
  notTried: '尚未尝试：定时器会在一分钟内发送，“daruma notify flush”可立即发送',
  asleep: isWaiting =>
    `在管理器恢复运行之前，不会自动发出通知${isWaiting ? '；恢复之后会发送等待中的内容，“daruma notify flush”可立即发送已到时间的消息' : ''}`,
  failed: (attempts, fault, next) =>
    `已尝试 ${attempts} 次：${fault}${next === '' ? '' : `；下次尝试 ${next}`}`,
  refused: count => `${count} 条消息被对方拒收：“daruma notify status --refused”可查看原因`,
  refusal: (channel, happened, title) => `${channel}，产生于 ${happened}：${title}`,
  noRefusals: '没有被拒收的消息。',
  sendRefusedAgain: '原因消除之后，“daruma notify flush --refused”会重新发送。',
  wakersStopped: (units, start) =>
    `${units.replaceAll(', ', '、')} 没有在运行，钩子写下的内容可能很晚才通知，或者永远不会通知：“${start}”`,
  noHooks: '没有任何服务装有钩子：“daruma notify install”会写入钩子',
  hooksWork: units => `钩子：${units}`,
  earlierHooks: units => `较早版本的 daruma 写入的钩子：${units}；“daruma notify install”会替换这些钩子`,
  hooksLeadTo: (units, missing) =>
    `以下服务的钩子通向 ${missing}，而它不存在：${units}；“daruma notify install”会替换这些钩子`,
  unhookedJobs: (units, words) =>
    `没有钩子：${units}，因为定时器或路径单元启动的任务本来就会结束；“daruma notify install ${words}”会让它们失败时发出通知`,
  unhooked: units => `没有钩子：${units}；“daruma notify install”会写入钩子`,
  noSigns: fault => `${fault}：现在钩子看到的情况无法保存，也就不会通知任何人`,
  signsWait: count => `钩子写下的 ${count} 条记录还没有被取走：“daruma notify flush”会立刻取走`,
  quietUntil: time => `免打扰至 ${time}`,
  mutedUntil: (unit, time) => `${unit ?? '所有服务'}：静音至 ${time}`,
  notMuted: unit => `${unit} 没有被静音`,
  incident: (unit, state, falls, present) =>
    `${unit}：${presents[present]}${stateText(state, falls)}${fallTimes(falls)}`,
  passingProgram: folder => `本程序运行于 ${folder}，那里的文件不会长期保留，systemd 之后会找不到它`,
  installForGood: '请正式安装：npm install --global daruma',
  alreadyInstalled: '钩子和定时器都已安装。',
  hookFiles: (services, files) =>
    `${services === 0 ? '' : `${services} 个服务的`}钩子，共 ${files} 个文件（--dry-run 显示内容）：`,
  ownUnits: names => `投递消息的 unit：${names}`,
  notInstalled: '没有可移除的钩子。',
  unitsOnly: '钩子只能安装在正在运行的本机上：请给出服务名',
  noTimeout: '钩子在这台机器上无法工作：需要支持 -k 选项的 timeout，以及 mkdir 和 sync',
  installTools: '请安装 coreutils，或带有这些命令的 BusyBox',
  otherMessenger: (unit, line, receiver, isTakenOut) =>
    `${unit}：${line} 自己会向 ${receiver} 发消息，加上 daruma 的钩子就会通知两次。${
      isTakenOut ? '本方案会将其移除，撤销后恢复。' : '保持不变：如果改由 daruma 通知，请自行移除。'
    }`,
  unnoticed: {
    failed: unit => `${unit}：已失败，钩子没有留下记录：“daruma”会显示原因`,
    refused: unit => `${unit}：断言不成立，systemd 拒绝启动，还没有通知过：“daruma”会显示是哪条断言`,
    fails: unit => `${unit}：已结束，systemd 即将再次启动它，钩子没有留下记录：“daruma”会显示原因`,
  },
  missingHooks: {
    inRing: units =>
      `${units}：没有加 ExecStopPost=，因为它和其他单元会互相停止，加上后都无法再恢复；失败会通知，正常结束不会。`,
    required: units =>
      `${units}：没有加 ExecStartPost=，因为其他单元依赖（Requires=）它，加上后如果它的进程一启动就退出，那些单元也会启动失败；停止运行及之后的情况会通知，没有停过的启动不会。`,
    soleFailureJob: units =>
      `${units}：没有加 OnFailure=，因为它的 OnFailureJobMode= 不允许再有一个；停止运行由 ExecStopPost= 记录并通知，进程还没运行就失败的启动不会。`,
  },
  remaining: units =>
    `${units}：命令结束之后，RemainAfterExit=yes 让它保持 active；启动失败会通知，这些命令启动的东西后来怎样则不会。`,
  longerStarts:
    '“systemctl start”和“restart”会等待启动钩子：进程一启动就失败时，它们也会失败（Type=simple、exec、idle）。',
  untold: units =>
    `关于 ${units} 的情况还没有通知，也不会再通知：没有钩子，就看不到它后来怎样；“daruma status”会显示它现在的状态`,
  stillWaiting: (channel, count) =>
    `${channel}：${count} 条消息待发，没有钩子就不会再自动发送，可用“daruma notify flush”发送`,
  notForgotten: cause => `未能清除已没有钩子的服务留下的记录：${cause}`,
  passingVersion: folder =>
    `systemd 通过 ${folder} 运行 daruma，升级后该目录会被删除。此后发生的事会先保留，重新运行“daruma notify install”后才会通知。`,
  hookComments: {
    failed: 'systemd 放弃重启时发出通知。',
    started: '恢复运行后发出通知。',
    ended: '记录它是怎样结束的。',
  },
};

/** 写在上次看到的状态之前。 */
const presents = {
  'as-seen': '',
  runs: '现在正在运行；上次查看时：',
  starts: 'systemd 现在正在启动它；上次查看时：',
  ends: '现在正在停止；上次查看时：',
  halted: '现在进程还在，但没有继续执行：被暂停（SIGSTOP）、冻结或正被调试；上次查看时：',
  'does-not-run': '现在没有运行；上次查看时：',
  unknown: '无法从管理器得知现在的状态；上次查看时：',
} as const;

const states = {
  down: '已停止，systemd 尚未放弃',
  starting: '正在启动',
  'not-ready': '启动后未就绪',
  up: '已恢复',
  'stays-down': '已停止，不会自动恢复',
  failed: '已失败，会被再次启动',
  stopped: '已按要求停止',
} as const;

function stateText(state: keyof typeof states, { count }: FallTimes): string {
  return state === 'starting' && count > 0 ? '已再次启动，能否稳定尚不清楚' : states[state];
}

function whatFailed(fault: ChannelFault): string {
  return proxyFaultText(fault.proxy, fault.status) ?? ownFault(fault) + throughProxy(fault.proxy);
}

function ownFault({ code, status }: ChannelFault): string {
  switch (code) {
    case 'name-not-found':
      return '无法解析主机名';
    case 'unreachable':
      return '无法连通对方主机';
    case 'refused-connection':
      return '对方端口没有监听';
    case 'connection-lost':
      return '连接中断';
    case 'timeout':
      return '等待应答超时';
    case 'tls':
      return '证书或加密方式不被接受';
    case 'proxy':
      return '代理不放行';
    case 'too-long':
      return '对方的应答过长';
    case 'unauthorized':
      return `令牌或密码不被接受${of(status)}`;
    case 'forbidden':
      return `没有写入权限${of(status)}`;
    case 'not-found':
      return `地址不存在${of(status)}`;
    case 'wrong-service':
      return `应答的不是该服务${of(status)}`;
    case 'rate-limited':
      return `发送过于频繁${of(status)}`;
    case 'server-error':
      return `对方自身故障${of(status)}`;
    case 'rejected':
      return `消息不被接受${of(status)}`;
    case 'moved':
      return '聊天的编号已经改变，请写入配置';
    case 'wrong-security':
      return '连接没有建立；这个端口通常用另一种设置';
    case 'secret-missing':
      return '缺少令牌、密码或地址';
    case 'command-failed':
      return `命令执行失败${of(status)}`;
    default:
      return code satisfies never;
  }
}

function of(status: number | null): string {
  return status === null ? '' : `，${status}`;
}

/** When a service fell, or its start failed: once, or first and last. */
function fallTimes({ count, failedStarts, isAtLeast, first, last }: FallTimes): string {
  const how = failedStarts > 0 ? '启动失败于' : '倒下于';
  if (count <= 1 && !isAtLeast) return first === undefined ? '' : `，${how} ${first}`;
  const times = [
    ...(first === undefined ? [] : [`第一次在 ${first}`]),
    ...(last === undefined ? [] : [`最后一次在 ${last}`]),
  ];
  const falls = count - failedStarts;
  const counts = [
    ...(falls > 0 ? [`倒下 ${falls} 次`] : []),
    ...(failedStarts > 0 ? [`启动失败 ${failedStarts} 次`] : []),
  ];
  return `，${isAtLeast ? '至少' : ''}${[...counts, ...times].join('，')}`;
}

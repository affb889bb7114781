import type { GatewayNote } from '../../failover/gateway-edits.ts';
import type { RefusedReason } from '../../failover/plan.ts';
import type { ShipFault } from '../../failover/ship.ts';
import type { Answering } from '../../failover/standing.ts';
import type { UnclearReference } from '../../services/openclaw-models.ts';
import type { FailoverTexts } from '../failover-texts.ts';
import { describeLinkFault } from '../parts.ts';
import { contentText } from './content.ts';
import { front } from './front.ts';
import { links } from './links.ts';
import { proxyFaultText, throughProxy } from './proxies.ts';

export const failover: FailoverTexts = {
  front,
  noNodes: '配置里没有写明哪些机器可以互为后备',
  addNodes:
    '请写上：nodes: [{name: neko, url: "https://neko.example.com/litellm", key: "file:~/neko.key"}, {name: kuma, ...}]；“daruma config path”会说明写在哪里',
  notANode: host => `本机名为 ${host}，而 nodes 里没有这个名字`,
  nodesAre: names => `其中有 ${names}；节点的名字就是那台机器的主机名`,
  noOtherNode: node => `nodes 里只有 ${node}，也就是本机`,
  addAnother: '请再写上作为后备的那台机器',
  plainHttp: (node, url) => `${node} 的地址 ${url} 没有加密，途中的任何人都能读到密钥`,
  useHttps: '请改用 https:// 和有证书的域名；“daruma failover plan”会给出相应的 Web 服务器配置',
  noGateway: '这里没有 OpenClaw 的配置',
  gatewaySought: '先看 OpenClaw 的服务读取哪个文件，否则看 ~/.openclaw/openclaw.json',
  refused,
  refusedHint: (code, validation) => {
    const hint = refusedHints[code];
    return typeof hint === 'string' ? hint : hint(validation);
  },
  note,
  giveKey: '请在 nodes 里用 key 写明它在哪里（file:PATH、env:NAME 等）；没有改动任何内容',
  upToDate: file => `${file}：无需增加；使用本机代理的 agent 都以其他机器为后备。`,
  onMachine: (node, since) => `在 ${node} 上，保留原有内容并加上（需要 OpenClaw ${since} 或更高版本）：`,
  shipIt: command => `或从这里经 ssh 完成：${command}`,
  inConfiguration: file => `写入 ${file}`,
  inKeyFile: (file, node) => `在 ${file} 中（权限 0600）写入 ${node} 的代理所要求的密钥`,
  ownTimeout: seconds =>
    `指向它自身代理的提供商如果没有 "timeoutSeconds"，也加上 "timeoutSeconds": ${seconds}`,
  webServerOf: (node, url) => `${node} 的 Web 服务器，用于 ${url}：`,
  orNginx: '或者用 nginx：',
  webServer: {
    caddyFile: 'Caddyfile，Caddy 的配置文件',
    nginxFile: 'nginx，放在 http { } 之内',
    onlyThese: '只放行 OpenClaw 的请求和存活探针。',
    streaming: '回答逐字传出，不缓冲。',
    waits: 'LiteLLM 停了立刻得知；慢的模型也有足够时间。',
    size: '带图片的对话需要空间。',
    key: '密钥原样传给 LiteLLM，不写入任何日志。',
  },
  rejected: (file, said) => `OpenClaw 不接受改动后的 ${file}：${said}`,
  rejectedHint: validation => `没有改动任何内容；请先改正“${validation}”对现有文件指出的问题，再运行一次`,
  notFound: file => `${file}：没有找到 openclaw 命令，因此只由 daruma 检查过。`,
  notAsked: file => `${file}：OpenClaw 没有给出结论，因此只由 daruma 检查过。`,
  accepted: file => `${file}：“openclaw config validate”已接受。`,
  askingGateway: (unit, seconds) =>
    `正在询问 ${unit} 用的是什么配置${seconds === undefined ? '' : `，${seconds} 秒`}……`,
  restartingGateway: (unit, seconds) => `正在重启 ${unit}${seconds === undefined ? '' : `，${seconds} 秒`}……`,
  grip: (gateway, grip, command) => {
    switch (grip) {
      case 'in-force':
        return `${gateway}：已生效；运行中的 gateway 使用的就是这份配置，密钥也齐全。`;
      case 'cold':
        return `${gateway}：尚未生效；运行中的 gateway 缺少密钥，而它只在启动时读取 .env。请重启它：${command}`;
      case 'keyless':
        return `${gateway}：尚未生效；运行中的 gateway 在配置写明的位置找不到密钥。修好后请重启它：${command}`;
      case 'until-restart':
        return `${gateway}：在重启之前有效；下次启动时，OpenClaw 不会接受现在这样的密钥文件。“${command}”会指出是哪一个。`;
      case 'older':
        return `${gateway}：可能尚未生效；它启动之后 .env 又有改动，手里可能还是旧密钥。请重启它：${command}`;
      case 'stale-file':
        return `${gateway}：尚未生效；密钥文件里现在的密钥，与运行中的 gateway 从中读到的不同。请重启它：${command}`;
      case 'given-otherwise':
        return `${gateway}：尚未生效；运行中的 gateway 启动时拿到的某个密钥，与它的 unit 和文件现在给出的值不同。请重启它：${command}`;
      case 'other':
        return `${gateway}：尚未生效；运行中的 gateway 用的配置与文件现在的内容不同。请重启它：${command}`;
      case 'reload-off':
        return `${gateway}：尚未生效；gateway.reload.mode 为 "off"，运行中的 gateway 保持它现有的配置。请重启它：${command}`;
      case 'refused':
        return `${gateway}：未生效；OpenClaw 不接受现在的文件，运行中的 gateway 用的是之前的配置。请不要重启它：那样它会起不来。“${command}”会说明哪里不对。`;
      case 'since-start':
        return `${gateway}：看来已经生效；这个版本的 OpenClaw 太旧，不会说明它用的是什么，但它的文件在它启动之后没有改动过。`;
      case 'changed-since':
        return `${gateway}：看不出已经生效；它启动之后文件又有改动，而这个版本的 OpenClaw 只在启动时读取密钥。请重启它：${command}`;
      case 'unknown':
        return `${gateway}：看不出已经生效；运行中的 gateway 没有确认。如果一直如此，请重启它：${command}`;
      case 'next-start':
        return `${gateway}：它没有作为服务运行，下次启动时生效。`;
      case 'changing':
        return `${gateway}：看不出已经生效；这个服务正在启动或停止。等它启动完成后再问一次：${command}`;
      case 'not-seen':
        return `${gateway}：看不出已经生效；服务管理器没有说明它是否在运行：${command}`;
      case 'ended':
        return `${gateway}：没有生效；重启之后它不在运行。请查看原因：${command}`;
      default:
        return grip satisfies never;
    }
  },
  restartRefused: (gateway, said, command) =>
    `${gateway}：尚未生效；重启失败（${said}）。请自行重启：${command}`,
  restartQuestion: unit => `现在重启 ${unit} 吗？`,
  shipped: (destination, id) => `${destination}：已完成；在那里运行“daruma undo ${id}”可撤销。`,
  nothingToShip: destination => `${destination}：那里无需改动。`,
  shipFault: (destination, fault) => `${destination}：${shipFault(fault)}`,
  shipHint: code => shipHints[code],
  notARequest: '这个操作由另一台机器上的“daruma failover apply --to”调用，请求从标准输入传入',
  sameVersion: '两台机器上的 daruma 版本必须相同',
  liveOnly: '请求只能从运行中的机器发出，不能从文件发出',
  asking: '正在询问谁在线……',
  thisMachine: node => `本机是 ${node}`,
  machines: '机器',
  own: '本机',
  defaults: '所有 agent',
  gatewayDown: '没有运行',
  turns: { subagents: '子 agent', heartbeat: '心跳' },
  aliveNow: '在线',
  next: '下一个',
  nobody: '这些都不会回答',
  noNext: '没有下一个',
  onlyOne: model => `只有 ${model} 还活着；没有下一个`,
  noFallback: model => `只要 ${model} 还卡着，OpenClaw 就不会切换到备用：agent 一直等待，最后失败`,
  answering,
  missing: '还缺什么',
  nothingMissing: (hostName, hasOthers) =>
    `${hostName} 的文件里什么都不缺${hasOthers ? '；其他机器的文件没有读取' : ''}。`,
  keyRefused: (provider, place) =>
    `${provider} 的密钥被拒绝。它写在 ${place}。正确的密钥是拒绝它的那个 LiteLLM 的 general_settings.master_key，或在那边新建的密钥；另一台机器的密钥要写到 nodes 指明的位置，然后运行 daruma failover apply。经过前置代理时，拒绝它的可能是本机的 LiteLLM，也可能是另一台机器的：“daruma failover check”会分别询问`,
  notProven: '没有向任何模型提问，也没有询问代理背后的服务：“daruma failover test”会请求真正的回答。',
  limits: '以下内容不在任何文件里，因此没有显示：LiteLLM 存在数据库里的后备，以及请求自己带来的后备。',
  noModels: '没有任何 agent 配置了模型',
  noModel: '没有已知的模型',
  unclear,
  staying: chains => `没有其他机器的模型：${chains.join('、')}`,
  unread: {
    missing: '没有这个文件',
    unknown: '无法读取这个文件，因此不知道其中有哪些 agent',
    unusable: '无法解析这个文件，因此不知道其中有哪些 agent',
    incomplete: '这份配置有一部分无法读取，其中的 agent 可能没有全部列出',
  },
  notAllKnown: '它的模型可能没有全部列出',
  inContainer: line => `在容器里，见 ${line}`,
};

function refused(reason: RefusedReason): string {
  switch (reason.code) {
    case 'broken':
      return `${reason.file} 不符合 OpenClaw 的读法`;
    case 'unreadable':
      return `${reason.file} 无法查看`;
    case 'no-json5':
      return `${reason.file}:${reason.line}：这里不是 JSON5`;
    case 'link':
      return `${reason.file} 是指向 ${reason.target} 的链接`;
    case 'scattered':
      return `${reason.file}：${reason.path.join('.')} 由多个文件拼成`;
    case 'unwritable-variable':
      return `${reason.file}：${reason.variable} 的值无法写在一行里`;
    case 'not-as-meant':
      return `${reason.file}：它引入的其他文件会改变新增的内容`;
    default:
      return reason satisfies never;
  }
}

const refusedHints: Readonly<Record<RefusedReason['code'], string | ((validation: string) => string)>> = {
  broken: validation => `“${validation}”会列出所有问题，请先改正`,
  unreadable: '它必须是一个你有权读取的文件',
  'no-json5': '请先改正',
  link: 'daruma 不会通过链接写文件：请把文件本身放到链接的位置，再运行一次，之后可以移回原处并重新建立链接',
  scattered: '请把它合并到一个文件里，再运行一次',
  'unwritable-variable': '请换用不含换行和引号的密钥',
  'not-as-meant': '请把 models.providers 和 agents 合并到一个文件里，再运行一次',
};

function unclear(reference: string, reason: UnclearReference['reason']): string {
  switch (reason) {
    case 'variable':
      return `“${reference}”中的变量没有值：不知道指的是哪个模型`;
    case 'form':
      return `“${reference}”不是模型的名称：OpenClaw 会跳过它`;
    case 'alike':
      return `“${reference}”：有几个 provider 的名称只差大小写，不知道会去问哪一个`;
    default:
      return reason satisfies never;
  }
}

function note(each: GatewayNote): string {
  switch (each.code) {
    case 'no-local-primary':
      return `${each.file}：没有 agent 使用本机代理的模型，因此无从谈起后备`;
    case 'no-fallbacks-wanted':
      return `${each.file}：${each.setting} 的 fallbacks 是空列表，意思是不要后备，因此保持不变。想要加上后备，请先去掉这个空列表`;
    case 'unclear-reference':
      return `${each.file}：${unclear(each.reference, each.reason)}`;
    case 'no-key': {
      const lack = 'variable' in each ? `\${${each.variable}} 没有值` : `${each.keyFile} 没有可写的密钥`;
      return each.reference === null
        ? `${each.file}：${lack}，节点列表里也没有写 ${each.node} 的密钥`
        : `${each.file}：${lack}：${each.node} 的密钥应在 ${each.reference}，但在那里读不到`;
    }
    case 'key-in-store':
      return `${each.file}：${each.provider} 的密钥在 OpenClaw 自己的存储里（认证配置 ${each.profile}），原样保留，也没有试用`;
    case 'older-version':
      return each.setting === 'keyFiles'
        ? `${each.file}：OpenClaw ${each.version} 还不支持单独存放密钥的文件（${each.since} 起支持）：新密钥写入它的 .env，而它只在启动时读取，因此需要重启`
        : `${each.file}：OpenClaw ${each.version} 还不支持提供商的 timeoutSeconds（${each.since} 起支持），因此没有设置`;
    case 'unknown-version':
      return `${each.file}：不知道读取它的 OpenClaw 是哪个版本；新增的内容需要 ${each.since} 或更高版本`;
    case 'other-key':
      return `${each.file}：${each.keyFile} 里的密钥与节点列表里 ${each.node} 的不同，也不是从那里来的，因此保持不变；“daruma failover check”会询问哪一个被接受`;
    case 'version-missing':
      return `${each.file}：${each.provider} 的 baseUrl 缺少 /v1，没有它，OpenClaw 的请求到不了模型那里：改为 ${each.better}`;
    case 'no-variable':
      return `${each.file}：${each.provider} 的 apiKey 看起来像变量，但 OpenClaw 会把它原样当作密钥（只替换大写的 \${NAME}）；节点列表里也没有它的密钥`;
    default:
      return each satisfies never;
  }
}

function shipFault(fault: ShipFault): string {
  switch (fault.code) {
    case 'no-destination':
      return '这不是 ssh 的目的地';
    case 'no-ssh':
      return '这里没有 ssh 命令';
    case 'not-connected':
      return `ssh 连接不上：${fault.said}`;
    case 'no-daruma':
      return '那里没有 daruma 命令';
    case 'too-old':
      return '那里的 daruma 版本不同';
    case 'timeout':
      return `${fault.seconds} 秒内没有回应`;
    case 'refused':
      return fault.message;
    case 'no-answer':
      return `那里的 daruma 没有回应（退出码 ${fault.status}）${fault.said === '' ? '' : `：${fault.said}`}`;
    default:
      return fault satisfies never;
  }
}

const shipHints: Readonly<Record<ShipFault['code'], string>> = {
  'no-destination': '请写 USER@HOST，或 ssh 配置里的名字',
  'no-ssh': '请安装 OpenSSH 客户端',
  'not-connected': '必须无需任何询问就能登录：有密钥，并且认得那台主机',
  'no-daruma': '请在那里安装，并让登录 shell 能找到它：npm install --global daruma',
  'too-old': '两台机器上的 daruma 版本必须相同',
  timeout: '请在那里用“daruma undo --list”看看是否有过改动',
  refused: '那里没有改动任何内容',
  'no-answer': '请在那里试一试“daruma failover plan”',
};

function answering(each: Answering): string {
  switch (each.kind) {
    case 'answers':
      return `${each.afterSeconds.toFixed(2)} 秒内回应，在线${each.refused === undefined ? '' : `，但 ${each.refused.path} ${each.refused.status === null ? '没有应答' : `返回 ${each.refused.status}`}：它的令牌可能不被接受`}`;
    case 'silent':
      if (each.mismatch !== undefined) {
        const { expected, came } = each.mismatch;
        if (came.kind === 'page') return `那里返回的是${contentText(came)}（${each.status ?? ''}）`;
        return `回应 ${each.status ?? ''}，但内容是${contentText(came)}，其中应有“${expected}”`;
      }
      return (
        proxyFaultText(each.proxy, each.status) ?? silences[each.code](each.status) + throughProxy(each.proxy)
      );
    case 'lists':
      return `${each.afterSeconds.toFixed(2)} 秒内列出模型`;
    case 'faulty':
    case 'unclear':
      return describeLinkFault(each.fault, links.faults).message;
    case 'not-running':
      return `没有运行${each.isTaken ? '；在其端口上应答的是别的程序' : ''}`;
    case 'other-port': {
      const { listensOn, isTaken } = each;
      const instead = listensOn.length === 0 ? '' : `；它监听的是 ${listensOn.join('、')}`;
      return `正在运行，但${isTaken ? '它的端口被别的程序占用' : '没有程序监听它的端口'}${instead}`;
    }
    case 'not-asked':
      return '没有询问';
    default:
      return each satisfies never;
  }
}

const silences: Readonly<
  Record<Extract<Answering, { readonly kind: 'silent' }>['code'], (status: number | null) => string>
> = {
  'name-not-found': () => '主机名无法解析',
  unreachable: () => '连不到',
  'refused-connection': () => '没有程序在那里监听',
  'connection-lost': () => '连接中断',
  timeout: () => '没有及时回应',
  tls: () => '证书不被接受',
  proxy: () => '代理不放行',
  'too-long': () => '那里回应的是别的东西',
  unwell: status => `回应 ${status}`,
};

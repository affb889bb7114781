import type { FailoverFront } from '../../../check/rules/failover-front.ts';
import type { About, RuleTexts } from '../../rule-texts.ts';
import { daruma, systemctl } from '../../shown-commands.ts';

const frontService = 'daruma-front.service';
const frontSocket = 'daruma-front.socket';

export const front: RuleTexts<FailoverFront> = {
  title: '前置代理无法访问、对外开放，或被手工改过',
  message(details) {
    switch (details.kind) {
      case 'not-enabled':
        return `开机时没有谁启动前置代理：${frontSocket} 和 ${frontService} 都没有 enable`;
      case 'masked':
        return `${details.unit} 被 mask，前置代理无法启动`;
      case 'missing':
        return `${details.unit} 不存在，前置代理无法启动`;
      case 'no-haproxy':
        return `前置代理已经设好，而 ${details.path} 处没有 HAProxy`;
      case 'gone':
        return `provider ${details.provider} 指向端口 ${details.port}，本机没有已知的服务监听这个端口，而前置代理只剩下 ${details.file}`;
      case 'open':
        return `前置代理监听 ${details.address}，其他机器可以访问`;
      case 'edited':
        return `${details.file} 与 daruma 写下的不一致`;
      case 'unguarded':
        return details.lacks === 'refusal'
          ? '前置代理没有拒绝已经经过前置代理的请求'
          : '前置代理没有给经过的请求做记号';
      case 'leads-elsewhere':
        return `前置代理指向 ${details.address}，${whatIsThere(details.to)}`;
      default:
        return details satisfies never;
    }
  },
  why(details) {
    switch (details.kind) {
      case 'not-enabled':
        return `下次开机之后，OpenClaw 要访问的端口无人监听。${openclawAlone}`;
      case 'masked':
      case 'missing':
        return `没有服务，systemd 不会启动它的套接字；没有套接字，也不会启动服务：OpenClaw 要访问的端口无人监听。${openclawAlone}`;
      case 'no-haproxy':
        return '管理器仍然占着它的套接字：客户端不会被拒绝，而是一直等待不会到来的回答。';
      case 'gone':
        return `除非有别的程序监听这个端口，否则无人回答。${openclawAlone}`;
      case 'open':
        return '前置代理用其他机器的密钥去访问它们，自己只接受明文 HTTP：客户端的密钥会暴露给途中的任何人。本机的 LiteLLM 不要求密钥时，前置代理也不要求。';
      case 'edited':
        return 'HAProxy 会照这份文件读取；它是否接受，这里没有问过。“daruma failover apply”会保留它，因此 nodes 里新增的机器不会写进去。';
      case 'unguarded':
        return details.lacks === 'refusal'
          ? '如果某个 LiteLLM 误指向前置代理，无人回答的请求就会绕圈。'
          : '前置代理凭这个记号认出已经经过前置代理的请求。没有它，一旦某个 LiteLLM 指向前置代理，无人回答的请求就会绕圈。';
      case 'leads-elsewhere':
        return consequences[details.to.what];
      default:
        return details satisfies never;
    }
  },
  remedy(details, about) {
    const apply = daruma('failover apply', about.scope);
    switch (details.kind) {
      case 'not-enabled':
        return `运行“${systemctl(about, 'enable', frontSocket, frontService)}”。`;
      case 'masked':
        return `运行“${stop(about)}”和“${systemctl(about, 'unmask', details.unit)}”，再运行“${apply}”补上缺少的文件。`;
      case 'missing':
        return `运行“${stop(about)}”，再运行“${apply}”补上缺少的文件。`;
      case 'no-haproxy':
        return `重新安装 HAProxy 2.6 或更高版本（“sudo apt install haproxy”，或你的发行版的相应命令）；如果它换了位置，请运行“${apply}”。不想要前置代理，就撤销它：${undo(about)}。`;
      case 'gone':
        return `运行“${stop(about)}”，再运行“${apply}”，它会重新设置前置代理。不想要前置代理，就把 baseUrl 改为 LiteLLM 的地址，并删除 ${details.file}。`;
      case 'open':
        return `${details.by === 'socket' ? '写成 127.0.0.1 加端口；如果另有一行，就去掉这一行' : `前置代理的地址应由 ${frontSocket} 交给它：写成 fd@3；如果另有一行，就去掉这一行`}。然后运行“${systemctl(about, 'daemon-reload')}”和“${systemctl(about, 'restart', frontSocket, frontService)}”。`;
      case 'edited':
        return `如果是有意的，请看 HAProxy 是否接受：“daruma failover”会问它。否则删除这个文件，“${apply}”会重新写入。`;
      case 'unguarded':
        return `删除这个文件，“${apply}”会重新写入。或者在“frontend front”一节写上这一行：“http-request ${details.lacks === 'refusal' ? 'return status 508 if { req.hdr(x-daruma-front) -m found }' : 'set-header x-daruma-front NAME'}”。`;
      case 'leads-elsewhere':
        return `运行“${apply}”，它会按 nodes 写好前置代理。你手工改过的文件会保留：请自己改正这一行，或先删除这个文件。`;
      default:
        return details satisfies never;
    }
  },
};

const openclawAlone = 'OpenClaw 自己要大约 105 秒才会切换，而且每一轮都是如此。';

/** 单元文件不在了，管理器仍按已读取的内容继续运行。 */
function stop(about: About): string {
  return systemctl(about, 'stop', frontSocket, frontService);
}

/** 建立前置代理的只是其中一次运行。 */
function undo({ scope }: About): string {
  return `“${daruma('undo --list', scope)}”列出建立它的那次运行的 ID，“${daruma('undo ID', scope)}”把它撤销`;
}

type LeadsElsewhere = Extract<FailoverFront, { readonly kind: 'leads-elsewhere' }>['to'];

function whatIsThere(to: LeadsElsewhere): string {
  switch (to.what) {
    case 'program':
      return `那里应答的是 ${to.service}，不是 LiteLLM`;
    case 'port':
      return '本机没有已知的服务监听这个端口';
    case 'itself':
      return '那是其他机器访问本机所用的地址';
    case 'other-address':
      return `而 nodes 里 ${to.node} 的地址是 ${to.url}`;
    case 'no-node':
      return 'nodes 里没有这台机器';
    default:
      return to satisfies never;
  }
}

const consequences: Readonly<Record<LeadsElsewhere['what'], string>> = {
  program:
    '前置代理把它后面的都当作 LiteLLM，用同样的模型和密钥去访问；凭检查（/health/liveliness），它会认为大多数其他程序不可用。',
  port: '如果没有谁监听这个端口，前置代理就改问下一台机器。',
  itself: '本机的 LiteLLM 不回答时，前置代理只是再问一次本机。',
  'other-address': '在那里应答的也许不是你要的 LiteLLM，却会收到发给它的提示词和密钥。',
  'no-node': '在那里应答的程序会收到提示词，以及前置代理为它准备的密钥。',
};

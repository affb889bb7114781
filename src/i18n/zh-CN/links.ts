import type { KeyHome } from '../../failover/live/link.ts';
import type { LinkFault } from '../../failover/live/link-fault.ts';
import type { LinkTexts } from '../link-texts.ts';
import { day } from '../parts.ts';
import { contentText } from './content.ts';
import { proxyFaultText, throughProxy } from './proxies.ts';

export const links: LinkTexts = {
  faults: {
    'address-invalid': {
      message: ({ address }) => `地址${address === '' ? '' : `“${address}”`}无法访问：不是有效的网址`,
      why: () => '所有请求在离开本机之前就会失败。',
      remedy: () => '请写成 https://HOST/PATH/v1 的形式。',
    },
    'plain-http': {
      message: ({ host, sendsKey }) => `通过明文 HTTP 访问 ${host}${sendsKey ? '，密钥也随之明文发送' : ''}`,
      why: ({ sendsKey }) =>
        `途经的任何人都能读到提问和回答${sendsKey ? '，还能取走密钥，用你的账户提问' : ''}。`,
      remedy: () =>
        '请在它前面架设带证书的 Web 服务器；“daruma failover plan”会给出 Caddyfile 和 nginx 配置片段。',
    },
    unreachable: {
      message: ({ host, how, detail, proxy }) =>
        `无法访问 ${host}：${proxyFaultText(proxy, null) ?? notReached[how] + throughProxy(proxy)}${aside(detail)}`,
      why: ({ isOwnMachine }) =>
        isOwnMachine
          ? '这是本机自己的公网地址：许多路由器不支持从内网访问它，此时这一结果不说明问题。'
          : '依赖它的请求得不到回答，最需要它的时候也一样。',
      remedy: ({ how, isOwnMachine }) =>
        isOwnMachine ? '请在另一台机器上运行“daruma failover check”。' : whatToReach[how],
    },
    hangs: {
      message: ({ host, phase, afterSeconds, proxy }) =>
        `${host} ${silences[phase]}（已等待 ${afterSeconds} 秒）${throughProxy(proxy)}`,
      why: () => 'OpenClaw 不会从卡住的提供商切换到备用：agent 一直等待，最后失败。',
      remedy: ({ limit }) =>
        `请检查那边的服务：可能已被挂起、内存耗尽，或在等待它自己的上游。${limit === 'missing' ? '给该提供商设置 timeoutSeconds，agent 就不会等那么久，但并不会因此切换到备用。' : ''}`,
    },
    'tls-failed': {
      message: ({ host, detail, proxy }) =>
        `无法与 ${host} 建立加密连接${aside(detail)}${throughProxy(proxy)}`,
      why: () => '发往它的所有请求都会失败。',
      remedy: () =>
        '请确认该端口使用 HTTPS，且支持 TLS 1.2 以上；代理本身通常只支持 HTTP，需放在 Web 服务器后面。',
    },
    'certificate-refused': {
      message: ({ host, problem, issuer, isKnownToMachine }) =>
        isKnownToMachine
          ? `OpenClaw 不接受 ${host} 的证书（签发者 ${issuer}），尽管本机系统接受`
          : `${host} 的证书不被接受：${refusals[problem](issuer)}`,
      why: ({ isKnownToMachine }) =>
        isKnownToMachine
          ? 'Node 使用自带的根证书列表，不读取系统的列表：gateway 的所有请求都会失败。'
          : '发往它的所有请求都会失败，因为无法证明对方就是要找的那台机器。',
      remedy: ({ problem, isKnownToMachine }) =>
        isKnownToMachine
          ? '请在 gateway 的单元中加上 Environment=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt，然后重启。'
          : problem === 'incomplete-chain'
            ? '请让 Web 服务器发送完整证书链：用 fullchain.pem，而不是 cert.pem。'
            : '请使用公共机构签发的证书（Caddy 和 certbot 可免费获取），或在 gateway 的单元中用 NODE_EXTRA_CA_CERTS 指定你自己的根证书文件。',
    },
    'certificate-expired': {
      message: ({ host, sinceMs }) => `${host} 的证书已于 ${day(sinceMs)} 过期`,
      why: () => '发往它的所有请求都会失败。',
      remedy: () => '请续期，并检查为何没有自动续期：“systemctl list-timers”、“certbot renew”。',
    },
    'certificate-not-yet-valid': {
      message: ({ host, fromMs }) => `${host} 的证书要到 ${day(fromMs)} 才生效`,
      why: () => '在那之前，发往它的所有请求都会失败。',
      remedy: () => '请检查两台机器的时钟（“timedatectl”）：很可能有一台不准。',
    },
    'certificate-wrong-name': {
      message: ({ host, names }) => `访问 ${host} 得到的证书属于 ${names.join('、')}`,
      why: () => '发往它的所有请求都会失败，因为应答的可能是另一台机器。',
      remedy: ({ host }) => `请改用证书上的名字，或为 ${host} 申请证书。`,
    },
    'certificate-expires-soon': {
      message: ({ host, untilMs, days }) => `${host} 的证书将于 ${day(untilMs)} 过期，还剩${daysText(days)}`,
      why: () => '它早该续期了：负责续期的程序没有运行，或者失败了。',
      remedy: () => '请检查续期程序：“systemctl list-timers”、“certbot renew --dry-run”、Caddy 的日志。',
    },
    redirected: {
      message: ({ host, status, to, isOtherHost }) =>
        `${host} 重定向到 ${to === '' ? '未知地址' : to}${isOtherHost ? '，那是另一台主机' : ''}（${status}）；未跟随`,
      why: ({ isOtherHost }) =>
        isOtherHost ? '被转走的请求会丢失密钥，或把密钥交给别人。' : '被转走的提问可能变成没有内容的 GET。',
      remedy: ({ to, isOtherHost }) =>
        isOtherHost
          ? '如果那里是登录页，agent 无法通过：前面的服务必须让模型的路径免登录通过。如果模型已经搬到那里，请填写那里的地址。'
          : `请直接填写真正应答的地址${to === '' ? '' : `，很可能在 ${to} 之下`}。agent 无法通过代理前面的登录页。`,
    },
    'key-missing': {
      message: ({ place }) => `找不到密钥：${place}`,
      why: ({ whose, home }) =>
        keylessMeans[whose] + (home?.of === 'provider' && home.in === 'variable' ? withoutVariable : ''),
      remedy: ({ home }) => keyAdvice(home),
    },
    'key-not-tried': {
      message: ({ place, holder }) => `没有试用它的密钥：${keyHolders[holder]}（${place}）`,
      why: () => '因此这里不知道密钥是否被接受；密钥由 OpenClaw 自己掌握。',
      remedy: ({ command }) => `请让 OpenClaw 自己询问：“${command}”会发出真实请求。`,
    },
    'key-refused': {
      message: ({ host, status }) => `${host} 不接受该密钥（${status}）`,
      why: () => '发往它的所有请求都会失败。',
      remedy: ({ accepted }) =>
        accepted === undefined
          ? '请与那边 LiteLLM 的 general_settings.master_key 核对，或在那边新建密钥；密钥也可能被禁用或额度用尽。节点的密钥要写到 nodes 指明的位置，然后运行 daruma failover apply。'
          : `那边接受节点列表里 ${accepted.node} 的密钥：用它替换这个密钥${accepted.files.length === 0 ? '' : `（${accepted.files.join('、')}）`}。`,
    },
    'key-readable': {
      message: ({ file, mode }) => `本机任何用户都能从 ${file} 读到密钥（权限 ${mode}）`,
      why: () => '本机的任何账户和程序都能取走密钥，用你的账户提问。',
      remedy: ({ file }) => `请运行“chmod 600 ${file}”；如果别人已能访问，请更换密钥。`,
    },
    'open-to-all': {
      message: ({ host }) => `${host} 向任何人列出模型`,
      why: () => '任何发现该地址的人很可能都能用你的账户提问。',
      remedy: () => '请给那边的 LiteLLM 设置主密钥（general_settings.master_key），并给每台机器分配密钥。',
    },
    'server-failed': {
      message: ({ host, status, said }) => `${host} 返回错误（${status}）${said === '' ? '' : `：${said}`}`,
      why: () => '依赖它的请求得不到回答。',
      remedy: ({ status }) =>
        status === 502 || status === 504
          ? '应答方连不上它自己要询问的服务，或者等得太久：请检查那个服务是否在运行、监听哪个端口。'
          : '请查看那边服务的日志：故障可能出在它自身，也可能出在它所询问的服务。',
    },
    'request-refused': {
      message: ({ host, status, said }) =>
        `${host} 不接受该请求（${status}）${said === '' ? '' : `：${said}`}`,
      why: () => '依赖它的请求得不到回答。',
      remedy: () => '请看它的说明：那里的模型可能另有名字（“daruma failover check”会列出），或者路径不对。',
    },
    'rate-limited': {
      message: ({ host }) => `${host} 收到的请求过多（429）`,
      why: () => '现在切换到它的请求可能会被拒绝。',
      remedy: () => '请稍后再试；并检查那边密钥的限额。',
    },
    'wrong-service': {
      message: ({ url, status, expected, came }) =>
        `${url} 返回的不是${expected === 'models' ? '模型列表' : '模型的回答'}（${status}），而是${contentText(came)}`,
      why: () => '应答的是别的东西：网页，或另一个服务。',
      remedy: () => '请检查路径：OpenAI 接口通常以 /v1 结尾，Web 服务器必须原样转发。',
    },
    'other-program': {
      message: ({ service, host, state, lists }) =>
        `${service} ${state === 'not-running' ? '没有运行' : '在运行，但没有监听自己的端口'}，在 ${host} 响应的是另一个程序${lists ? '；它列出了模型' : ''}`,
      why: ({ lists }) =>
        lists
          ? 'agent 询问的并不是本来的服务：它一旦结束，这个单元不会重新启动它。'
          : '发往这个地址的请求都会到那个程序，而它没有列出模型。',
      remedy: ({ service, host }) =>
        `用“ss -ltnp”查看是谁在监听，结束它，或者让两者之一改用 ${host} 以外的端口，然后启动 ${service}。`,
    },
    'version-missing': {
      message: ({ url, status, better }) =>
        `地址缺少 /v1：${url} 没有模型列表（${status}），而 ${better} 下有`,
      why: () => 'OpenClaw 会把请求的路径直接接在所写的地址后面：因此请求到不了模型那里。',
      remedy: ({ better }) => `把 baseUrl 设为 ${better}。`,
    },
    'models-not-listed': {
      message: ({ url, status }) => `${url} 没有模型列表（${status}）`,
      why: () => '无法得知它是否有所需的模型。',
      remedy: () => '“daruma failover test”会用真实请求确认。',
    },
    'credentials-refused': {
      message: ({ service, url, status }) =>
        `${service} 在运行，但 ${url} ${status === null ? '没有应答' : `返回 ${status}`}：它的上游可能不接受它的令牌`,
      why: () =>
        '不论令牌是否有效，它都从内存里列出模型。令牌失效的 copilot-api 会在半小时内更新令牌时退出，之后无法再启动（实测：copilot-api 0.7.0）。',
      remedy: () => '查看它的日志。如果是 copilot-api，用“copilot-api auth”重新登录，再重启它。',
    },
    'model-missing': {
      message: ({ host, model, listed, suggestion }) =>
        `${host} 列出的 ${listed} 个模型中没有 ${model}${suggestion === null ? '' : `；是否想写 ${suggestion}？`}`,
      why: () => '在那里请求该模型通常会失败，agent 就用不上它。',
      remedy: () => '请改用已列出的模型，或把它加入那边 LiteLLM 的 model_list；也可能是密钥无权使用它。',
    },
    slow: {
      message: ({ host, seconds }) => `${host} 列出模型用了 ${seconds} 秒`,
      why: () => '向它的模型提问，可能也要先等这么久。',
      remedy: () => '请检查那台机器的负载和内存，以及到它的网络。',
    },
    'answer-cut': {
      message: ({ host, seconds }) => `${host} 的回答在 ${seconds} 秒后中断，没有收完`,
      why: () => 'OpenClaw 把没有收尾的回答当作失败。',
      remedy: () =>
        '请查看那边服务的日志，以及它前面有什么：Web 服务器可能在一定时间后结束回答（在那台机器上“daruma check”会检查它的文件）。',
    },
    'answer-empty': {
      message: ({ host }) => `${host} 的回答是空的`,
      why: () => 'OpenClaw 把没有文字的回答当作失败，即使模型思考过也一样。',
      remedy: () => '请再试一次；如果仍然如此，请查看那边服务的日志，以及它是否认得这个模型名称。',
    },
    'answer-stopped': {
      message: ({ host, reason, isOfFilter }) =>
        isOfFilter ? `${host} 的回答被过滤器中止（${reason}）` : `${host} 的回答以“${reason}”结束`,
      why: () => 'OpenClaw 把这样结束的回答当作失败，即使前面已有文字也一样。',
      remedy: ({ isOfFilter }) =>
        isOfFilter
          ? '测试只是请它数到 20：请查看提供商为这个模型设置的内容过滤器。'
          : '请查看那边服务的日志。',
    },
    'answer-may-be-cut': {
      message: ({ server, seconds, waitsSeconds }) =>
        `前面有 ${server}：如果没有另外设置，回答沉默 ${seconds} 秒后就会被它结束；OpenClaw 会等 ${waitsSeconds} 秒`,
      why: () => '思考更久的模型经由这个地址可能谁也答不了。',
      remedy: ({ server, seconds }) =>
        server === 'nginx'
          ? `请在那台机器上用“daruma check”检查它的文件，或者把该提供商的 timeoutSeconds 设为不超过 ${seconds}。`
          : `请把该提供商的 timeoutSeconds 设为不超过 ${seconds}：Cloudflare 的限制只有 Enterprise 套餐可以更改。`,
    },
    'events-not-passed': {
      message: ({ host }) => `${host} 是 Cloudflare 的快速隧道，不会转发事件流`,
      why: () => 'OpenClaw 以事件流接收回答：它们会很晚才一次到齐，或者根本不到。',
      remedy: () => '请改用有固定名称的隧道、Tailscale，或者带有自己域名的 Web 服务器。',
    },
    'proxy-crosses': {
      message: ({ from, model, to, circle }) =>
        circle === null
          ? `${from} 的代理把对 ${model} 的请求转发到 ${to}`
          : `对 ${model} 的请求在绕圈：${circle.join(' -> ')}`,
      why: ({ circle }) =>
        circle === null
          ? '如果那边的代理有一天也这样转发，两边上游都不可用时，请求会循环并成倍增加。'
          : '上游不可用时，请求会循环并成倍增加，直到机器无暇他顾。',
      remedy: ({ from, to }) =>
        `请从 ${from} 的 model_list 中去掉指向 ${to} 的条目：机器之间的切换由 OpenClaw 负责，而不是代理。`,
    },
  },
  provider: id => `提供商 ${id}`,
  node: name => `节点 ${name}`,
  answersIn: seconds => `${seconds} 秒内应答`,
  answersNot: '没有应答',
  models: count => (count === 0 ? '没有模型' : `${count} 个模型`),
  certificateUntil: (date, days) => `证书有效期至 ${date}（还有${daysText(days)}）`,
  staysApart: deployments =>
    deployments === 0
      ? '没有列出部署：不知道它会不会把请求转给你的另一台机器，从而形成循环'
      : `它的 ${deployments} 个部署都不把请求转给你的其他机器：没有发现循环`,
  apartUnknown: '不显示把请求转到哪里：不知道会不会转给你的另一台机器，从而形成循环',
  modelsNotAsked: '缺少密钥，没有询问它的模型列表',
  notProven: '没有向任何模型提问：“daruma failover test”会请求真正的回答。',
  asking: count => `正在询问 ${count} 个地址……`,
  summary: (count, critical, warning, info) => {
    if (count === 0) return '没有询问任何地址';
    const found = [
      ...(critical > 0 ? [`${critical} 个严重问题`] : []),
      ...(warning > 0 ? [`${warning} 个警告`] : []),
      ...(info > 0 ? [`${info} 个提示`] : []),
    ];
    return `${count} 条线路：${found.length === 0 ? '未发现问题' : found.join('，')}`;
  },
  nothingToAsk: '没有可询问的对象：openclaw.json 没有引用任何提供商的模型，配置中的 nodes 也是空的',
  notAsked: (provider, reason) => `未询问 ${provider}：${notAsked(reason)}`,
};

const withoutVariable = '缺少这个变量，网关甚至可能无法启动。';

/** Who goes without, and who does not. */
const keylessMeans = {
  'own-proxy':
    '这台机器上的 OpenClaw 没有访问本机代理的密钥：如果代理要求密钥，本机的 agent 会在那里被拒绝，转而使用备用模型。其他机器上的 agent 不受影响。',
  provider: '这台机器上的 OpenClaw 没有访问它的密钥：如果它要求密钥，本机的 agent 会在那里被拒绝。',
  'other-node':
    '没有 agent 需要它：OpenClaw 使用各提供商自己的密钥。缺少它时，daruma 无法查询那里的模型，“daruma failover apply”也没有密钥可以交给 OpenClaw。',
  'own-node':
    '本机的 agent 都不需要它。它是给其他机器上的 OpenClaw 用的：没有它，“daruma failover apply --to”就没有密钥可以发送给缺少它的机器。',
} as const satisfies Readonly<Record<Extract<LinkFault, { readonly code: 'key-missing' }>['whose'], string>>;

function keyAdvice(home: KeyHome | undefined): string {
  switch (home?.in) {
    case undefined:
      return '请把它放到该处。';
    case 'file':
      return `请把密钥写入 ${home.file}：文件应属于你自己，权限 0600。`;
    case 'nothing':
      return home.of === 'node'
        ? '请在 nodes 下用 key 写明它在哪里：“file:PATH”或“env:NAME”。'
        : '请给该 provider 设置 apiKey。';
    case 'variable':
      return home.of === 'node'
        ? `请在 shell 中给 ${home.name} 赋值；或者为所有服务把它写进 environment.d 的文件（“man environment.d”），再运行“systemctl --user daemon-reload”；也可以把密钥写入文件，改用“file:PATH”。`
        : `请在 ${home.file}（权限 0600）中给 ${home.name} 赋值，并重启 gateway：它只在启动时读取该文件。`;
    default:
      return home satisfies never;
  }
}

const keyHolders = {
  openclaw: '它在 OpenClaw 自己的存储里',
  program: 'OpenClaw 要运行一个程序才能取得',
} as const;

const notReached = {
  'name-not-found': '无法解析主机名',
  'no-route': '没有到它的路由',
  refused: '没有服务在监听',
  'cut-off': '连接中断',
  'no-connection': '它既不接受也不拒绝连接',
  proxy: '途中的代理不放行',
} as const;

const whatToReach = {
  'name-not-found': '请检查拼写和该域名的 DNS 记录。',
  'no-route': '请检查机器是否开机，以及到它的网络和隧道。',
  refused: '请检查那边的服务是否在运行、监听哪个端口。',
  'cut-off': '请查看那边的服务和 Web 服务器的日志。',
  'no-connection': '通常是防火墙所致：请开放那边的端口，或检查机器是否开机。',
  proxy: '请检查代理是否在运行，以及 http_proxy、https_proxy 和 no_proxy 的内容。',
} as const;

const silences = {
  tls: '接受连接，却不开始加密握手',
  headers: '收下请求，却不应答',
  body: '开始应答，却没有下文',
  answer: '的应答没有尽头',
} as const satisfies Record<Extract<LinkFault, { readonly code: 'hangs' }>['phase'], string>;

const refusals = {
  'self-signed': () => '它是自签名的',
  'issuer-expired': issuer => `证书链中有一个签发者已过期（${issuer}）`,
  'incomplete-chain': issuer => `服务器没有发送中间证书（${issuer}）`,
  'unknown-issuer': issuer => `签发者 ${issuer} 不受信任`,
  'not-accepted': issuer => `它不能用于此用途，或已被吊销（${issuer}）`,
} as const satisfies Record<
  Extract<LinkFault, { readonly code: 'certificate-refused' }>['problem'],
  (issuer: string) => string
>;

function notAsked(reason: Parameters<LinkTexts['notAsked']>[1]): string {
  switch (reason.code) {
    case 'no-address':
      return '它的地址不在 openclaw.json 中，或取决于未设置的变量';
    case 'unknown-api':
      return `daruma 不支持 ${reason.api}`;
    case 'not-declared':
      return 'openclaw.json 没有声明它：要么 OpenClaw 自带，要么根本不存在';
    case 'not-followed':
      return `OpenClaw 访问它时使用 ${reason.settings.join('、')}，daruma 无法照做`;
    default:
      return reason satisfies never;
  }
}

function aside(text: string): string {
  return text === '' ? '' : `（${text}）`;
}

function daysText(days: number): string {
  return days === 0 ? '不到一天' : ` ${days} 天`;
}

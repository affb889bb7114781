import type { FailoverAnswerCut } from '../../../check/rules/failover-answer-cut.ts';
import type { FailoverLoop } from '../../../check/rules/failover-loop.ts';
import type { FailoverModelUndeclared } from '../../../check/rules/failover-model-undeclared.ts';
import type { OpenclawConfigInvalid } from '../../../check/rules/openclaw-config-invalid.ts';
import type { KeyFileFault } from '../../../services/openclaw-key-file.ts';
import type { RefusedKey } from '../../../services/litellm-refusals.ts';
import type { ReverseProxy } from '../../../routes/reverse-proxy.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { daruma, systemctl } from '../../shown-commands.ts';
import { isThroughFront, wayRound } from '../../way-round.ts';
import { front } from './front.ts';

export const failover: GroupTexts<'failover'> = {
  'failover-none': {
    title: '本机无法应答时，没有其他机器顶上',
    message: ({ nodes, idle, isDeclined }) =>
      `agents.defaults.model ${isDeclined ? '的 fallbacks 是空列表' : '没有 fallbacks'}，而${idle === null ? `配置的 nodes 里有 ${nodes.join('、')}` : `另一台机器上的 provider ${idle} 声明了同样的模型`}`,
    why: () => '本机的代理倒下或连不上它的上游时，这里所有的 agent 都得不到回答，直到有人发现。',
    remedy: ({ isDeclined }, { scope }) =>
      isDeclined
        ? `空列表表示不要后备，“${daruma('failover plan', scope)}”会保持原样。如果这并非本意，请去掉这个列表，plan 就会列出每台机器要改的内容。`
        : `把另一台机器的模型写进 agents.defaults.model.fallbacks。“${daruma('failover plan', scope)}”会列出每台机器要改的内容。`,
  },
  'failover-same-machine': {
    title: '后备模型与主模型在同一台机器上',
    message: ({ agent, machine, providers, moreProviders }) =>
      `${ofAgent(agent)}的后备在${machine === null ? '本机' : ` ${machine} `}上，而主模型也在那里（${listed(providers, moreProviders)}）`,
    why: ({ machine }) => `${machine === null ? '本机' : '那台机器'}或它的上游一旦出问题，后备也会一起失效。`,
    remedy: (_, { scope }) =>
      `在 fallbacks 中加入另一台机器的模型。“${daruma('failover plan', scope)}”会列出每台机器要改的内容。`,
  },
  'failover-plain-http': {
    title: '访问另一台机器时没有加密',
    message: ({ what, name, host, hasKey }) =>
      `${what === 'node' ? '节点' : 'provider'} ${name} 通过不加密的 http 访问 ${host}${hasKey ? '，密钥也一并明文传送' : ''}`,
    why: ({ hasKey }) => `途中的任何人都能读取和篡改提问与回答${hasKey ? '，还能拿走密钥来用' : ''}。`,
    remedy: ({ what }, { scope }) =>
      `在那边的代理前面放一个带证书的反向代理，并把 ${what === 'node' ? 'url' : 'baseUrl'} 改成 https 加域名。“${daruma('failover plan', scope)}”附有 Caddy 和 nginx 的配置片段。`,
  },
  'failover-answer-cut': {
    title: '模型前面的 Web 服务器会截断回答，或把回答扣住',
    message: details =>
      details.kind === 'cut'
        ? cut(details)
        : `${details.server} 会扣住 ${details.service} 的回答，直到缓冲区满或回答结束`,
    why: details =>
      details.kind === 'cut'
        ? cutsWhat[details.server]
        : details.ignoresHeader && details.server === 'nginx'
          ? '回答到最后才一次送到，OpenClaw 会把之前的沉默当作模型已死。LiteLLM 要求 nginx 不这样做，但 proxy_ignore_headers 忽略了这个要求。'
          : '回答到最后才一次送到，OpenClaw 会把之前的沉默当作模型已死。',
    remedy: (details, { scope }) =>
      details.kind === 'cut'
        ? cutRemedy(details, daruma('failover plan', scope))
        : details.server === 'Caddy'
          ? '去掉这一行：Caddy 就会随到随传。'
          : `在通往模型的 location 里写“proxy_buffering off;”。“${daruma('failover plan', scope)}”附有完整的配置。`,
  },
  'failover-not-mutual': {
    title: '一台机器回退到另一台，后者却没有回退到它',
    message: ({ machine }) => `${machine} 会回退到本机，而本机没有回退到 ${machine}`,
    why: ({ machine }) => `${machine} 倒下时会改问本机；本机倒下时，这里没有人去问 ${machine}。`,
    remedy: ({ machine }, { scope }) =>
      `在本机的 agents.defaults.model.fallbacks 中加入 ${machine} 的模型。“${daruma('failover plan', scope)}”会列出每台机器要改的内容。`,
  },
  'failover-loop': {
    title: '代理之间互相回退，形成循环',
    message: details => (details.kind === 'circle' ? circle(details) : wayOut(details)),
    why: details =>
      details.kind === 'way-out'
        ? '如果那边的 LiteLLM 又指回这里（互为后备的机器往往如此），上游一旦失效，请求就会在两台机器之间循环。那边的文件不在手边，或者没有写全。'
        : isThroughFront(details.steps)
          ? '前置代理会拒绝已经经过前置代理的请求（508），除非有人从它的配置里去掉了这一条。因此在该由另一台机器顶上的时候，请求得不到回答。'
          : details.leavesProxy
            ? 'LiteLLM 不知道请求来自另一个 LiteLLM。所有上游都不应答时，每个请求会一圈圈地转，每一步的重试又让它成倍增加，直到这些代理谁也不应答。'
            : '所有上游都不应答时，一个请求会绕着圈走。2026 年夏天之前的 LiteLLM 会反复尝试同样的模型，直到事件循环被占满、谁也不应答（BerriAI/litellm#35303）。',
    remedy: details =>
      details.kind === 'circle' && isThroughFront(details.steps)
        ? '只有本机的客户端才应访问前置代理。通往它的 Web 服务器、隧道或 api_base，都应改为通往它后面的 LiteLLM。'
        : details.kind === 'circle' && !details.leavesProxy
          ? '让最后一个模型的 fallbacks 不再指向任何模型，或指向没有 fallbacks 的模型。'
          : '从这个 config.yaml 中去掉另一台机器，改由 OpenClaw 回退过去：OpenClaw 只会把自己的列表走一遍，不会循环。',
  },
  'failover-front': front,
  'failover-model-undeclared': {
    title: '引用了谁都没有的模型',
    message: ({ agent, setting, isPrimary, reference, missing }) =>
      `${setting === null ? ofAgent(agent) : `${setting} `}的${isPrimary ? '主模型' : '后备模型'}是 ${reference}，${whatIsMissing(missing)}${missing.what === 'elsewhere' ? '' : meant(missing.suggestion)}`,
    why: ({ isPrimary }) =>
      isPrimary
        ? 'OpenClaw 会接受这份配置，但每一轮对话都会失败，或者立刻转到后备。'
        : 'OpenClaw 会接受这份配置。等到真正需要后备时，请求会被拒绝，这一轮以错误告终。',
    remedy: ({ missing }) => modelRemedies[missing.what](missing),
  },
  'failover-agent-without-fallbacks': {
    title: 'agent 有自己的模型，因而没有后备',
    message: ({ agent, setting, primary, isDeclined }) => {
      if (isDeclined) return `${setting} 的 fallbacks 是空列表：${primary} 失效时，不会再问任何模型`;
      return agent === null
        ? `子 agent 有自己的模型 ${primary}（${setting}），却没有 fallbacks`
        : `agent ${agent} 有自己的模型 ${primary}，却没有 fallbacks`;
    },
    why: ({ agent, fallbacks, moreFallbacks, isDeclined }) =>
      `agents.defaults 的 fallbacks（${listed(fallbacks, moreFallbacks)}）对${isDeclined ? '有自己列表的设置' : agent === null ? '有自己模型的子 agent ' : '有自己模型的 agent '}不起作用：它的模型失效时，它就得不到回答。`,
    remedy: ({ agent, primary, setting, isDeclined }) =>
      isDeclined
        ? '如果这并非本意，请在列表中写上另一台机器的模型，或者去掉这个列表。'
        : agent === null
          ? `在 ${setting} 写上 {"primary": "${primary}", "fallbacks": [...]}，或者去掉这个模型，让子 agent 使用所属 agent 的模型。`
          : `为它写上 {"primary": "${primary}", "fallbacks": [...]}，或者去掉它自己的模型，改用默认值。`,
  },
  'failover-slow': {
    title: '后备来得很慢，卡住时则永远不来',
    message: ({ provider }) =>
      `provider ${provider} 没有设置 timeoutSeconds：它的代理卡住时，OpenClaw 会一直等待，不会转到后备`,
    why: () =>
      '代理接受连接却不应答时，OpenClaw 等待超过 9 分钟。连接被拒绝时，它会重试约 105 秒才去问后备，而且每一轮都要重新等。',
    remedy: ({ refusedBy }) =>
      (refusedBy === null
        ? ''
        : `OpenClaw ${refusedBy.version} 不认识这项设置，写上之后会起不来：请先更新到 ${refusedBy.first} 或更高版本。`) +
      '设置 timeoutSeconds（例如 60）：卡住的一轮会因此结束，但结果是错误，仍不会转到后备。请为代理设置探测并自动重启，让卡住变成连接被拒绝。',
  },
  'failover-variable-unset': {
    title: 'OpenClaw 不会替换的变量',
    message: ({ provider, setting, written, lacks }) =>
      lacks === 'form'
        ? `${ofProvider(setting, provider)}写成了 ${written}，OpenClaw 不把它当作变量`
        : lacks === 'time'
          ? `${ofProvider(setting, provider)}用到变量 ${written}，而它自己的值里又有变量：OpenClaw 在这里还得不到它`
          : `${ofProvider(setting, provider)}用到变量 ${written}，而哪里都没有给它赋值`,
    why: ({ lacks, setting }) =>
      lacks === 'form' && setting !== 'model'
        ? '它只认大写的名称，也不支持默认值：这段文字会连同花括号原样发出。要求密钥的代理会拒绝它。'
        : setting === 'apiKey'
          ? '请求会不带密钥发出，或者根本不发出。要求密钥的代理会拒绝它。'
          : 'OpenClaw 照样启动，把这段文字连同花括号原样使用。',
    remedy: ({ name, lacks, file }) =>
      lacks === 'form'
        ? `写成 \${${name}}，并把值用这个名称写进 ${file}。`
        : lacks === 'time'
          ? `在 env 一节里写出 ${name} 的完整值，或直接写在这里。`
          : `在 ${file} 中写入“${name}=”和它的值，然后重启网关：它只在启动时读取这个文件。`,
  },
  'failover-key-hidden': {
    title: '变量在一个被 OpenClaw 忽略的文件里另有一个值',
    message: ({ name, provider, setting, file, hidden }) =>
      `${ofProvider(setting, provider)}用到的 ${name} 在${file === null ? '管理器的环境' : ` ${file} `}中有值，以它为准；在 ${hidden.join('、')} 中却是另一个值`,
    why: () =>
      '服务自己的变量最优先，管理器传给所有服务的变量也算在内；其次是 OpenClaw 的 .env 和 gateway.env，最后是 env 一节。在靠后的地方换了密钥，生效的仍是旧的。',
    remedy: ({ name, file, byManager, hidden }, manager) => {
      const out =
        file === null
          ? `就在登录时设置它的地方去掉 ${name}，再把它从管理器中去掉：“${systemctl(manager, 'unset-environment', name)}”`
          : `就从 ${file} 中去掉 ${name}${byManager ? `，再执行“${systemctl(manager, 'daemon-reload')}”` : ''}`;
      return `只留正确的那个：如果正确的在 ${hidden.join('、')} 中，${out}，然后重启 gateway。`;
    },
  },
  'failover-key-refused': {
    title: 'OpenClaw 不接受密钥文件',
    message: ({ provider, file, fault, mode }) =>
      keyFileFaults[fault](`provider ${provider} 的密钥文件 ${file} `, mode),
    why: () =>
      '运行中的 gateway 保留已经读到的密钥。下次启动之后，它就没有这个 provider 的密钥，agent 的请求会被拒绝。',
    remedy: ({ file, fault }) =>
      fault === 'open'
        ? `只让属主读取：“chmod 600 ${file}”。`
        : `把密钥直接写进 ${file}：它必须是普通文件，属于 gateway 的用户，权限为 0600。`,
  },
  'failover-key-unread': {
    title: 'gateway 启动之后，它的密钥又有改动',
    message: ({ file, variables, moreVariables }) =>
      file === null
        ? `gateway 启动时拿到的 ${listed(variables, moreVariables)}，与它的 unit 和文件现在给出的值不同`
        : `gateway 启动之后，${file} 又改过：它可能还没有其中的 ${listed(variables, moreVariables)}`,
    why: ({ file }) =>
      `${file === null ? '进程的环境在启动时就定下了' : 'OpenClaw 只在启动时读取这个文件'}。密钥缺失或过期的 provider 会拒绝 agent 的请求，而这要到真正需要它时才会暴露。`,
    remedy: (_, { unit, ...manager }) => `找个合适的时间重启它：“${systemctl(manager, 'restart', unit)}”。`,
  },
  'openclaw-config-invalid': {
    title: 'OpenClaw 会拒绝它的配置',
    message: ({ refusal }) => refusals(refusal),
    why: ({ refusal, isValid, restart }) =>
      `${isValid ? 'OpenClaw 认为这个文件有效。' : ''}用这份配置启动的 gateway 会以状态 78 结束${restart === null ? '' : afterRefusal[restart]}。${
        refusal.code === 'not-local' ? '' : '在修改之前启动的 gateway 会沿用原来的配置。'
      }`,
    remedy: ({ file, refusal }) => refusalRemedy(file, refusal),
  },
  'litellm-config-missing': {
    title: 'LiteLLM 的配置不存在',
    message: ({ file, isIncluded }) =>
      isIncluded ? `include 指定的文件不存在：${file}` : `它的配置不存在：${file}`,
    why: () => '没有这个文件，LiteLLM 一启动就会失败；此前启动的会继续使用当时读到的内容。',
    remedy: ({ file }) => `把 ${file} 放回原处，或者改为指向实际存在的文件。`,
  },
  'litellm-config-invalid': {
    title: 'LiteLLM 读不懂它的配置',
    message: details =>
      details.kind === 'syntax'
        ? details.isAtEnd
          ? `${details.file} 到末尾仍不是完整的 YAML`
          : `${details.file} 从这一行起不是合法的 YAML（第 ${details.column} 列）`
        : details.kind === 'misread'
          ? `LiteLLM 只把 context_window_fallbacks 读成一串名称：没有单独列出的模型都会转到 ${details.to}`
          : details.key === ''
            ? `${details.file} 的内容不是由设置及其值组成的映射`
            : `${details.key} 里这样写，LiteLLM 无法启动`,
    why: details =>
      details.kind === 'misread'
        ? 'LiteLLM 启动时不检查这项设置的写法。请求对某个模型来说太长时，就会转到谁也没打算用的模型，或者无处可转。'
        : '用这份配置启动的 LiteLLM 会立刻失败；在修改之前启动的会继续使用当时读到的内容。',
    remedy: details =>
      details.kind === 'syntax'
        ? details.isAtEnd
          ? '补上缺少的内容：没闭合的括号或引号，或者没有写完的那部分文件。'
          : '改正这一行：看看最后改了什么、缩进对不对，或者有没有没闭合的括号或引号。'
        : refusedForms[details.kind === 'misread' ? 'fallbacks' : details.key],
  },
};

/** systemd 怎样对待这种结束。 */
const afterRefusal = {
  again: '，systemd 每次都会再启动它，但都会失败',
  never: '，systemd 不会再启动它',
  prevented: '，systemd 按 unit 的 RestartPreventExitStatus= 不会再启动它',
} as const;

/** 这些设置的值应当怎样写。 */
const refusedForms: Readonly<Record<RefusedKey, string>> = {
  '': '以 model_list 及其内容开头，每行一个设置。',
  include: '写成文件的列表：include: [models.yaml]',
  model_list:
    '写成列表，每一项都要有 model_name，以及带 model 的 litellm_params，而且都是文本：全是数字的名称要加引号。',
  fallbacks: '写成列表，每一项只有一个模型，后面跟一个列表：- opus: [remote]',
  content_policy_fallbacks: '写成列表，每一项只有一个模型，后面跟一个列表：- opus: [remote]',
  default_fallbacks: '写成列表：[remote]',
  model_group_alias: '写成映射：{best: opus}',
  credential_list:
    '写成列表，每一项都要有 credential_name、credential_values 和 credential_info（写 credential_info: {} 即可）。',
  litellm_settings: '写成由设置及其值组成的映射。',
  environment_variables: '写成由变量及其值组成的映射。',
};

/** 列出的名称，以及未列出的个数。 */
type Cut = Extract<FailoverAnswerCut, { readonly kind: 'cut' }>;

function cut({ server, of: limited, seconds, isDefault, waitsSeconds, isSet }: Cut): string {
  const usual = isDefault ? '（默认值）' : '';
  const waits = `OpenClaw 会等 ${waitsSeconds} 秒${isSet ? '' : '（没有另设 timeoutSeconds 时）'}`;
  switch (limited) {
    case 'silence':
      return `回答沉默 ${seconds} 秒后就被 ${server} 结束${usual}；${waits}`;
    case 'begin':
      return `回答 ${seconds} 秒内没有开始就被 ${server} 结束${usual}；${waits}`;
    case 'whole':
      return `任何回答满 ${seconds} 秒就被 ${server} 结束，哪怕正在传送；OpenClaw 的一轮对话可以长达 ${waitsSeconds} 秒`;
    default:
      return limited satisfies never;
  }
}

const cutsWhat: Readonly<Record<ReverseProxy, string>> = {
  nginx: '思考更久的模型经由这个地址谁也答不了：nginx 返回 504，或回答中途断掉。OpenClaw 本来还会等。',
  Caddy:
    '耗时更久的模型经由这个地址谁也答不了：Caddy 返回 504，或回答中途断掉；如果是 read_timeout，看上去还像是已经答完。',
  Cloudflare: '思考更久的模型经由这个地址谁也答不了：Cloudflare 返回 524。OpenClaw 本来还会等。',
};

function cutRemedy({ server, setting, of: limited, seconds }: Cut, plan: string): string {
  switch (server) {
    case 'nginx':
      return `在通往模型的 location 里写“proxy_read_timeout 300s;”：这样先放弃的是手里有后备的 OpenClaw。“${plan}”附有完整的配置。`;
    case 'Caddy':
      return limited === 'whole'
        ? `从 timeouts 中去掉 ${setting}：它分不清漫长的回答和已死的回答。去掉之后，Caddy 不设限制。`
        : `去掉 ${setting}：没有它，Caddy 不设限制，先放弃的就是手里有后备的 OpenClaw。`;
    case 'Cloudflare':
      return `只有 Enterprise 套餐可以更改。请把该 provider 的 timeoutSeconds 设到 ${seconds} 以下，或者绕过 Cloudflare。`;
    default:
      return server satisfies never;
  }
}

const keyFileFaults: Readonly<Record<KeyFileFault, (what: string, mode: string) => string>> = {
  missing: what => `${what}不存在`,
  link: what => `${what}是链接，OpenClaw 不接受`,
  'no-file': what => `${what}不是普通文件，OpenClaw 不接受`,
  open: (what, mode) => `${what}的权限是 ${mode}：除属主外别人都不能读写，OpenClaw 才接受`,
  foreign: what => `${what}属于别的用户，OpenClaw 不接受`,
};

function listed(names: readonly string[], more = 0): string {
  return names.join('、') + (more === 0 ? '' : ` 等共 ${names.length + more} 个`);
}

function ofAgent(agent: string | null): string {
  return agent === null ? '没有自己模型的 agent ' : `agent ${agent} `;
}

function meant(suggestion: string | null): string {
  return suggestion === null ? '' : `（是不是想用 ${suggestion}？）`;
}

type CircleOf = Extract<FailoverLoop, { readonly kind: 'circle' }>;

function circle({ steps, models }: CircleOf): string {
  const others = models.length < 2 ? '' : `；${models.slice(1).join('、')} 也一样`;
  return `对 ${models[0]} 的请求会循环：${wayRound(steps)}${others}`;
}

function wayOut({ machine, models }: Extract<FailoverLoop, { readonly kind: 'way-out' }>): string {
  return `对 ${models.join('、')} 的请求会转到另一个节点 ${machine} 的代理`;
}

type Missing = FailoverModelUndeclared['missing'];

function whatIsMissing(missing: Missing): string {
  switch (missing.what) {
    case 'provider':
      return `而没有名为 ${missing.provider} 的 provider`;
    case 'model':
      return `而 provider ${missing.provider} 没有声明这个模型`;
    case 'elsewhere':
      return missing.isNamed
        ? `实际会去问 provider ${missing.provider}，而这里没有它的密钥；正是这个名称的模型是 ${missing.suggestion}`
        : `实际会去问 provider ${missing.provider}；正是这个名称的模型是 ${missing.suggestion}`;
    case 'served':
      return `而 ${missing.proxy} 的 model_list 中没有这个模型`;
    default:
      return missing satisfies never;
  }
}

const modelRemedies: { readonly [W in Missing['what']]: (missing: Missing) => string } = {
  elsewhere: missing =>
    `写成 ${missing.suggestion}：第一个斜杠前面的是 provider，即使模型名称里本身就有斜杠。`,
  provider: () => '更正引用，或者在 models.providers 中声明这个 provider 及其模型。',
  model: () => '更正引用，或者在该 provider 的 models 中声明这个模型，写上 id 和 name。',
  served: () => '更正引用，或者在代理中加入这个 model_name。代理的“/v1/models”会列出它有哪些模型。',
};

function refusals(refusal: OpenclawConfigInvalid['refusal']): string {
  switch (refusal.code) {
    case 'bad-syntax':
      if (refusal.isAtEnd) return '文件到末尾仍不是完整的 JSON5';
      return `从这一行第 ${refusal.column} 列起不是合法的 JSON5`;
    case 'missing-file':
      return `$include 指定的文件不存在：${refusal.file}`;
    case 'include-outside':
      return `$include 指到了配置所在文件夹之外：${refusal.file}`;
    case 'include-circle':
      return `$include 又指回了来路上的文件：${refusal.file}`;
    case 'include-too-deep':
      return `$include 嵌套超过了十层：${refusal.file}`;
    case 'bad-value':
      return refusal.key === '' ? '配置不是一个对象' : `${refusal.key} 的值会被 OpenClaw 拒绝`;
    case 'missing-key':
      return `缺少 ${refusal.key}`;
    case 'not-local':
      return refusal.mode === null
        ? '缺少 gateway.mode，而网关只有在它是 "local" 时才会启动'
        : 'gateway.mode 是 "remote"，而网关只有在它是 "local" 时才会启动';
    case 'unknown-key':
      return `没有 ${refusal.key} 这个键（是不是想用 ${refusal.suggestion}？）`;
    default:
      return refusal satisfies never;
  }
}

function refusalRemedy(file: string, refusal: OpenclawConfigInvalid['refusal']): string {
  const proof = '然后运行“openclaw config validate”。';
  if (refusal.code === 'not-local')
    return '在 "gateway" 下写 "mode": "local"，或在 ExecStart= 中加上 --allow-unconfigured。“openclaw config validate”不检查这一点。';
  if (refusal.code !== 'missing-key') return `更正 ${refusal.source?.file ?? file}，${proof}`;
  if (refusal.reason === 'roster')
    return `OpenClaw 自 ${refusal.since} 起，有多个 agent 时需要它：请在 agents 下写 "ownership": "explicit"，或给其中一个标上 "default": true。${proof}`;
  return refusal.reason === 'model'
    ? `每个模型都要有 id 和 name。${proof}`
    : `只有 OpenClaw 自带的 provider 可以不写 baseUrl 和 models；请写上 "models": [{"id": "...", "name": "..."}]，列出要用的每个模型。${proof}`;
}

/** 没有被替换的变量在哪里。 */
function ofProvider(setting: string, provider: string | null): string {
  return provider === null ? '要询问的模型名称' : `provider ${provider} 的 ${setting} `;
}

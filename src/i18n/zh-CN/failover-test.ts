import type { StopRefusal } from '../../failover/live/stoppable.ts';
import type { ManagerScope } from '../../systemd/search-path.ts';
import type { FailoverTestTexts } from '../failover-test-texts.ts';
import { daruma, systemctl } from '../shown-commands.ts';

export const failoverTest: FailoverTestTexts = {
  willAsk: requests =>
    `将向模型发送 ${requests} 个真实请求，提供商可能会收费（较慢的回答如果一次到齐，会再问一次）：`,
  upToTokens: count => `最多 ${count} 个 token`,
  willFall: ({ fall, unit, agent }, front, mostTokens) => {
    const [begins, ends] = {
      stop: [`真正停止 ${unit}`, `再重新启动 ${unit}`],
      kill: [`真正杀死 ${unit}（SIGKILL）`, `如果 systemd 没有让它恢复，就启动 ${unit}`],
      hang: [`真正暂停 ${unit} 的进程（SIGSTOP），让它卡住`, '再让它们继续'],
    }[fall];
    const meanwhile =
      front === undefined
        ? '其间你的 agent 无法使用它：通常两分钟以上，最多八分钟。'
        : `其间 ${front} 去问其他机器，并且每秒收到一个短问题（每个最多 ${mostTokens} 个 token）；大约半分钟，最多八分钟。`;
    return `然后${begins}，让 agent ${agent} 回答一次（完整的一轮，包含平时的全部上下文），${ends}。${meanwhile}`;
  },
  nothingToAsk: '没有可测试的对象：openclaw.json 没有引用任何可询问的提供商的模型',
  question: '执行吗？',
  asking: seconds => `正在询问模型……${counted(seconds)}`,
  stage: (stage, fall, unit, seconds) => {
    const [begins, is, ends] = {
      stop: [`正在停止 ${unit}`, '已停止', `正在重新启动 ${unit}`],
      kill: [`正在杀死 ${unit}`, '已被杀死', `正在等待 ${unit} 恢复`],
      hang: [`正在暂停 ${unit} 的进程`, '已卡住', `正在让 ${unit} 继续`],
    }[fall];
    return {
      stopping: `${begins}……${counted(seconds)}`,
      down: `${unit} ${is}，正在等 OpenClaw 回答……${counted(seconds)}`,
      starting: `${ends}……${counted(seconds)}`,
    }[stage];
  },
  answered: (model, seconds, by) =>
    `${model} 在 ${seconds} 秒内应答${by === null || model.endsWith(`/${by}`) ? '' : `（自称 ${by}）`}`,
  inOnePiece: waitsSeconds =>
    `回答到最后才一次到齐，再问一次也是如此。如果更长的回答也这样，其间 OpenClaw 什么也收不到，${waitsSeconds} 秒后就放弃。原因从这里看不出来：可能是服务写完才发送，也可能是前面的 Web 服务器把回答扣住（nginx 没有“proxy_buffering off”就会这样）。`,
  proxyFellBack: count => `LiteLLM 自己动用了 ${count} 次备用`,
  notAnswered: (model, fault) => `${model} 没有应答：${fault}`,
  notTried: (model, reason) => `没有询问 ${model}：${reason}`,
  fallen: (fall, unit, seconds) =>
    ({
      stop: `${unit} 用 ${seconds} 秒停止`,
      kill: `${unit} 已被杀死`,
      hang: `${unit} 已卡住`,
    })[fall],
  notFallen: (fall, unit) =>
    ({
      stop: `${unit} 没有停下来`,
      kill: `${unit} 没有结束`,
      hang: `${unit} 没有卡住`,
    })[fall],
  turn: (agent, { outcome, seconds, answeredBy, said }, { isThroughFallback, standIn }) => {
    switch (outcome) {
      case 'answered':
        if (standIn !== undefined) return `agent ${agent} 在 ${seconds} 秒后经前置代理由 ${standIn} 回答`;
        return answeredBy === null
          ? `agent ${agent} 在 ${seconds} 秒后得到回答；OpenClaw 没有说明由谁回答`
          : `agent ${agent} 在 ${seconds} 秒后由 ${answeredBy} 回答${isThroughFallback ? '' : '，而它本应已停止'}`;
      case 'failed':
        return `agent ${agent} 在 ${seconds} 秒内没有得到回答${said === '' ? '' : `：${said}`}`;
      case 'timeout':
        return `agent ${agent} 等了 ${seconds} 秒仍无回答，不再等待`;
      case 'interrupted':
        return `没有继续等待 agent ${agent}`;
      default:
        return outcome satisfies never;
    }
  },
  cameBackEarly: unit => `测试途中 ${unit} 被别人启动，因此测试不能说明问题`,
  stream: (fall, { asked, lost, cut, slowestSeconds, by, againSeconds }) => {
    const answers = [...by].map(([name, count]) => `${name === '' ? '没有报名字的机器' : name} ${count} 个`);
    const broken = cut === 0 ? '' : `；${cut} 个回答到一半断掉，只能由客户端重新问`;
    const slowest = slowestSeconds === null ? '' : `；最慢的用了 ${slowestSeconds.toFixed(1)} 秒`;
    const again =
      againSeconds === null
        ? '；本机自己还没有重新回答'
        : `；${fall === 'kill' ? '被杀死' : '测试情形结束'} ${againSeconds.toFixed(1)} 秒后本机自己又开始回答`;
    return `其间问了 ${asked} 个短问题，${lost.length === 0 ? '没有一个落空' : `${lost.length} 个没有回答`}（${answers.join('，')}）${broken}${slowest}${again}`;
  },
  firstLost: fault => `第一个没有回答的：${fault}`,
  back: (fall, unit, end, seconds) => {
    switch (end.kind) {
      case 'ready':
        return fall === 'kill'
          ? `${unit} 已恢复就绪`
          : `${unit} 在${fall === 'stop' ? '重新启动' : '继续运行'} ${seconds} 秒后恢复就绪`;
      case 'not-ready':
        return `${unit} 已重新运行，但还没有应答`;
      case 'stopped':
        return `${unit} 在启动时被别人停止，保持停止`;
      case 'down':
        return `${unit} 无法重新启动（${end.said}）`;
      default:
        return end satisfies never;
    }
  },
  startByHand: command => `服务管理器会在半分钟内再试一次；手动启动：${command}`,
  interrupted: (unit, isBack) => (isBack ? `已中断；${unit} 已重新运行` : `已中断；${unit} 尚未重新运行`),
  interruptedAsking: '已中断',
  busy: unit => `对 ${unit} 的另一个测试正在进行，或刚刚被强行终止`,
  noFallbackAnswers: unit => `除 ${unit} 外没有提供商应答，因此没有停止它：那样只会让你的 agent 无法工作`,
  nothingToStop: agent => `agent ${agent} 的首选不是本机的服务，因此没有可停止的对象`,
  noFallback: agent => `agent ${agent} 没有备用模型，停止后无人回答`,
  noFront: (fall, unit) =>
    fall === 'kill'
      ? `没有前置代理：${unit} 被杀死到重新启动之间，没有别人可问`
      : `没有前置代理：${unit} 卡住时没有谁会回答，因为 OpenClaw 不会离开卡住的服务`,
  makeFront: 'daruma failover apply --front 可以在它前面放一个',
  refusal: refusal => {
    switch (refusal.code) {
      case 'no-manager':
        return '这里没有服务管理器应答，无法停止和启动服务';
      case 'not-running':
        return `${refusal.unit} 没有运行（${refusal.state}）；测试不会启动原本没有运行的服务`;
      case 'down-after-reboot':
        return `如果测试途中机器重启，${refusal.unit} 将不会自动恢复`;
      case 'others-stop-with-it':
        return `${refusal.others.join('、')} 会随 ${refusal.unit} 一起停止`;
      case 'started-by-others':
        return `${refusal.others.join('、')} 会在测试途中启动 ${refusal.unit}`;
      default:
        return refusal satisfies never;
    }
  },
  refusalHint: hintFor,
  summary: (answered, asked) => `${asked} 个中有 ${answered} 个应答`,
  passed: '备用切换有效。',
  failed: '备用切换无效。',
};

function counted(seconds: number | undefined): string {
  return seconds === undefined ? '' : `${seconds} 秒`;
}

function hintFor(refusal: StopRefusal, scope: ManagerScope): string {
  switch (refusal.code) {
    case 'no-manager':
      return '请在该机器上以服务所属用户的身份运行';
    case 'not-running':
      return `请运行 ${systemctl({ scope }, 'start', refusal.unit)}`;
    case 'down-after-reboot':
      return `请运行“${daruma('fix', scope, refusal.unit)}”：它会启用该服务和 linger`;
    case 'others-stop-with-it':
      return '把 Requires=、BindsTo= 或 PartOf= 换成 Wants= 即可让它们继续运行';
    case 'started-by-others':
      return '请先停止它';
    default:
      return refusal satisfies never;
  }
}

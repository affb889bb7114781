import type { StopRefusal } from '../../failover/live/stoppable.ts';
import type { ManagerScope } from '../../systemd/search-path.ts';
import type { FailoverTestTexts } from '../failover-test-texts.ts';
import { daruma, systemctl } from '../shown-commands.ts';

export const failoverTest: FailoverTestTexts = {
  willAsk: requests =>
    requests === 1
      ? 'This sends a real request to a model, and its provider may charge for it (a second one where a slow answer comes in one piece):'
      : `This sends ${requests} real requests to models, and their providers may charge for them (a second one where a slow answer comes in one piece):`,
  upToTokens: count => `at most ${count} tokens`,
  willFall: ({ fall, unit, agent }, front, mostTokens) => {
    const [begins, ends] = {
      stop: [`stops ${unit} for real`, `starts ${unit} again`],
      kill: [`kills ${unit} for real (SIGKILL)`, `starts ${unit} where systemd does not`],
      hang: [`stops the processes of ${unit} for real (SIGSTOP), so that it hangs`, 'lets them go on'],
    }[fall];
    const meanwhile =
      front === undefined
        ? 'Meanwhile your agents go without it: for two minutes or more, eight at the most.'
        : `Meanwhile ${front} asks the other machines, and is asked a short question every second (at most ${mostTokens} tokens each); some half a minute, eight minutes at the most.`;
    return `Then it ${begins}, asks agent ${agent} for an answer (a whole turn, with all that it is told each time), and ${ends}. ${meanwhile}`;
  },
  nothingToAsk: 'there is nothing to test: no openclaw.json names a model of a provider that can be asked',
  question: 'Do it?',
  asking: seconds => `asking the models ...${counted(seconds)}`,
  stage: (stage, fall, unit, seconds) => {
    const [begins, is, ends] = {
      stop: [`stopping ${unit}`, 'is down', `starting ${unit} again`],
      kill: [`killing ${unit}`, 'was killed', `waiting for ${unit}`],
      hang: [`stopping the processes of ${unit}`, 'hangs', `letting ${unit} go on`],
    }[fall];
    return {
      stopping: `${begins} ...${counted(seconds)}`,
      down: `${unit} ${is}, OpenClaw is asked for an answer ...${counted(seconds)}`,
      starting: `${ends} ...${counted(seconds)}`,
    }[stage];
  },
  answered: (model, seconds, by) =>
    `${model} answers in ${seconds} s${by === null || model.endsWith(`/${by}`) ? '' : ` (as ${by})`}`,
  inOnePiece: waitsSeconds =>
    `It came in one piece at its end, and so did a second one. If longer answers do as well, OpenClaw hears nothing meanwhile, and gives up after ${waitsSeconds} s. Why is not seen from here: a service may write its answers only when they are complete, and a web server in front may hold them back (nginx does, where it is not told "proxy_buffering off").`,
  proxyFellBack: count => `LiteLLM needed ${count === 1 ? 'a fallback' : `${count} fallbacks`} of its own`,
  notAnswered: (model, fault) => `${model} does not answer: ${fault}`,
  notTried: (model, reason) => `${model} was not asked: ${reason}`,
  fallen: (fall, unit, seconds) =>
    ({
      stop: `${unit} stopped after ${seconds} s`,
      kill: `${unit} was killed`,
      hang: `${unit} hangs`,
    })[fall],
  notFallen: (fall, unit) =>
    ({
      stop: `${unit} did not stop`,
      kill: `${unit} did not end`,
      hang: `${unit} does not hang`,
    })[fall],
  turn: (agent, { outcome, seconds, answeredBy, said }, { isThroughFallback, standIn }) => {
    switch (outcome) {
      case 'answered':
        if (standIn !== undefined)
          return `agent ${agent} was answered through the front, by ${standIn}, after ${seconds} s`;
        return answeredBy === null
          ? `agent ${agent} was answered after ${seconds} s; OpenClaw does not say by whom`
          : `agent ${agent} was answered by ${answeredBy} after ${seconds} s${isThroughFallback ? '' : ', which should be down'}`;
      case 'failed':
        return `agent ${agent} got no answer in ${seconds} s${said === '' ? '' : `: ${said}`}`;
      case 'timeout':
        return `agent ${agent} had no answer after ${seconds} s, and was not waited for any longer`;
      case 'interrupted':
        return `agent ${agent} was not waited for`;
      default:
        return outcome satisfies never;
    }
  },
  cameBackEarly: unit =>
    `${unit} was started by somebody else in the middle of the test, which proves nothing then`,
  stream: (fall, { asked, lost, cut, slowestSeconds, by, againSeconds }) => {
    const answers = [...by].map(
      ([name, count]) => `${count} by ${name === '' ? 'a machine without a name' : name}`,
    );
    const broken =
      cut === 0
        ? ''
        : `; ${cut} broken off in the middle of the answer, which only the client can ask for again`;
    const slowest = slowestSeconds === null ? '' : `; the slowest took ${slowestSeconds.toFixed(1)} s`;
    const again =
      againSeconds === null
        ? '; this machine itself has not answered again yet'
        : `; this machine itself answered again ${againSeconds.toFixed(1)} s after ${fall === 'kill' ? 'it was killed' : 'the end of that'}`;
    return `${asked} short questions meanwhile, ${lost.length === 0 ? 'none' : lost.length} without an answer (${answers.join(', ')})${broken}${slowest}${again}`;
  },
  firstLost: fault => `The first without an answer: ${fault}`,
  back: (fall, unit, end, seconds) => {
    switch (end.kind) {
      case 'ready':
        return fall === 'kill'
          ? `${unit} is ready again`
          : `${unit} is ready again, ${seconds} s after it was ${fall === 'stop' ? 'started' : 'let go on'}`;
      case 'not-ready':
        return `${unit} runs again, and does not answer yet`;
      case 'stopped':
        return `${unit} was stopped by somebody else while it started; it stays so`;
      case 'down':
        return `${unit} could not be started again (${end.said})`;
      default:
        return end satisfies never;
    }
  },
  startByHand: command => `within half a minute the service manager tries once more; by hand: ${command}`,
  interrupted: (unit, isBack) =>
    isBack ? `interrupted; ${unit} runs again` : `interrupted; ${unit} does not run again yet`,
  interruptedAsking: 'interrupted',
  busy: unit => `another test of ${unit} is under way, or was killed just now`,
  noFallbackAnswers: unit =>
    `no provider but ${unit} has answered, so it was not stopped: your agents would only have gone without it`,
  nothingToStop: agent =>
    `no service of this machine answers agent ${agent} first, so there is nothing to stop`,
  noFallback: agent => `agent ${agent} has no fallback, so nobody would answer`,
  noFront: (fall, unit) =>
    fall === 'kill'
      ? `without a front there is nobody to ask while ${unit} is killed and started again`
      : `without a front nobody answers while ${unit} hangs: OpenClaw does not leave what hangs`,
  makeFront: 'daruma failover apply --front puts one before it',
  refusal: refusal => {
    switch (refusal.code) {
      case 'no-manager':
        return 'no service manager answers here, so nothing can be stopped and started';
      case 'not-running':
        return `${refusal.unit} does not run (${refusal.state}); the test starts nothing that did not run before`;
      case 'down-after-reboot':
        return `${refusal.unit} would stay down if the machine went down in the middle of the test`;
      case 'others-stop-with-it':
        return `${refusal.others.join(', ')} would be stopped together with ${refusal.unit}`;
      case 'started-by-others':
        return `${refusal.others.join(', ')} would start ${refusal.unit} in the middle of the test`;
      default:
        return refusal satisfies never;
    }
  },
  refusalHint: hintFor,
  summary: (answered, asked) => `${answered} of ${asked} answered`,
  passed: 'The fallback works.',
  failed: 'The fallback does not work.',
};

function counted(seconds: number | undefined): string {
  return seconds === undefined ? '' : ` ${seconds} s`;
}

function hintFor(refusal: StopRefusal, scope: ManagerScope): string {
  switch (refusal.code) {
    case 'no-manager':
      return 'run it as the user whose services they are, on the machine itself';
    case 'not-running':
      return systemctl({ scope }, 'start', refusal.unit);
    case 'down-after-reboot':
      return `run "${daruma('fix', scope, refusal.unit)}": it enables the service and lingering`;
    case 'others-stop-with-it':
      return 'Wants= in place of Requires=, BindsTo= or PartOf= leaves them running';
    case 'started-by-others':
      return 'stop that first';
    default:
      return refusal satisfies never;
  }
}

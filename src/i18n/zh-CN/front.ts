import type { NoFront } from '../../failover/front/plan.ts';
import type { FrontPlaceNow, FrontTexts } from '../front-texts.ts';
import { describeLinkFault } from '../parts.ts';
import { links } from './links.ts';
import { span } from './span.ts';

export const front: FrontTexts = {
  units: {
    head: '由 daruma failover apply --front 写入；可用“daruma undo”撤销。',
    service: '本机的 LiteLLM；它不回答时改由另一台机器回答（HAProxy）',
    socket: 'LiteLLM 前置代理的地址',
    soon: '请求都在等它',
    watched: 'HAProxy 的线程卡住时会自行退出',
    moves: '为 daruma 记下现由哪台机器回答（LiteLLM 前置代理）',
  },
  noFront: why => `没有前置代理，要等 OpenClaw 自己切换，另一台机器才会回答：${why}`,
  noHaproxy: '前置代理就是 HAProxy，而这里没有 haproxy 命令：PATH 和 /usr/sbin 里都没有',
  getHaproxy:
    '请安装它：sudo apt install haproxy，或你的发行版的相应命令。它自带的系统服务用不到：sudo systemctl disable --now haproxy',
  oldHaproxy: (version, oldest) =>
    `前置代理需要 HAProxy ${oldest} 或更高版本，而这里的${version === undefined ? '没有报出版本' : `是 ${version}`}`,
  getNewer: oldest => `haproxy.org/download 列出了适合你的发行版的 ${oldest} 及更高版本的软件包`,
  portTaken: port => `前置代理的端口 ${port} 被另一个程序占用，前置代理没有运行`,
  freePort: port =>
    `“ss -ltnp sport = :${port}”会显示是哪个程序。结束它之后运行：systemctl --user restart daruma-front.socket daruma-front.service；没有改动任何内容`,
  refused,
  unwritableKey: '有一个密钥无法写在一行之内',
  rejected: said => `HAProxy 不接受前置代理的配置：${said}`,
  rejectedHint: isEdited =>
    isEdited ? '没有改动任何内容。这个文件被手工改过，因此保留；删除它就会重新写入' : '没有改动任何内容',
  accepted: version => `前置代理的配置：HAProxy${version === undefined ? '' : ` ${version}`} 已接受。`,
  note: each => {
    switch (each.code) {
      case 'edited':
        return `${each.file}：被手工改过，因此原样保留；删除它就会重新写入`;
      case 'missing':
        return `${each.file} 不存在，没有它 HAProxy 无法启动：将重新写入；撤销这次改动会再次删除它`;
      case 'no-hooks':
        return `其他服务装有钩子，而这次改动不会给 ${each.unit} 装上：接下来请运行“daruma notify install”，它停止运行时才会通知`;
      case 'address':
        return `${each.node}：它在 nodes 里的地址是数字，而 HAProxy 要在证书里找名字，因此可能不被接受`;
      case 'other-port':
        return `端口 ${each.usual} 已被另一个程序占用，前置代理改用 ${each.port}`;
      case 'retries':
        return `上游出错时，LiteLLM 要问三次、用掉约 5 秒，前置代理才会得知并改问另一台机器。在 ${each.file} 里写“litellm_settings: {num_retries: 0}”即可省去，下次启动时生效`;
      case 'model-missing':
        return `${each.node} 没有列出模型 ${each.model}：无法代为回答它（400），要由 OpenClaw 自己切换`;
      case 'no-stand-in':
        return `${each.node} 目前无法代为回答：${describeLinkFault(each.fault, links.faults).message}`;
      default:
        return each satisfies never;
    }
  },
  upToDate: url => `前置代理 ${url}：无需改动。`,
  alsoThere: command => `要在那里也有前置代理，请在那台机器上运行：${command}`,
  forOthers: url => `其他客户端也可以用它，密钥照旧：base URL 填 ${url}/v1`,
  answering: (place, local) => {
    if (place === undefined) return `没有谁在回答${timeOf(local)}`;
    return place === local
      ? `向 ${place.name} 请求${timeOf(place)}`
      : `${local?.name ?? ''} 不可用${timeOf(local)}，现改向 ${place.name} 请求`;
  },
  counted: seconds => `${span(seconds)}内：`,
  startsAgain: command => `启动它和它的套接字：${command}`,
  notRead: (file, command) => `${file} 在 HAProxy 读取之后又被改动：${command}`,
  requests: ({ name, requests, failed }) =>
    `发往 ${name} 的请求 ${requests} 个${failed === 0 ? '' : `，其中 ${failed} 个没有得到正常回答`}`,
  hangs: command => `HAProxy 卡住了，而且不会自行重启：${command}`,
  outdated: files => `与现在的 nodes 和 openclaw.json 不符（${files.join('、')}）：daruma failover apply`,
  unfit: ({ name, said, ...place }) =>
    `${name} 通不过前置代理的检查${timeOf(place)}${said === undefined ? '' : `：${said}`}`,
  reread: 'HAProxy 已重新读取前置代理的配置。',
  asked: (url, answer) => `前置代理 ${url}：${answer}。`,
};

/** 这种状态持续了多久。 */
function timeOf(place: Pick<FrontPlaceNow, 'forSeconds'> | undefined): string {
  return place?.forSeconds === undefined ? '' : `（已 ${span(place.forSeconds)}）`;
}

function refused(reason: NoFront): ReturnType<FrontTexts['refused']> {
  switch (reason.code) {
    case 'no-litellm':
      return {
        message: '前置代理要放在本机的 LiteLLM 之前，而这里没有端口已知的 LiteLLM 服务',
        hint: '“daruma new litellm”可以新建一个',
      };
    case 'several-litellms':
      return {
        message: `前置代理只能放在一个 LiteLLM 之前，而这里有多个：${reason.names.join('、')}`,
        hint: '请让 agent 只询问其中一个',
      };
    case 'no-port':
      return { message: '4010 到 4029 的端口都被占用了', hint: '请空出其中一个' };
    case 'no-unit-folder':
      return { message: '没有存放单元的目录：没有设置 HOME', hint: '请以这些服务所属的用户运行' };
    case 'front-key':
      return {
        message: `在 ${reason.reference} 读不到 ${reason.node} 的密钥`,
        hint: '请在 nodes 里用 key 写明它在哪里（file:PATH、env:NAME 等）；没有改动任何内容',
      };
    case 'no-authorities':
      return {
        message: '本机没有发行版通常提供的证书颁发机构文件，因此无法核对任何证书',
        hint: '请安装 ca-certificates',
      };
    default:
      return reason satisfies never;
  }
}

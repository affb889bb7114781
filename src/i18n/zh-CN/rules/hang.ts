import type { GroupTexts } from '../../rule-texts.ts';
import { span } from '../span.ts';

export const hang: GroupTexts<'hang'> = {
  'no-hang-detection': {
    title: '服务挂死时没有任何东西会察觉',
    message: ({ service, probing }) => {
      const head = `${service === null ? '' : `${service} `}挂死时没有任何东西会察觉`;
      switch (probing) {
        case 'after-start':
          return `${head}：探针只在启动之后使用，也没有 WatchdogSec=`;
        case 'unseen':
          return `${head}：探针至多在启动之后使用，也没有 WatchdogSec=`;
        case 'unasked':
          return `${head}：探针目前没有任何东西使用，也没有 WatchdogSec=`;
        case 'none':
          return `${head}：既没有 WatchdogSec=，也没有探针`;
        default:
          return probing satisfies never;
      }
    },
    why: () => '进程还在、却不再响应时，systemd 仍认为它是 active：在有人发现之前，会一直这样下去。',
    remedy: ({ probe, port, host, cannotPing, probing }, { unit }) => {
      const name = unit.replace('.service', '');
      const orWatchdog = cannotPing ? '' : '；如果程序会发送 WATCHDOG=1，可以设置 WatchdogSec=';
      switch (probing) {
        case 'after-start':
          return `daruma 目前不会检查运行中的服务${orWatchdog}：请用自己的监控来请求它。`;
        case 'unseen':
          return `请用自己的监控来请求它${orWatchdog}。在装有 "daruma notify install" 钩子的机器上，daruma 会在每次启动之后请求它，之后不再请求。`;
        case 'unasked':
          return `请用自己的监控来请求它${orWatchdog}。用 "daruma notify install" 装上钩子后，daruma 会在每次启动之后请求它（之后不再请求），这一条随即从警告降为提示。`;
        case 'none':
          return probe === null
            ? `${cannotPing ? '它从不发送 keep-alive，设置 WatchdogSec= 只会让它被杀：请' : '如果程序会发送 WATCHDOG=1，可以设置 WatchdogSec=；否则请'}用自己的监控来请求它。装有 "daruma notify install" 的钩子，并配置 units: { ${name}: { probe: { http: "http://${host}:${port ?? 'PORT'}/" } } } 后，daruma 会在每次启动之后请求它（之后不再请求），这一条随即从警告降为提示。`
            : `请用监控定期请求 ${probe}。装有 "daruma notify install" 的钩子，并配置 units: { ${name}: { probe: auto } } 后，daruma 会在每次启动之后请求它（之后不再请求），这一条随即从警告降为提示。`;
        default:
          return probing satisfies never;
      }
    },
  },
  'watchdog-not-supported': {
    title: '看门狗收不到 keep-alive',
    message: ({ watchdogSeconds, program }) =>
      program === null
        ? 'WatchdogSec= 收不到 keep-alive：systemd-notify 从子进程发送，而 NotifyAccess= 只接受主进程的消息'
        : `WatchdogSec= 要求每 ${span(watchdogSeconds)}收到一次 keep-alive，而 ${program} 从不发送`,
    why: ({ watchdogSeconds, getsUp }) =>
      `每次启动 ${span(watchdogSeconds)}之后，systemd 都会杀掉健康的服务${getsUp ? '' : '，之后服务一直停着'}。`,
    remedy: ({ program }) =>
      program === null
        ? '在 [Service] 中设置 NotifyAccess=all。'
        : '去掉 WatchdogSec=（或设为 0），改由自己的监控来询问它。',
  },
  'stop-timeout-long': {
    title: '停止服务可能要等很久',
    message: ({ seconds }) =>
      seconds === null
        ? 'TimeoutStopSec= 没有上限：不响应 SIGTERM 的进程永远不会被杀掉'
        : `对不响应 SIGTERM 的进程，TimeoutStopSec= 要等 ${span(seconds)}`,
    why: ({ seconds }) =>
      `挂死的服务往往也不响应 SIGTERM：这时每次停止、每次重启都意味着${seconds === null ? '没有尽头的中断' : `长达 ${span(seconds)}的中断`}。`,
    remedy: ({ recommended }) =>
      `把 TimeoutStopSec= 设为正常停止真正需要的时间${recommended === null ? '；没有特殊原因，90 秒就够了' : `：TimeoutStopSec=${recommended}`}。`,
  },
  'start-timeout-infinite': {
    title: '启动过程卡住时没有任何东西会察觉',
    message: ({ type, hooks }) =>
      `TimeoutStartSec= 没有上限，而启动要等待${hooks.length === 0 ? waitsFor(type) : ` ${hooks.map(hook => `${hook}=`).join('、')} 执行完`}`,
    why: () =>
      '如果一直等不到，unit 会永远停留在“activating”状态：不会被重启，排在它后面的 unit 也不会启动。',
    remedy: () =>
      '把 TimeoutStartSec= 设得比最慢的启动稍长，例如 5min；Type=notify 的程序可以用 EXTEND_TIMEOUT_USEC= 申请更多时间。',
  },
  'kill-mode-leaves-processes': {
    title: '停止服务时会留下进程',
    message: ({ mode }) =>
      mode === 'process'
        ? 'KillMode=process：停止时只结束主进程，子进程继续运行'
        : 'KillMode=none：停止时不结束任何进程',
    why: () => '留下的进程可能仍占着端口和文件：这时下一次启动会发现端口被占用，于是失败，或者改用别的端口。',
    remedy: () =>
      '设置 KillMode=mixed（先向主进程发送 SIGTERM，再用 SIGKILL 清理剩余进程），或使用默认的 control-group。',
  },
};

function waitsFor(type: string): string {
  switch (type) {
    case 'dbus':
      return '它在总线上取得名称（Type=dbus）';
    case 'forking':
      return '程序转入后台（Type=forking）';
    default:
      return ` READY=1（Type=${type}）`;
  }
}

import type { Ending } from '../../restart/ending.ts';
import { signalOf } from '../parts.ts';

/** An ending in words. */
export function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'exit':
      return `退出码 ${ending.status}`;
    case 'signal':
      return signalOf(ending.signal);
    case 'core':
      return `${signalOf(ending.signal)} 并 core dump`;
    case 'unready-exit':
      return `就绪前退出，退出码 ${ending.status}`;
    case 'unready-signal':
      return `就绪前被 ${signalOf(ending.signal)} 杀死`;
    case 'fall-of':
      return `${ending.unit} 倒下`;
    case 'stop-of':
      return `${ending.unit} 被停止`;
    case 'start-pre':
      return `ExecStartPre= 退出码 ${ending.status}`;
    case 'start-post':
      return `ExecStartPost= 退出码 ${ending.status}`;
    case 'condition':
      return `ExecCondition= 退出码 ${ending.status}`;
    default:
      return plainEndings[ending.kind];
  }
}

const plainEndings = {
  watchdog: '看门狗超时',
  'start-timeout': '启动超时',
  'start-post-timeout': 'ExecStartPost= 超时',
  'runtime-max': '到达运行时限',
  oom: '内存不足',
  stop: 'systemctl stop',
  hang: '挂死',
  logout: '退出登录',
  'manager-kill': '用户管理器被杀',
  reboot: '机器重启',
} as const;

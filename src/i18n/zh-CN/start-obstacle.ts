import type { Reason } from '../../restart/reason.ts';
import type { StartFault } from '../../restart/start-obstacle.ts';

type Told = Extract<Reason, { readonly code: 'cannot-start' | 'may-not-start' }>;

/** Why a service does not start. */
export function startFault({ fault, doubt, setting, value }: Told): string {
  const line = `${setting}=${value}`;
  switch (fault.kind) {
    case 'file':
      return fileFault(fault) + (doubt === null ? '' : doubts[doubt]);
    case 'working-directory':
    case 'environment-file':
      return pathFaults[fault.problem](nouns[fault.kind], fault.path) + (doubt === null ? '' : doubts[doubt]);
    case 'privileges':
      return `${line} 超出了用户管理器的权限（${fault.status}）`;
    case 'condition':
    case 'assertion': {
      if (doubt === 'unreadable') return `这里看不出 ${line} 是否满足`;
      const effect = fault.kind === 'condition' ? '，systemd 会跳过启动' : '，启动会失败';
      return `${line} 不满足${doubt === null ? effect : doubts[doubt]}`;
    }
    default:
      return fault satisfies never;
  }
}

type FileFault = Extract<StartFault, { readonly kind: 'file' }>;

function fileFault({ path, role, problem, script }: FileFault): string {
  if (problem === 'directory') return `${path} 是目录，不是程序`;
  if (problem === 'not-executable') return `${path} 没有执行权限`;
  return pathFaults[problem](role === 'interpreter' ? `${script ?? ''} 的解释器` : nouns[role], path);
}

const nouns = {
  program: '程序',
  wrapped: '程序',
  script: '脚本',
  'working-directory': '工作目录',
  'environment-file': '环境变量文件',
} as const;

const pathFaults = {
  missing: (noun: string, path: string) => `${noun} ${path} 不存在`,
  'no-directory': (noun: string, path: string) => `${noun} ${path} 不是目录`,
  unreadable: (noun: string, path: string) => `这里看不出${noun} ${path} 是否存在`,
} as const;

const doubts = {
  volatile: '（这是现在的情况，挂载、开机或其他程序可能改变它）',
  'made-before': '，但之前运行的 ExecStartPre= 可能会生成它',
  unreadable: '',
} as const;

/** What to do so that a service can start. */
export function startRemedy({ fault, setting }: Told): string {
  switch (fault.kind) {
    case 'file':
      if (fault.problem === 'directory') return `在 ${setting}= 中写程序本身的路径`;
      if (fault.problem === 'not-executable') return `chmod +x ${fault.path}`;
      return `${fault.role === 'script' ? '把脚本放到该路径' : '安装它'}，或更正 ${setting}=`;
    case 'working-directory':
      return fault.problem === 'no-directory' ? `在 ${setting}= 中写一个目录` : `创建它，或更正 ${setting}=`;
    case 'environment-file':
      return '创建它，或在路径前加“-”';
    case 'privileges':
      return `删除 ${setting}=，或改为系统服务`;
    case 'condition':
    case 'assertion':
      return '让它得到满足，或删除这一行';
    default:
      return fault satisfies never;
  }
}

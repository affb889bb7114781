import type { StartObstacleTexts } from '../start-obstacle-parts.ts';

export const startObstacle: StartObstacleTexts = {
  directory: path => `${path} 是目录，不是程序`,
  notExecutable: path => `${path} 没有执行权限`,
  named: {
    program: path => `程序 ${path}`,
    wrapped: path => `程序 ${path}`,
    script: path => `脚本 ${path}`,
    'working-directory': path => `工作目录 ${path}`,
    'environment-file': path => `环境变量文件 ${path}`,
  },
  interpreter: (path, script) => `${script} 的解释器 ${path}`,
  pathFaults: {
    missing: named => `${named} 不存在`,
    'no-directory': named => `${named} 不是目录`,
    unreadable: named => `这里看不出${named} 是否存在`,
  },
  privileges: (line, status) => `${line} 超出了用户管理器的权限（${status}）`,
  unknown: line => `这里看不出 ${line} 是否满足`,
  notMet: (line, rest) => `${line} 不满足${rest}`,
  effects: {
    condition: '，systemd 会跳过启动',
    assertion: '，启动会失败',
  },
  doubts: {
    volatile: '（这是现在的情况，挂载、开机或其他程序可能改变它）',
    'made-before': '，但之前运行的 ExecStartPre= 可能会生成它',
    unreadable: '',
  },
  remedies: {
    nameProgram: setting => `在 ${setting} 中写程序本身的路径`,
    install: setting => `安装它，或更正 ${setting}`,
    putThere: setting => `把脚本放到该路径，或更正 ${setting}`,
    nameDirectory: setting => `在 ${setting} 中写一个目录`,
    create: setting => `创建它，或更正 ${setting}`,
    environmentFile: '创建它，或在路径前加“-”',
    privileges: setting => `删除 ${setting}，或改为系统服务`,
    check: '让它得到满足，或删除这一行',
  },
};

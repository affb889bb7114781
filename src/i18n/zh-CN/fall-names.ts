import type { Catalogue } from '../catalogue.ts';

export const fallNames: Catalogue['fallNames'] = {
  exit0: '退出码 0',
  exit1: '退出码 1',
  sigterm: 'SIGTERM',
  sigkill: 'SIGKILL',
  oom: 'OOM',
  hang: '挂死',
  crashLoop: '连续崩溃',
  logout: '退出登录',
  managerKill: '用户管理器被 kill -9',
  reboot: '机器重启',
};

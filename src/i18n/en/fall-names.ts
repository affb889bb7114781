import type { Catalogue } from '../catalogue.ts';

export const fallNames: Catalogue['fallNames'] = {
  exit0: 'exit 0',
  exit1: 'exit 1',
  sigterm: 'SIGTERM',
  sigkill: 'SIGKILL',
  oom: 'OOM',
  hang: 'hang',
  crashLoop: 'crash loop',
  logout: 'logout',
  managerKill: 'kill -9 of the user manager',
  reboot: 'reboot',
};

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
      return `${line} takes more than a user manager may do (${fault.status})`;
    case 'condition':
    case 'assertion': {
      if (doubt === 'unreadable') return `whether ${line} is met cannot be seen from here`;
      const effect =
        fault.kind === 'condition' ? ', and so systemd skips the start' : ', and so the start fails';
      return `${line} is not met${doubt === null ? effect : doubts[doubt]}`;
    }
    default:
      return fault satisfies never;
  }
}

type FileFault = Extract<StartFault, { readonly kind: 'file' }>;

function fileFault({ path, role, problem, script }: FileFault): string {
  if (problem === 'directory') return `${path} is a directory, not a program`;
  if (problem === 'not-executable') return `nobody may execute ${path}`;
  const noun = role === 'interpreter' ? `the interpreter of ${script ?? ''},` : nouns[role];
  return pathFaults[problem](noun, role === 'interpreter' ? `${path},` : path);
}

const nouns = {
  program: 'the program',
  wrapped: 'the program',
  script: 'the script',
  'working-directory': 'the working directory',
  'environment-file': 'the environment file',
} as const;

const pathFaults = {
  missing: (noun: string, path: string) => `${noun} ${path} is not there`,
  'no-directory': (noun: string, path: string) => `${noun} ${path} is not a directory`,
  unreadable: (noun: string, path: string) => `whether ${noun} ${path} is there cannot be seen from here`,
} as const;

const doubts = {
  volatile: ' now, which a mount, a boot or another program may change',
  'made-before': '; ExecStartPre= runs before and may make it',
  unreadable: '',
} as const;

/** What to do so that a service can start. */
export function startRemedy({ fault, setting }: Told): string {
  switch (fault.kind) {
    case 'file':
      if (fault.problem === 'directory') return `name the program in ${setting}=`;
      if (fault.problem === 'not-executable') return `chmod +x ${fault.path}`;
      return `${fault.role === 'script' ? 'put it there' : 'install it'}, or correct ${setting}=`;
    case 'working-directory':
      return fault.problem === 'no-directory'
        ? `name a directory in ${setting}=`
        : `create it, or correct ${setting}=`;
    case 'environment-file':
      return 'create it, or put "-" before its path';
    case 'privileges':
      return `take ${setting}= out, or make it a system service`;
    case 'condition':
    case 'assertion':
      return 'see to it that it is met, or take the line out';
    default:
      return fault satisfies never;
  }
}

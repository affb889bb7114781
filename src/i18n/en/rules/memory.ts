import type { GroupTexts } from '../../rule-texts.ts';

export const memory: GroupTexts<'memory'> = {
  'no-memory-limit': {
    title: 'A service that is known to grow has no memory limit',
    message: ({ service }) => `${service} is known to take more and more memory, and nothing limits it`,
    why: () =>
      'It can take all there is: the machine slows down until it hardly answers, and the process that the kernel kills at last may be another one.',
    remedy: ({ usualMebibytes }) =>
      `Set MemoryMax= in [Service], well above what it needs${usualMebibytes === null ? '' : ` (usually about ${usualMebibytes} MiB)`}; MemoryMax=50% is half of the machine's memory.`,
  },
  'oom-policy': {
    title: 'One command that runs out of memory ends the whole service',
    message: ({ service, policy, isDefault }) =>
      `OOMPolicy=${policy}${isDefault ? ', the default,' : ''} ends the ${service} when a command that it runs is killed for lack of memory`,
    why: ({ policy, getsUp }) =>
      `The kernel kills the command that takes too much, and ${enders[policy]}${getsUp ? '. It is started again, and all that was going on in it is lost.' : '; nothing starts it again.'}`,
    remedy: () =>
      'Set OOMPolicy=continue in [Service]: the command is lost, the service stays. When it is the service itself that is killed, Restart= decides as after any SIGKILL.',
  },
};

const enders = {
  stop: 'systemd then stops the whole service',
  kill: 'every other process of the service along with it',
} as const;

import type { MemoryHindrance } from '../../../check/memory.ts';
import type { GroupTexts } from '../../rule-texts.ts';

export const memory: GroupTexts<'memory'> = {
  'no-memory-limit': {
    title: 'A service that is known to grow has no memory limit',
    message: ({ service, written }) =>
      written === null
        ? `${service} is known to take more and more memory, and nothing limits it`
        : `${written}= has no effect here: ${service} is known to take more and more memory, and nothing limits it`,
    why: ({ hindrance }) =>
      `It can take all there is: the machine slows down until it hardly answers, and the process that the kernel kills at last may be another one.${hindrance === null ? '' : ` ${hindrances[hindrance].why}`}`,
    remedy: ({ usualMebibytes, hindrance }) =>
      hindrance === null
        ? `Set MemoryMax= in [Service], well above what it needs${usualMebibytes === null ? '' : ` (usually about ${usualMebibytes} MiB)`}; MemoryMax=50% is half of the machine's memory.`
        : hindrances[hindrance].remedy,
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

const hindrances: Readonly<Record<MemoryHindrance, { readonly why: string; readonly remedy: string }>> = {
  legacy: {
    why: "The control groups of this machine are of version 1 (legacy or hybrid), where a user's manager can limit no memory.",
    remedy:
      'Boot the machine with systemd.unified_cgroup_hierarchy=1 on its kernel command line; from then on MemoryMax= in [Service] counts. Where that cannot be, run it as a system service with MemoryMax=.',
  },
  undelegated: {
    why: "The user's manager was not given the memory controller, so that it can limit no memory.",
    remedy:
      'As root, write Delegate=yes into [Service] of user@.service ("systemctl edit user@.service") and reboot; from then on MemoryMax= in [Service] counts.',
  },
  'no-controller': {
    why: 'There is no memory controller here (the kernel runs without it, or the container was not given it), so that no manager can limit memory.',
    remedy:
      'Take cgroup_disable=memory off the kernel command line, or add cgroup_enable=memory where the firmware disables it (Raspberry Pi), and reboot; from then on MemoryMax= in [Service] counts.',
  },
};

const enders = {
  stop: 'systemd then stops the whole service',
  kill: 'every other process of the service along with it',
} as const;

import type { MemoryHindrance } from '../../../check/memory.ts';
import type { GroupTexts } from '../../rule-texts.ts';

export const memory: GroupTexts<'memory'> = {
  'no-memory-limit': {
    title: '已知内存会不断增长的服务没有内存上限',
    message: ({ service, written }) =>
      written === null
        ? `${service} 的内存占用已知会不断增长，却没有任何上限`
        : `${written}= 在这里不起作用：${service} 的内存占用已知会不断增长，却没有任何上限`,
    why: ({ hindrance }) =>
      `它可以吃光全部内存：机器会慢到几乎没有响应，而内核最后杀掉的可能是别的进程。${hindrance === null ? '' : hindrances[hindrance].why}`,
    remedy: ({ usualMebibytes, hindrance }) =>
      hindrance === null
        ? `在 [Service] 中设置 MemoryMax=，要明显高于它的正常用量${usualMebibytes === null ? '' : `（通常约 ${usualMebibytes} MiB）`}；MemoryMax=50% 表示机器内存的一半。`
        : hindrances[hindrance].remedy,
  },
  'oom-policy': {
    title: '一条命令耗尽内存，整个服务跟着停止',
    message: ({ service, policy, isDefault }) =>
      `${service} 运行的命令一旦因内存不足被杀，OOMPolicy=${policy}${isDefault ? '（默认值）' : ' '}会让整个服务跟着停止`,
    why: ({ policy, getsUp }) =>
      `内核会杀掉占用过多内存的命令，${enders[policy]}${getsUp ? '。服务会重新启动，但其中正在进行的工作全部丢失。' : '，而且不会再启动它。'}`,
    remedy: () =>
      '在 [Service] 中设置 OOMPolicy=continue：只丢掉那条命令，服务继续运行。如果被杀的是服务自身，则与其他 SIGKILL 一样由 Restart= 决定。',
  },
};

const hindrances: Readonly<Record<MemoryHindrance, { readonly why: string; readonly remedy: string }>> = {
  legacy: {
    why: '这台机器使用旧版控制组（cgroup v1，包括 hybrid），用户管理器在这里限制不了内存。',
    remedy:
      '在内核命令行加上 systemd.unified_cgroup_hierarchy=1 并重启机器，之后 [Service] 中的 MemoryMax= 才会生效。做不到的话，就把它作为系统服务运行，并设置 MemoryMax=。',
  },
  undelegated: {
    why: '用户管理器没有得到内存控制器，限制不了内存。',
    remedy:
      '以 root 身份在 user@.service 的 [Service] 中写入 Delegate=yes（运行 “systemctl edit user@.service”）并重启机器，之后 [Service] 中的 MemoryMax= 才会生效。',
  },
  'no-controller': {
    why: '这里没有内存控制器（内核没有启用，或者没有交给这个容器），任何管理器都限制不了内存。',
    remedy:
      '去掉内核命令行中的 cgroup_disable=memory；如果是固件禁用的（树莓派），就加上 cgroup_enable=memory。然后重启机器，之后 [Service] 中的 MemoryMax= 才会生效。',
  },
};

const enders = {
  stop: '随后 systemd 会停止整个服务',
  kill: '并连同该服务的所有其他进程一起杀掉',
} as const;

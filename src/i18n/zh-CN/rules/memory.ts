import type { GroupTexts } from '../../rule-texts.ts';

export const memory: GroupTexts<'memory'> = {
  'no-memory-limit': {
    title: '已知内存会不断增长的服务没有内存上限',
    message: ({ service }) => `${service} 的内存占用已知会不断增长，却没有任何上限`,
    why: () => '它可以吃光全部内存：机器会慢到几乎没有响应，而内核最后杀掉的可能是别的进程。',
    remedy: ({ usualMebibytes }) =>
      `在 [Service] 中设置 MemoryMax=，要明显高于它的正常用量${usualMebibytes === null ? '' : `（通常约 ${usualMebibytes} MiB）`}；MemoryMax=50% 表示机器内存的一半。`,
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

const enders = {
  stop: '随后 systemd 会停止整个服务',
  kill: '并连同该服务的所有其他进程一起杀掉',
} as const;

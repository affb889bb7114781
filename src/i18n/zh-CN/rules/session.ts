import type { GroupTexts } from '../../rule-texts.ts';
import { utcTime } from '../../parts.ts';
import { enableLinger, startAgain, systemctl } from '../../shown-commands.ts';
import { why } from '../notices.ts';

export const session: GroupTexts<'session'> = {
  'service-down': {
    title: '服务现在没有运行',
    message: ({ how, since, restarts, result, code, status }, { unit }) => {
      if (how === 'never-started') return `${unit} 没有运行，管理器也还没有启动过它`;
      if (how === 'restarting')
        return `${unit} 正在等待下一次重启：它${why({ result, code, status })}；systemd 至今已重启它 ${restarts} 次`;
      const time = since === null ? '' : `从 ${utcTime(Date.parse(since))} 起`;
      return `${unit} ${time}没有运行：它${why({ result, code, status })}${how === 'gave-up' ? '，systemd 已不再尝试' : ''}`;
    },
    why: ({ how }) =>
      how === 'unknown'
        ? '看不出是不是有人停止了它，所以 daruma 不会启动它。'
        : how === 'ended'
          ? '它正常结束，也没有 Restart= 要求重新启动。它可能本来就该结束，所以 daruma 不会启动它。'
          : how === 'never-started'
            ? '它已启用，或本应一直运行；也许刚刚安装，也许启动被跳过了。'
            : '没有人停止它，systemd 也不会自己再启动它。',
    remedy: ({ how }, { unit, ...manager }) =>
      how === 'ended'
        ? `如果它应该一直运行，请在 [Service] 中写上 Restart=always 和 RestartSec=5，在 [Unit] 中写上 StartLimitIntervalSec=0，再启动它：“${startAgain(manager, unit, false)}”。如果它本来就该结束，请写 Type=oneshot。`
        : `启动它：“${startAgain(manager, unit, how === 'gave-up')}”。`,
  },
  'linger-off': {
    title: 'linger 未开启：退出登录后服务全部停止',
    message: ({ user, units }) =>
      `用户 ${user} 未开启 linger：退出登录后${units.length === 1 ? ` ${units.join('')} ` : ` ${units.length} 个服务`}会停止`,
    why: () =>
      '没有 linger，用户管理器会随最后一个会话一起停止，所有服务也随之停止；机器重启后，用户登录之前不会启动任何服务。',
    remedy: ({ user }) => `运行“${enableLinger(user)}”。`,
  },
  'not-enabled': {
    title: '开机时没有任何东西启动它',
    message: () => '开机时没有任何东西启动它',
    why: () => '机器重启之后它不会运行，直到有人手动启动。',
    remedy: ({ isInstallable, target }, { unit, ...manager }) =>
      isInstallable
        ? `运行“${systemctl(manager, 'enable', unit)}”。`
        : `加上 [Install] 和 WantedBy=${target}，再运行“${systemctl(manager, 'enable', unit)}”。`,
  },
  'wanted-by-missing-target': {
    title: '启用到了管理器从不启动的 target',
    message: ({ target, problem, isEnabled }, { scope }) =>
      `${isEnabled ? '它启用到了' : '它会被启用到'} ${target}，而${problem === 'missing' ? `${scope === 'user' ? '用户' : '系统'}管理器没有这个 unit` : '没有任何东西启动它'}`,
    why: () => '“enable”会报告成功，但没有一次开机会启动这个服务。',
    remedy: ({ instead, isEnabled }, { unit, ...manager }) =>
      `改为 WantedBy=${instead}，再运行“${systemctl(manager, isEnabled ? 'reenable' : 'enable', unit)}”。`,
  },
  'ordering-on-system-unit': {
    title: '用户 unit 引用了系统管理器的 unit',
    message: ({ directive, other }) => `${directive}=${other}：用户管理器没有这个 unit`,
    why: ({ directive, isRequired }) =>
      isRequired
        ? `${directive}= 要求的 unit 不存在，每次启动都会失败。`
        : '写这个名字不起作用：网络（或它所指的东西）还没就绪时，服务就可能启动。',
    remedy: ({ other }) =>
      `从这一行中删掉 ${other}。有 Restart=always、RestartSec=5 和 StartLimitIntervalSec=0，服务会一直重试，直到所需的东西就绪。`,
  },
  masked: {
    title: 'unit 被屏蔽（mask）',
    message: ({ path }) => `它被 ${path} 屏蔽（mask）`,
    why: () => '没有任何东西能启动它：开机、其他 unit、手动都不行。',
    remedy: (_, { unit, ...manager }) => `如果并非有意，运行“${systemctl(manager, 'unmask', unit)}”。`,
  },
  'daemon-reload-needed': {
    title: '管理器读取之后，文件又改过',
    message: () => '管理器读取之后，它的文件又改过',
    why: () => '在重新加载之前，管理器仍按旧设置行事，服务退出后的重启也是如此。',
    remedy: (_, manager) => `运行“${systemctl(manager, 'daemon-reload')}”。`,
  },
  'restart-needed': {
    title: '进程比它的设置更旧',
    message: ({ file }) => `进程启动之后，${file} 又改过`,
    why: () => '它的命令行、环境变量和各种限制可能还是旧的；新设置里的错误要到下次重启才会暴露。',
    remedy: (_, { unit, ...manager }) => `找个合适的时间重启它：“${systemctl(manager, 'restart', unit)}”。`,
  },
  'system-only-setting': {
    title: '用户管理器无权执行的设置',
    message: ({ directive, value, status }) => `有 ${directive}=${value}，每次启动都会以 ${status} 失败`,
    why: () => '用户管理器没有可以授予的权限：程序还没运行，服务就已经失败。',
    remedy: ({ directive }) => `删除 ${directive}=，或改为系统服务。`,
  },
};

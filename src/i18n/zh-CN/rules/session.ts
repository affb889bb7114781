import type { GroupTexts } from '../../rule-texts.ts';

export const session: GroupTexts<'session'> = {
  'linger-off': {
    title: 'linger 未开启：注销后服务全部停止',
    message: ({ user, units }) =>
      `用户 ${user} 未开启 linger：注销后${units.length === 1 ? ` ${units.join('')} ` : ` ${units.length} 个服务`}会停止`,
    why: () =>
      '没有 linger，用户管理器会随最后一个会话一起停止，所有服务也随之停止；机器重启后，用户登录之前不会启动任何服务。',
    remedy: ({ user }) => `运行“loginctl enable-linger ${user}”。`,
  },
};

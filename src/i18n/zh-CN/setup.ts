import type { SetupTexts } from '../setup-texts.ts';

export const setup: SetupTexts = {
  heading: 'OpenClaw 的 Telegram 机器人',
  noBots: '这里的 OpenClaw 没有可读取令牌的 Telegram 机器人。',
  bot: (number, key, file) => `机器人 ${number}：${file} 中的 ${key}`,
  noChats: '没有已知的会话',
  chat: (chat, origin, name) =>
    `会话 ${chat}${origin === undefined ? '' : `：${origins[origin]}`}${name === undefined ? '' : `（${name}）`}`,
  askToken: 'Telegram 机器人的令牌，由 @BotFather 提供（输入内容不会显示）：',
  askBot: count => `用哪个机器人？[1-${count}]`,
  askChat: '你的会话编号（向机器人发送 /whoami 即可得知）：',
  askChatOrLook: '会话编号；也可以先给机器人发一条消息再按回车，前提是没有其他程序在接收它的消息：',
  chooseChat: count => `用哪个会话？[1-${count}，或其他编号]`,
  badToken: '这不是机器人令牌。',
  badChat: text => `“${text}”不是会话：请给出会话编号，或频道的 @名称`,
  nobodyWrote: '最近没有人给机器人发过消息。',
  notSaid: (kind, cause) => {
    switch (kind) {
      case 'taken':
        return '另一个程序正在接收这个机器人的消息，因此 Telegram 不提供发信人。';
      case 'unauthorized':
        return 'Telegram 不接受这个令牌。';
      case 'unknown':
        return '应答的不是 Telegram，或者 Telegram 自身故障。';
      case 'fault':
        return `Telegram 没有应答：${cause}。`;
      default:
        return kind satisfies never;
    }
  },
  noToken: '这里的 OpenClaw 没有 Telegram 机器人，也无法询问令牌',
  noTokenHint: '请在终端中运行，或自行写入渠道：“daruma config path”可查看配置文件位置',
  noChat: bot => `OpenClaw 中没有机器人 ${bot} 可以确定属于你的会话`,
  severalChats: chats => `可能是这些会话中的任意一个：${chats}`,
  nameChat: '请指明：daruma notify setup CHAT',
  question: (bot, chat) => `从机器人 ${bot} 向会话 ${chat} 发送测试消息吗？`,
  writeFirst: '机器人只能给先联系过它的人发消息：请先给它发一条消息，再重试',
  copied: file => `systemd 启动的程序无法在 OpenClaw 的配置中找到令牌：副本将写入 ${file}，仅所有者可读。`,
  notEditable: file => `${file} 是链接或属于整台机器，不会为单个用户修改`,
  nowhere: '没有可以存放配置的位置',
  addYourself: channel => `请在 notify.channels 中添加：${channel}`,
  alreadyThere: '渠道、钩子和定时器都已就绪。',
};

const origins = {
  owner: '所有者',
  allowed: '配置中已允许',
  paired: '已配对',
  direct: '与机器人有对话',
  group: '机器人所在的群组',
  waiting: '申请与机器人对话',
} as const;

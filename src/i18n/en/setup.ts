import type { SetupTexts } from '../setup-texts.ts';

export const setup: SetupTexts = {
  heading: 'Telegram bots of OpenClaw',
  noBots: 'OpenClaw has no Telegram bot here whose token can be read.',
  bot: (number, key, file) => `bot ${number}: ${key} in ${file}`,
  noChats: 'no chat is known',
  chat: (chat, origin, name) =>
    `chat ${chat}${origin === undefined ? '' : `: ${origins[origin]}`}${name === undefined ? '' : ` (${name})`}`,
  askToken: 'Token of a Telegram bot, from @BotFather (what you type is not shown):',
  askBot: count => `Which bot? [1-${count}]`,
  askChat: 'Number of your chat (the bot answers /whoami with it):',
  askChatOrLook:
    'Number of the chat. Or write to the bot and press Enter, unless another program reads its messages:',
  chooseChat: count => `Which chat? [1-${count}, or another number]`,
  badToken: 'This is no token of a bot.',
  badChat: text => `"${text}" is no chat: give its number, or the @name of a channel`,
  nobodyWrote: 'Nobody has written to the bot lately.',
  notSaid: (kind, cause) => {
    switch (kind) {
      case 'taken':
        return 'Another program reads the messages of this bot, so Telegram does not say who wrote.';
      case 'unauthorized':
        return 'Telegram does not accept this token.';
      case 'unknown':
        return 'What answers is not Telegram, or Telegram has a fault.';
      case 'fault':
        return `Telegram does not answer: ${cause}.`;
      default:
        return kind satisfies never;
    }
  },
  noToken: 'OpenClaw has no Telegram bot here, and nobody can be asked for the token of one',
  noTokenHint: 'run it in a terminal, or write the channel yourself: "daruma config path" says where',
  noChat: bot => `OpenClaw knows no chat of bot ${bot} that is surely yours`,
  severalChats: chats => `any of these chats may be meant: ${chats}`,
  nameChat: 'say which: daruma notify setup CHAT',
  question: (bot, chat) => `Send a test message from bot ${bot} to chat ${chat}?`,
  writeFirst: 'a bot may write only to those who have written to it: do so, and try again',
  copied: file =>
    `Where OpenClaw has the token, what systemd starts would not find it: a copy goes to ${file}, for its owner alone.`,
  notEditable: file => `${file} is a link or belongs to the machine, and is not changed for one user`,
  nowhere: 'there is no place for a configuration',
  addYourself: channel => `add to notify.channels: ${channel}`,
  alreadyThere: 'The channel, the hooks and the timer are there already.',
};

const origins = {
  owner: 'owner',
  allowed: 'let in by the configuration',
  paired: 'paired',
  direct: 'talks with the bot',
  group: 'a group with the bot',
  waiting: 'asks to be let in',
} as const;

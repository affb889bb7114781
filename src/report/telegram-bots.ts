/** Shows the bots that `daruma notify setup` has found, without their tokens. */
import type { Catalogue } from '../i18n/catalogue.ts';
import { botNumber, type OpenclawBot } from '../notify/setup/openclaw-bots.ts';
import { inShort } from '../secrets/redaction.ts';
import type { ChatOrigin } from '../services/openclaw-chats.ts';
import type { Host } from '../systemd/host/host.ts';
import { shownPath, type Viewpoint } from './place.ts';
import { printable } from './printable.ts';
import { paint, type Terminal, wrapText } from './terminal.ts';

/** Every line ends with a newline. */
export function renderBots(
  bots: readonly OpenclawBot[],
  host: Host,
  catalogue: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): string {
  const { setup } = catalogue;
  if (bots.length === 0) return `${setup.noBots}\n`;
  const lines = bots.flatMap(({ token, key, file, chats }) => [
    wrapText(terminal, printable(setup.bot(botNumber(token), key, shownPath(file, host, viewpoint))), [2, 4]),
    ...(chats.length === 0
      ? [`    ${setup.noChats}`]
      : chatLines(chats, catalogue).map(line => wrapText(terminal, line, [4, 6]))),
  ]);
  return `${[paint(terminal, 'strong', setup.heading), ...lines].join('\n')}\n`;
}

/** A line for each chat. Names are what strangers call themselves. */
export function chatLines(
  chats: readonly { readonly id: number; readonly origin?: ChatOrigin; readonly name: string | undefined }[],
  { setup, punctuation }: Catalogue,
): readonly string[] {
  return chats.map(({ id, origin, name }) => {
    const known = origin === undefined ? '' : punctuation.colon + setup.origins[origin];
    const called = name === undefined ? '' : punctuation.aside(inShort(name, longestName));
    return printable(setup.chat(String(id)) + known + called);
  });
}

const longestName = 40;

/** The bots for programs. */
export function botsToJson(bots: readonly OpenclawBot[]): readonly object[] {
  return bots.map(({ token, key, file, chats }) => ({
    bot: botNumber(token),
    file,
    key,
    chats: chats.map(({ id, origin, name }) => ({
      chat: id,
      origin,
      name: name === undefined ? null : inShort(name, longestName),
    })),
  }));
}

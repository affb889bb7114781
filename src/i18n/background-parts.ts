/** How a command that goes into the background is named, in all languages. */
import type { GoesToBackground } from '../check/rules/goes-to-background.ts';

/** A command that goes into the background, as far as a text names it. */
export type BackgroundCommand = Pick<GoesToBackground, 'program' | 'words' | 'effect'>;

/** `screen … -dmS`, `tmux new -d`, `nginx`. */
export function shownCommand({ program, words }: BackgroundCommand): string {
  if (words === '') return program;
  const isLater = words.startsWith('-') || (words === '&' && !program.startsWith('('));
  return isLater ? `${program} … ${words}` : `${program} ${words}`;
}

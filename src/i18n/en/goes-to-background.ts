import { type BackgroundCommand, shownCommand } from '../background-parts.ts';

/** The command, and what becomes of what it starts. */
export function goesToBackground(command: BackgroundCommand): string {
  return `${shownCommand(command)} goes into the background: ${backgroundEffects[command.effect]}`;
}

const backgroundEffects = {
  killed: 'systemd ends it once the command has ended',
  stopped: 'systemd stops it once the command has ended',
  unwatched: 'systemd does not see it end',
  hidden: 'it counts as active though it may be dead',
} as const;

import { type BackgroundCommand, shownCommand } from '../background-parts.ts';

/** The command, and what becomes of what it starts. */
export function goesToBackground(command: BackgroundCommand): string {
  return `${shownCommand(command)} 会转入后台：${backgroundEffects[command.effect]}`;
}

const backgroundEffects = {
  killed: '命令一结束，systemd 就把它结束掉',
  stopped: '命令一结束，systemd 就把它停掉',
  unwatched: 'systemd 看不到它何时结束',
  hidden: '它可能已死，却仍算 active',
} as const;

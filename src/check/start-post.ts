/** The commands of `ExecStartPost=`: how long each may take, whether it can fail, and the lines that make it harmless. */
import type { ExecCommand } from '../systemd/service-settings.ts';
import { parseCommandLines } from '../systemd/values/command-line.ts';
import type { LoadedService } from './checked-unit.ts';
import { baseName, interpretedFile, withoutWrappers } from '../services/command-words.ts';
import { wordsOf } from '../services/wrappers.ts';
import { lastHooksDropIn } from './own-drop-ins.ts';
import { isOwnHook } from './own-hooks.ts';
import type { Change, CheckContext } from './rule.ts';
import { type ReadScript, scriptReader } from '../services/script-reader.ts';
import { commandsIn, parseShellScript } from '../services/shell/script.ts';
import { shellProgram } from '../services/shell/shell-program.ts';
import { noteLimit } from '../systemd/host/limit.ts';
import {
  mostCharacters,
  newReadingBudget,
  type ReadingBudget,
  totalSeconds,
  type Wait,
  waitsOf,
} from './waits.ts';

export interface StartPost {
  readonly command: ExecCommand;
  /** The program as it is shown to people: the script where an interpreter runs one, else the program itself. */
  readonly program: string;
  readonly waits: readonly Wait[];
  /** The longest time that it may take, in seconds; `Infinity` when nothing ends its waits. */
  readonly seconds: number;
  /** Whether its time may run out before it is done: `TimeoutStartSec=` applies to each command separately (ran on 257). */
  readonly canTimeOut: boolean;
  /** Whether it can fail for a reason outside the service, and its failure counts. */
  readonly canKill: boolean;
}

/** Examines each command of `ExecStartPost=`, for several rules. */
export function startPostsOf(service: LoadedService, context: CheckContext): readonly StartPost[] {
  const known = postsOfService.get(service);
  if (known !== undefined) return known;
  const posts = readStartPosts(service, context);
  postsOfService.set(service, posts);
  return posts;
}

const postsOfService = new WeakMap<LoadedService, readonly StartPost[]>();

function readStartPosts(service: LoadedService, context: CheckContext): readonly StartPost[] {
  const readScript = scriptReader(context.inventory.host);
  const { ExecStartPost, TimeoutStartSec } = service.settings;
  const budget = newReadingBudget();
  const posts = ExecStartPost.value.map(command => {
    const words = wordsOf(command);
    const waits = isOwnHook(words) ? [] : waitsOf(words, readScript, budget);
    const seconds = totalSeconds(waits);
    return {
      command,
      program: interpretedFile(words) ?? command.path,
      waits,
      seconds,
      canTimeOut:
        TimeoutStartSec.value !== Number.POSITIVE_INFINITY && seconds * 1_000_000 >= TimeoutStartSec.value,
      canKill: !command.ignoreFailure && canFail(words, readScript, budget),
    };
  });
  const source = ExecStartPost.source ?? ExecStartPost.value[0]?.source;
  if (budget.charactersLeft < 0 && source !== undefined) {
    noteLimit(context.inventory.host, { source, limit: { of: 'characters', most: mostCharacters } });
  }
  return posts;
}

/**
 * Whether a command may fail although the service is well. A hook that only sends requests to this machine checks the
 * service: its failure is meant to end the service.
 */
function canFail(command: readonly string[], readScript: ReadScript, budget: ReadingBudget): boolean {
  const words = withoutWrappers(command);
  if (cannotFail(words)) return false;
  const shell = shellProgram(words);
  const text = shell?.kind === 'text' ? shell.text : readScript(shell?.path ?? words[0] ?? '');
  if (text === undefined) return !isLocalRequest(words);
  budget.charactersLeft -= text.length;
  if (budget.charactersLeft < 0) return false;
  const commands = [...commandsIn(parseShellScript(text))].map(({ words: ofScript }) => ofScript);
  const requests = commands.filter(isRequest);
  if (requests.length > 0 && requests.every(isLocalRequest)) return false;
  return !endsWell(text, commands);
}

/** Whether a command cannot fail while the machine itself is well; `rm -f`, for example, accepts that a file is missing. */
function cannotFail([program = '', ...args]: readonly string[]): boolean {
  const name = baseName(program);
  return neverFail.has(name) || (name === 'rm' && args.some(word => /^-[a-zA-Z]*f|^--force$/.test(word)));
}

const neverFail: ReadonlySet<string> = new Set(['true', 'sleep', 'echo', 'printf', ':']);

/** Whether a script ends with success whatever its commands return. */
function endsWell(text: string, commands: readonly (readonly string[])[]): boolean {
  const last = commands.at(-1)?.join(' ') ?? '';
  const stopsEarly = commands.some(
    ([name, ...args]) =>
      (name === 'set' && args.some(word => /^-[a-z]*e|^errexit$/.test(word))) ||
      (name === 'exit' && args[0] !== undefined && args[0] !== '0'),
  );
  const trimmed = text.trimEnd();
  const [echo] = [...trimmed.matchAll(/&&\s*echo\b/g)].slice(-1);
  const isConditional =
    /&&\s*(?:true|:|exit 0)$/.test(trimmed) ||
    (echo !== undefined && !trimmed.includes('\n', echo.index + echo[0].length));
  return /^(?:true|:|exit 0|exit|echo\b.*)$/.test(last) && last !== 'exit' && !stopsEarly && !isConditional;
}

function isRequest(words: readonly string[]): boolean {
  return /^(?:curl|wget|nc|ncat)$/.test(baseName(withoutWrappers(words)[0] ?? ''));
}

function isLocalRequest(words: readonly string[]): boolean {
  const isLocal = words.some(word =>
    /^(?:https?:\/\/)?(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|0\.0\.0\.0)(?:[:/]|$)/.test(word),
  );
  return isRequest(words) && (isLocal || words.includes('--unix-socket'));
}

/**
 * The whole list, written anew: a command gets `-` when its failure would count, and runs under timeout(1) when it
 * could wait too long. Both rules about these hooks propose the same lines, so that neither reverses the other.
 *
 * @returns no changes when only a person can rewrite a line
 */
export function mendedStartPost(
  service: LoadedService,
  posts: readonly StartPost[],
  { inventory }: CheckContext,
): readonly Change[] {
  const lines = service.unit.assignments.get('Service', 'ExecStartPost');
  const { version } = inventory.host.systemd;
  const hooks = lastHooksDropIn(service.unit, inventory.host);
  const values = lines.map(({ value }, index) => {
    const post = posts[index];
    const isOne = parseCommandLines(value, { version }).commands.length === 1;
    return isOne && post !== undefined ? mendedLine(value, post, service) : undefined;
  });
  if (posts.length !== lines.length) return [];
  if (values.includes(undefined)) return [];
  // The hooks of `daruma notify` come behind the list that is written, in a drop-in of their own.
  const written = values.flatMap((value, index) =>
    value === undefined || lines[index]?.source.file === hooks ? [] : [value],
  );
  return [
    { kind: 'set', unit: service.name, section: 'Service', key: 'ExecStartPost', values: ['', ...written] },
  ];
}

function mendedLine(value: string, post: StartPost, { settings }: LoadedService): string | undefined {
  const [prefixes = ''] = /^[-@:+!|]*/.exec(value) ?? [];
  if (!post.canTimeOut) return (post.canKill ? '-' : '') + value;
  // These prefixes decide what is executed and how; with timeout(1) in front they would apply to timeout(1).
  if (/[@|]/.test(prefixes)) return undefined;
  // The service must not fail when timeout(1) ends the hook.
  const dash = post.command.ignoreFailure ? '' : '-';
  const seconds = boundedSeconds(settings.TimeoutStartSec.value / 1_000_000);
  return `${dash}${prefixes}/usr/bin/timeout -k 1 ${seconds} ${value.slice(prefixes.length)}`;
}

/** The time limit of a hook, in seconds, so that it ends well before the time limit of the start. */
export function boundedSeconds(limitSeconds: number): number {
  return Math.max(1, Math.floor((limitSeconds * 2) / 3) - 1);
}

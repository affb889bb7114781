/**
 * Programs that run another one, and where that one's command line begins. Options are those of coreutils 9,
 * util-linux 2.40, and the package runners' own help.
 */
import path from 'node:path';
import { extractWords } from '../systemd/values/words.ts';
import { readShellCommand } from './shell-command.ts';

/** A command line on its way to what it really runs. */
export interface Invocation {
  readonly argv: readonly string[];
  /** Set on the way, over what the unit gives. */
  readonly variables: ReadonlyMap<string, string>;
  /** Undefined: that of the unit. */
  readonly directory: string | undefined;
  /** False where something on the way may have set more. */
  readonly isComplete: boolean;
}

/** Takes wrappers off until what is left is none. */
export function unwrap(argv: readonly string[], lookUp: (name: string) => string | undefined): Invocation {
  let invocation: Invocation = { argv, variables: new Map(), directory: undefined, isComplete: true };
  for (let depth = 0; depth < deepest; depth++) {
    const inner = unwrapOnce(invocation, lookUp);
    if (inner === undefined || inner.argv.length === 0) break;
    invocation = inner;
  }
  return invocation;
}

const deepest = 10;

function unwrapOnce(outer: Invocation, lookUp: (name: string) => string | undefined): Invocation | undefined {
  const [program = '', ...args] = outer.argv;
  const name = path.posix.basename(program);
  if (name === 'env') return unwrapEnv(args, outer);
  if (shells.has(name))
    return unwrapShell(args, outer, variable => outer.variables.get(variable) ?? lookUp(variable));
  const wrapper = wrappers[name];
  if (wrapper === undefined) return undefined;
  const start = wrapper.isRunner ? behindRunner(args, wrapper) : behindOptions(args, wrapper);
  if (start === undefined) return undefined;
  const rest = args.slice(start + (wrapper.operands ?? 0));
  const [command, ...more] = rest;
  if (command === undefined) return undefined;
  return { ...outer, argv: wrapper.isRunner ? [packageName(command), ...more] : rest };
}

interface Wrapper {
  /** Options with a value of their own behind them. */
  readonly valued: readonly string[];
  /** Words before the command that are no options: the duration of timeout(1). */
  readonly operands?: number;
  /** Runs a package's command by the package's name. */
  readonly isRunner?: boolean;
  /** The words that make it one, each a way: `['dlx']`, `['tool', 'run']`. Without any, it always is. */
  readonly subcommands?: readonly (readonly string[])[];
  /** With these it does something else, such as naming a process. */
  readonly not?: readonly string[];
}

const wrappers: Readonly<Record<string, Wrapper>> = {
  timeout: { valued: ['-k', '--kill-after', '-s', '--signal'], operands: 1 },
  nice: { valued: ['-n', '--adjustment'] },
  ionice: {
    valued: ['-c', '--class', '-n', '--classdata'],
    not: ['-p', '--pid', '-P', '--pgid', '-u', '--uid'],
  },
  setsid: { valued: [] },
  stdbuf: { valued: ['-i', '--input', '-o', '--output', '-e', '--error'] },
  nohup: { valued: [] },
  uv: {
    valued: [
      '--extra',
      '--group',
      '--with',
      '--with-editable',
      '--with-requirements',
      '--env-file',
      '-p',
      '--python',
      '--package',
      '--directory',
      '--project',
      '--index',
      '--default-index',
      '-i',
      '--index-url',
      '--extra-index-url',
      '--config-file',
      '--cache-dir',
      '--from',
    ],
    isRunner: true,
    subcommands: [['run'], ['tool', 'run']],
    not: ['-m', '--module', '-s', '--script'],
  },
  uvx: {
    valued: ['--from', '--with', '-p', '--python', '--env-file', '--index', '--index-url'],
    isRunner: true,
  },
  pipx: { valued: ['--spec', '--python', '--pip-args'], isRunner: true, subcommands: [['run']] },
  npx: { valued: ['-p', '--package'], isRunner: true, not: ['-c', '--call'] },
  npm: { valued: ['-p', '--package'], isRunner: true, subcommands: [['exec'], ['x']], not: ['-c', '--call'] },
  pnpm: { valued: ['--package', '-C', '--dir'], isRunner: true, subcommands: [['dlx'], ['exec']] },
  yarn: { valued: ['-p', '--package'], isRunner: true, subcommands: [['dlx'], ['exec']] },
  bunx: { valued: ['-p', '--package'], isRunner: true },
  poetry: { valued: ['-C', '--directory', '-P', '--project'], isRunner: true, subcommands: [['run']] },
  pdm: { valued: ['-p', '--project'], isRunner: true, subcommands: [['run']] },
  conda: {
    valued: ['-n', '--name', '-p', '--prefix', '--cwd'],
    isRunner: true,
    subcommands: [['run']],
  },
};

/** Where the command begins, or undefined with an option that means something else. */
function behindOptions(args: readonly string[], { valued, not = [] }: Wrapper, from = 0): number | undefined {
  let index = from;
  for (; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (argument === '--') return index + 1;
    if (!argument.startsWith('-') || argument === '-') return index;
    if (not.includes(argument)) return undefined;
    if (valued.includes(argument)) index++;
  }
  return undefined;
}

function behindRunner(args: readonly string[], wrapper: Wrapper): number | undefined {
  const { subcommands } = wrapper;
  const start = behindOptions(args, wrapper);
  if (subcommands === undefined || start === undefined) return start;
  const words = subcommands.find(way => way.every((word, index) => args[start + index] === word));
  return words && behindOptions(args, wrapper, start + words.length);
}

/**
 * `litellm[proxy]==1.80`, `copilot-api@latest`, `@scope/tool@2` without what chooses the version.
 */
function packageName(word: string): string {
  return /^(@[^/@]+\/[^@]+|[^@[=<>~!]+)/.exec(word)?.[0] ?? word;
}

const envValued: ReadonlySet<string> = new Set(['-u', '--unset', '-C', '--chdir', '-a', '--argv0']);

/** env(1): options, assignments, the command; `-S` cuts one word into several. */
function unwrapEnv(args: readonly string[], outer: Invocation): Invocation | undefined {
  const words = [...args];
  const variables = new Map(outer.variables);
  let { directory } = outer;
  for (;;) {
    const word = words.shift();
    if (word === undefined) return undefined;
    const split = /^(?:-S|-vS|--split-string=)(.+)$/s.exec(word)?.[1];
    if (word === '--') continue;
    if (word === '-S' || word === '--split-string') words.unshift(...cut(words.shift() ?? ''));
    else if (split !== undefined) words.unshift(...cut(split));
    else if (word.startsWith('--chdir=')) directory = word.slice('--chdir='.length);
    else if (envValued.has(word)) {
      const value = words.shift();
      if (word === '-C' || word === '--chdir') directory = value;
    } else if (/^[^=-][^=]*=/.test(word)) {
      const equals = word.indexOf('=');
      variables.set(word.slice(0, equals), word.slice(equals + 1));
    } else if (!word.startsWith('-')) {
      return { ...outer, argv: [word, ...words], variables, directory };
    }
  }
}

function cut(text: string): readonly string[] {
  return extractWords(text, { unquote: true, relax: true }).words;
}

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ash']);

function unwrapShell(
  args: readonly string[],
  outer: Invocation,
  lookUp: (name: string) => string | undefined,
): Invocation | undefined {
  const index = args.findIndex(argument => !/^-(?!c$)[a-bd-z]+$/i.test(argument) && argument !== '-o');
  const option = args[index];
  if (option === undefined || !/^-[a-z]*c$/i.test(option)) return undefined;
  const command = readShellCommand(args[index + 1] ?? '', lookUp);
  if (command === undefined) return undefined;
  return {
    argv: command.argv,
    variables: new Map([...outer.variables, ...command.variables]),
    directory: command.directory ?? outer.directory,
    isComplete: outer.isComplete && command.isComplete,
  };
}

/**
 * Programs that run another program, and where the command line of that program begins. Options are those of coreutils
 * 9, util-linux 2.40, numactl 2, systemd-cat(1), time(1), POSIX (exec, command), and of the package runners' own help.
 */
import path from 'node:path';
import type { CommandLine } from '../systemd/values/command-line.ts';
import { extractWords } from '../systemd/values/words.ts';
import { shellProgram } from './shell/shell-program.ts';
import { readSimpleCommand } from './shell/simple-command.ts';

/** The words of a unit's command. With the prefix `|` (systemd 258 and newer) the command is a text for a shell. */
export function wordsOf({ argv, viaShell }: CommandLine): readonly string[] {
  return viaShell ? ['/bin/sh', '-c', argv.slice(1).join(' ')] : argv;
}

/** A command line while its wrappers are removed one by one. */
export interface Invocation {
  readonly argv: readonly string[];
  /** The variables that wrappers set; they override those of the unit. */
  readonly variables: ReadonlyMap<string, string>;
  /** The working directory; undefined for that of the unit. */
  readonly directory: string | undefined;
  /** False when a wrapper may have set more. */
  readonly isComplete: boolean;
}

/** Removes wrappers until a command without a wrapper is left. */
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
  if (name === 'env') return unwrapEnv(outer);
  const shell = shellProgram(outer.argv);
  if (shell?.kind === 'text')
    return unwrapShell(shell.text, outer, variable => outer.variables.get(variable) ?? lookUp(variable));
  const runner = runners.get(name);
  const argv = runner === undefined ? partWrapper(outer.argv)?.command : packageCommand(args, runner);
  return argv && { ...outer, argv };
}

/** A command line in two parts: the words of a wrapper, and those of the command that it executes. */
export interface Wrapped {
  readonly own: readonly string[];
  readonly command: readonly string[];
}

/**
 * Separates a wrapper from the command that follows its own words.
 *
 * @returns undefined for any other program, and for a wrapper without a command
 * @example partWrapper(['timeout', '5', 'curl', 'x']) // { own: ['timeout', '5'], command: ['curl', 'x'] }
 */
export function partWrapper(argv: readonly string[]): Wrapped | undefined {
  const [program = '', ...args] = argv;
  const name = path.posix.basename(program);
  if (name === 'env') return readEnv(argv);
  const wrapper = wrappers.get(name);
  if (wrapper === undefined) return undefined;
  const start = behindOptions(args, wrapper);
  if (start === undefined) return undefined;
  const at = 1 + start + (wrapper.operands ?? 0);
  return at < argv.length ? { own: argv.slice(0, at), command: argv.slice(at) } : undefined;
}

interface Options {
  /** Options that are followed by a value. */
  readonly valued: readonly string[];
  /** Options with which it does something else, such as naming a process. */
  readonly not?: readonly string[];
}

interface Wrapper extends Options {
  /** How many words before the command are no options, such as the duration of timeout(1). */
  readonly operands?: number;
}

const wrappers: ReadonlyMap<string, Wrapper> = new Map(
  Object.entries<Wrapper>({
    timeout: { valued: ['-k', '--kill-after', '-s', '--signal'], operands: 1 },
    nice: { valued: ['-n', '--adjustment'] },
    ionice: {
      valued: ['-c', '--class', '-n', '--classdata'],
      not: ['-p', '--pid', '-P', '--pgid', '-u', '--uid'],
    },
    taskset: { valued: [], operands: 1, not: ['-p', '--pid'] },
    numactl: {
      valued: ['-i', '-m', '-N', '-C', '-p', '-P', '-w'],
      not: ['-H', '--hardware', '-s', '--show'],
    },
    setsid: { valued: [] },
    stdbuf: { valued: ['-i', '--input', '-o', '--output', '-e', '--error'] },
    nohup: { valued: [] },
    time: { valued: ['-f', '--format', '-o', '--output'] },
    'systemd-cat': { valued: ['-t', '--identifier', '-p', '--priority'] },
    exec: { valued: ['-a'] },
    command: { valued: [], not: ['-v', '-V'] },
  }),
);

/** A program that runs the command of a package by the package's name. */
interface Runner extends Options {
  /** The subcommands that make it a runner, each as words: `['dlx']`, `['tool', 'run']`. Without any, it always is one. */
  readonly subcommands?: readonly (readonly string[])[];
}

const runners: ReadonlyMap<string, Runner> = new Map(
  Object.entries<Runner>({
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
      subcommands: [['run'], ['tool', 'run']],
      not: ['-m', '--module', '-s', '--script'],
    },
    uvx: { valued: ['--from', '--with', '-p', '--python', '--env-file', '--index', '--index-url'] },
    pipx: { valued: ['--spec', '--python', '--pip-args'], subcommands: [['run']] },
    npx: { valued: ['-p', '--package'], not: ['-c', '--call'] },
    npm: { valued: ['-p', '--package'], subcommands: [['exec'], ['x']], not: ['-c', '--call'] },
    pnpm: { valued: ['--package', '-C', '--dir'], subcommands: [['dlx'], ['exec']] },
    yarn: { valued: ['-p', '--package'], subcommands: [['dlx'], ['exec']] },
    bunx: { valued: ['-p', '--package'] },
    poetry: { valued: ['-C', '--directory', '-P', '--project'], subcommands: [['run']] },
    pdm: { valued: ['-p', '--project'], subcommands: [['run']] },
    conda: { valued: ['-n', '--name', '-p', '--prefix', '--cwd'], subcommands: [['run']] },
  }),
);

/** The index at which the command begins; undefined for an option with which the program does something else. */
function behindOptions(args: readonly string[], { valued, not = [] }: Options, from = 0): number | undefined {
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

function packageCommand(args: readonly string[], runner: Runner): readonly string[] | undefined {
  const start = behindRunner(args, runner);
  const [command, ...more] = start === undefined ? [] : args.slice(start);
  return command === undefined ? undefined : [packageName(command), ...more];
}

function behindRunner(args: readonly string[], runner: Runner): number | undefined {
  const { subcommands } = runner;
  const start = behindOptions(args, runner);
  if (subcommands === undefined || start === undefined) return start;
  const words = subcommands.find(way => way.every((word, index) => args[start + index] === word));
  return words && behindOptions(args, runner, start + words.length);
}

/**
 * `litellm[proxy]==1.80`, `copilot-api@latest`, `@scope/tool@2` without the part that chooses the version.
 */
function packageName(word: string): string {
  return /^(@[^/@]+\/[^@]+|[^@[=<>~!]+)/.exec(word)?.[0] ?? word;
}

const envValued: ReadonlySet<string> = new Set(['-u', '--unset', '-C', '--chdir', '-a', '--argv0']);

function unwrapEnv(outer: Invocation): Invocation | undefined {
  const read = readEnv(outer.argv);
  return (
    read && {
      ...outer,
      argv: read.command,
      variables: new Map([...outer.variables, ...read.variables]),
      directory: read.directory ?? outer.directory,
    }
  );
}

interface EnvCall extends Wrapped {
  readonly variables: ReadonlyMap<string, string>;
  /** The value of `--chdir`. */
  readonly directory: string | undefined;
}

/** env(1): options, assignments, the command; `-S` cuts one word into several. */
function readEnv([program = '', ...args]: readonly string[]): EnvCall | undefined {
  const own = [program];
  const words = [...args];
  const variables = new Map<string, string>();
  let directory: string | undefined;
  for (;;) {
    const word = words.shift();
    if (word === undefined) return undefined;
    const isAssignment = /^[^=-][^=]*=/.test(word);
    if (!word.startsWith('-') && !isAssignment)
      return { own, command: [word, ...words], variables, directory };
    own.push(word);
    const split = /^(?:-S|-vS|--split-string=)(.+)$/s.exec(word)?.[1];
    if (word === '-S' || word === '--split-string') words.unshift(...cut(words.shift() ?? ''));
    else if (split !== undefined) words.unshift(...cut(split));
    else if (word.startsWith('--chdir=')) directory = word.slice('--chdir='.length);
    else if (envValued.has(word)) {
      const value = words.shift();
      if (value !== undefined) own.push(value);
      if (word === '-C' || word === '--chdir') directory = value;
    } else if (isAssignment) {
      const equals = word.indexOf('=');
      variables.set(word.slice(0, equals), word.slice(equals + 1));
    }
  }
}

function cut(text: string): readonly string[] {
  return extractWords(text, { unquote: true, relax: true }).words;
}

function unwrapShell(
  text: string,
  outer: Invocation,
  lookUp: (name: string) => string | undefined,
): Invocation | undefined {
  const command = readSimpleCommand(text, lookUp);
  if (command === undefined) return undefined;
  return {
    argv: command.argv,
    variables: new Map([...outer.variables, ...command.variables]),
    directory: command.directory ?? outer.directory,
    isComplete: outer.isComplete && command.isComplete,
  };
}

/** The script, module or text that an interpreter runs. */
import path from 'node:path';

export interface Script {
  readonly name: string;
  /** The file, which may be relative to the working directory, or the module's name. */
  readonly path: string;
  readonly isFile: boolean;
  readonly args: readonly string[];
}

/**
 * Finds the script that node, python, bun, deno or a shell runs.
 *
 * @returns undefined when the program is no interpreter or runs no script
 * @example scriptOf(['python3', '-m', 'uvicorn', 'app:app'])?.name // 'uvicorn'
 */
export function scriptOf(argv: readonly string[]): Script | undefined {
  const [program = '', ...args] = argv;
  const interpreter = interpreters.find(({ names }) => names.test(path.posix.basename(program)));
  if (interpreter === undefined) return undefined;
  const { valued, nothing, subcommands = [] } = interpreter;
  let index = 0;
  const takesFirst = subcommands.includes(args[0] ?? '');
  if (interpreter.needsSubcommand && !takesFirst) return undefined;
  if (takesFirst) index++;
  for (; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (nothing.includes(argument)) return undefined;
    if (interpreter.modules && /^-[a-zA-Z]*m$/.test(argument)) return moduleOf(args.slice(index + 1));
    if (valued.includes(argument)) index++;
    else if (argument === '--') index++;
    else if (!argument.startsWith('-')) break;
    if (args[index - 1] === '--') break;
  }
  const script = args[index];
  if (script === undefined) return undefined;
  return { name: nameOfScript(script), path: script, isFile: true, args: args.slice(index + 1) };
}

interface Interpreter {
  readonly names: RegExp;
  /** Options that are followed by a value. */
  readonly valued: readonly string[];
  /** Options that contain the text itself, or that do something else than run a script. */
  readonly nothing: readonly string[];
  readonly subcommands?: readonly string[];
  readonly needsSubcommand?: boolean;
  /** Whether `-m MODULE` names a module. */
  readonly modules?: boolean;
}

const interpreters: readonly Interpreter[] = [
  {
    names: /^(?:node|nodejs|tsx|ts-node)$/,
    valued: [
      '-r',
      '--require',
      '--import',
      '--loader',
      '--experimental-loader',
      '-C',
      '--conditions',
      '--title',
    ],
    nothing: ['-e', '--eval', '-p', '--print', '-v', '--version', '-h', '--help', '--run'],
    subcommands: ['watch'],
  },
  {
    names: /^(?:python|python[23](?:\.\d+)?|pypy3?)$/,
    valued: ['-W', '-X'],
    nothing: ['-c', '-V', '-VV', '--version', '-h', '--help'],
    modules: true,
  },
  {
    names: /^bun$/,
    valued: ['-r', '--preload', '--cwd', '-c', '--config', '--env-file'],
    nothing: ['-e', '--eval', '-p', '--print', '-v', '--version', '-h', '--help'],
    subcommands: ['run', 'x'],
  },
  {
    names: /^deno$/,
    valued: ['-c', '--config', '--import-map', '--lock', '--location', '--env-file'],
    nothing: ['-h', '--help'],
    subcommands: ['run', 'serve'],
    needsSubcommand: true,
  },
  { names: /^(?:sh|bash|dash|zsh|ash)$/, valued: ['-o', '-O'], nothing: ['-c', '-s', '--version', '--help'] },
];

function moduleOf([name, ...args]: readonly string[]): Script | undefined {
  return name === undefined ? undefined : { name, path: name, isFile: false, args };
}

/**
 * The base name of a script; for a file in `node_modules` the name of its package, since many packages call their
 * script index.js.
 */
function nameOfScript(script: string): string {
  const folder = script.lastIndexOf('node_modules/');
  const inside = folder === -1 ? '' : script.slice(folder + 'node_modules/'.length);
  const [first = '', second] = inside.split('/');
  if (second === undefined || first === '.bin') return path.posix.basename(script);
  return first.startsWith('@') ? `${first}/${second}` : first;
}

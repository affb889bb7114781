/** What all languages share in the texts about a command that is written for a shell. */
import type { ShellSyntax } from '../check/rules/shell-syntax.ts';
import type { ShellConstruct } from '../check/shell-syntax.ts';
import type { LoadProblem } from '../systemd/unit.ts';

export interface ShellRemedyTexts {
  readonly shell: string;
  readonly shellWithoutAmpersand: string;
  readonly workingDirectory: string;
  readonly exec: string;
  readonly environment: string;
  readonly background: string;
  readonly output: string;
  readonly input: string;
  readonly variable: string;
  readonly expansion: string;
  readonly home: string;
  readonly comment: string;
}

/**
 * A program whose path begins with the home in the manner of a shell, for which systemd refuses the unit: `~/`, `$HOME/`
 * or `${HOME}/`; `''` for any other path that is not absolute.
 *
 * @returns undefined for any other problem
 */
export function homeInFront(problem: LoadProblem): string | undefined {
  if (problem.code !== 'bad-value' || problem.reason.code !== 'bad-command') return undefined;
  const { problem: refused } = problem.reason;
  if (refused.code !== 'path-not-absolute') return undefined;
  return /^(?:~|\$HOME|\$\{HOME\})\//.exec(refused.path)?.[0] ?? '';
}

/** The constructs whose effect is told: nothing behind a word that is no program matters, and each effect is told once. */
export function effectsOf(found: ShellSyntax['found']): ShellSyntax['found'] {
  const [first] = found;
  if (first !== undefined && isWord(first)) return [first];
  const effects = new Map(found.map(each => [`${each.kind} ${each.isDropped}`, each] as const).toReversed());
  return [...effects.values()].toReversed().slice(0, mostTold);
}

/** More sentences than that nobody reads. */
const mostTold = 3;

function isWord({ kind }: ShellConstruct): boolean {
  return kind === 'builtin' || kind === 'assignment';
}

/** What helps. Whatever only a shell can do needs one, and then nothing else has to be changed. */
export function shellRemedies(
  { directive, found, program }: ShellSyntax,
  texts: ShellRemedyTexts,
): readonly string[] {
  const remedies = remediesOf(found, {
    ...texts,
    // StandardOutput= of the unit is also that of the main process.
    ...(directive !== 'ExecStart' && { output: texts.shell, input: texts.shell }),
    // A shell is there already, and systemd has taken the dollar sign from it.
    ...(/^(?:ba|da|z|k)?sh$/.test(program) &&
      found.every(({ isDropped }) => isDropped) && { shell: texts.variable }),
  });
  if (!remedies.has(texts.shell)) return [...remedies].slice(0, mostTold);
  return [found.some(({ kind }) => kind === 'background') ? texts.shellWithoutAmpersand : texts.shell];
}

function remediesOf(found: ShellSyntax['found'], texts: ShellRemedyTexts): ReadonlySet<string> {
  const [first] = found;
  const others = first !== undefined && isWord(first) ? found.slice(1) : found;
  const isCd = first?.kind === 'builtin' && first.symbol === 'cd';
  // `cd FOLDER && PROGRAM` needs no shell; a second `&&` does.
  const afterCd = isCd && others[0]?.symbol === '&&' ? others.slice(1) : others;
  return new Set([
    ...(first !== undefined && isWord(first) ? [ofWord(first, texts)] : []),
    ...afterCd.map(construct => ofOther(construct, texts)),
  ]);
}

function ofWord({ kind, symbol }: ShellConstruct, texts: ShellRemedyTexts): string {
  if (kind === 'assignment') return texts.environment;
  return symbol === 'cd' ? texts.workingDirectory : symbol === 'exec' ? texts.exec : texts.shell;
}

function ofOther({ kind, symbol }: ShellConstruct, texts: ShellRemedyTexts): string {
  switch (kind) {
    case 'background':
      return texts.background;
    case 'redirection':
      return symbol.includes('<<') ? texts.shell : symbol.includes('<') ? texts.input : texts.output;
    case 'variable':
      return texts.variable;
    case 'expansion':
      return texts.expansion;
    case 'home':
      return texts.home;
    case 'comment':
      return texts.comment;
    default:
      return texts.shell;
  }
}

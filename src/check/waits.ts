/**
 * The longest time that a command may take, as far as its words and its shell script tell: sleeps, requests, loops
 * around them. A command that is not known to wait counts as done at once.
 */
import { baseName, takeWrapperOff } from '../services/command-words.ts';
import {
  parseShellScript,
  type ShellBranch,
  type ShellLoop,
  type ShellStatement,
} from '../services/shell/script.ts';
import type { ReadScript } from '../services/script-reader.ts';
import { parseSeconds, type WrittenLimit } from '../services/timeout.ts';
import { shellProgram } from '../services/shell/shell-program.ts';

/** One place where a command waits. */
export interface Wait {
  /**
   * `request`: it waits for an answer; `loop`: it repeats until a condition is met; `limit`: it waits for a program
   * that `timeout` ends.
   */
  readonly kind: 'sleep' | 'request' | 'loop' | 'limit';
  /** The program that waits: `sleep`, `curl`; empty for a loop. */
  readonly program: string;
  /** The longest time in seconds, with all repetitions; `Infinity` when nothing ends the wait. */
  readonly seconds: number;
  /** The place in a script; null in the command itself. */
  readonly script: { readonly file: string; readonly line: number } | null;
}

/** The places where a command line waits, the longest wait first. */
export function waitsOf(
  words: readonly string[],
  readScript: ReadScript,
  budget: ReadingBudget = newReadingBudget(),
): readonly Wait[] {
  const waits = new Estimate(readScript, budget).command(words, { file: null, line: null }, 0);
  return waits
    .filter(wait => wait.seconds > 0)
    .toSorted((a, b) => (a.seconds < b.seconds ? 1 : a.seconds > b.seconds ? -1 : 0));
}

/** The sum of all waits, in seconds. */
export function totalSeconds(waits: readonly Wait[]): number {
  return waits.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** A place in a script; both fields are null in the command itself. */
interface Place {
  readonly file: string | null;
  readonly line: number | null;
}

/** Limit of scripts that run each other: a script may run itself. */
const deepest = 5;

/** How much may still be read. All commands of a unit share one budget, since a unit may have any number of them. */
export interface ReadingBudget {
  /** A negative number means that something was left unread. */
  charactersLeft: number;
}

/** Makes the budget for one unit. It ends the reading of scripts that call themselves twice, and so on. */
export function newReadingBudget(): ReadingBudget {
  return { charactersLeft: mostCharacters };
}

/** Limit, in characters, of the scripts read and the loops examined; each run of a script or a loop counts again. */
export const mostCharacters = 4 * 1024 * 1024;

/** The cost of following one statement, in characters. */
const charactersAStatement = 100;

class Estimate {
  readonly #readScript: ReadScript;
  readonly #variables = new Map<string, string>();
  readonly #functions = new Map<string, readonly ShellStatement[]>();
  readonly #budget: ReadingBudget;

  constructor(readScript: ReadScript, budget: ReadingBudget) {
    this.#readScript = readScript;
    this.#budget = budget;
  }

  /** @returns false when it costs more than is left; it is then not read */
  #spends(characters: number): boolean {
    this.#budget.charactersLeft -= characters;
    return this.#budget.charactersLeft >= 0;
  }

  #parsed(text: string): readonly ShellStatement[] {
    return this.#spends(text.length) ? parseShellScript(text) : [];
  }

  command(words: readonly string[], place: Place, depth: number): readonly Wait[] {
    const [program = ''] = words;
    const name = baseName(program);
    if (depth > deepest || !this.#spends(charactersAStatement)) return [];
    const inner = takeWrapperOff(words);
    if (inner?.limit !== undefined) return this.#limited(inner.words, inner.limit, place, depth);
    if (inner !== undefined) return this.command(inner.words, place, depth + 1);
    const shell = shellProgram(words);
    if (shell?.kind === 'text') return this.#statements(this.#parsed(shell.text), place.file, depth + 1);
    const body = this.#functions.get(program);
    if (body !== undefined) return this.#statements(body, place.file, depth + 1);
    const known = programs.get(name);
    if (known !== undefined) {
      const seconds = known.seconds(words.slice(1).map(word => this.#resolved(word)));
      return [{ kind: known.kind, program: name, seconds, script: scriptPlace(place) }];
    }
    const isSourced = program === '.' || program === 'source';
    const script = shell?.path ?? (isSourced ? words[1] : program);
    return this.#script(this.#resolved(script ?? ''), depth);
  }

  #script(path: string, depth: number): readonly Wait[] {
    if (!path.startsWith('/')) return [];
    const text = this.#readScript(path);
    const isShell =
      text !== undefined && (!text.startsWith('#!') || /^#!.*\b(?:ba|da|z|k|a)?sh\b/.test(text));
    return isShell ? this.#statements(this.#parsed(text), path, depth + 1) : [];
  }

  /** `timeout` ends a command that takes longer. A command that cannot be examined may take all of that time. */
  #limited(words: readonly string[], limit: WrittenLimit, place: Place, depth: number): readonly Wait[] {
    const most = parseSeconds(this.#resolved(limit.duration));
    // 0 switches the limit off (timeout(1)).
    const inner = this.command(words, place, depth + 1);
    if (most === undefined || most === 0) return inner;
    const isKnown = inner.length > 0 || programs.has(baseName(words[0] ?? ''));
    if (isKnown && totalSeconds(inner) <= most) return inner;
    const seconds = most + (parseSeconds(limit.killAfter ?? '0') ?? 0);
    return [{ kind: 'limit', program: baseName(words[0] ?? ''), seconds, script: scriptPlace(place) }];
  }

  #statements(statements: readonly ShellStatement[], file: string | null, depth: number): readonly Wait[] {
    return statements.flatMap(statement => this.#statement(statement, file, depth));
  }

  #statement(statement: ShellStatement, file: string | null, depth: number): readonly Wait[] {
    if (!this.#spends(charactersAStatement)) return [];
    switch (statement.kind) {
      case 'command': {
        if (statement.isBackground) return [];
        const before = this.#statements(statement.substitutions, file, depth);
        const words = this.#withoutAssignments(statement.words);
        return [...before, ...this.command(words, { file, line: statement.line }, depth)];
      }
      case 'group':
        return statement.isBackground ? [] : this.#statements(statement.body, file, depth);
      case 'function':
        this.#functions.set(statement.name, statement.body);
        return [];
      case 'branches':
        return this.#longestBranch(statement.branches, file, depth);
      case 'loop':
        return statement.isBackground ? [] : this.#loop(statement, file, depth);
      default:
        return statement satisfies never;
    }
  }

  /** The longest branch, together with the conditions that are evaluated before it. */
  #longestBranch(branches: readonly ShellBranch[], file: string | null, depth: number): readonly Wait[] {
    const asked: Wait[] = [];
    let askedSeconds = 0;
    let longest = { asked: 0, body: [] as readonly Wait[], seconds: 0 };
    for (const { condition, body } of branches) {
      for (const wait of this.#statements(condition, file, depth)) {
        asked.push(wait);
        askedSeconds += wait.seconds;
      }
      const waits = this.#statements(body, file, depth);
      const seconds = askedSeconds + totalSeconds(waits);
      if (seconds > longest.seconds) longest = { asked: asked.length, body: waits, seconds };
    }
    return [...asked.slice(0, longest.asked), ...longest.body];
  }

  #loop(loop: ShellLoop, file: string | null, depth: number): readonly Wait[] {
    const rounds =
      loop.keyword === 'for' ? { times: this.#timesOfFor(loop.items) } : this.#roundsOfWhile(loop);
    const inside = [
      ...this.#statements(loop.condition, file, depth),
      ...this.#statements(loop.body, file, depth),
    ];
    const script = scriptPlace({ file, line: loop.line });
    if (rounds === 'endless')
      return [{ kind: 'loop', program: '', seconds: Number.POSITIVE_INFINITY, script }];
    if ('seconds' in rounds) {
      return [{ kind: 'loop', program: '', seconds: rounds.seconds, script }, ...inside.filter(isEndless)];
    }
    return inside.map(wait => ({ ...wait, seconds: wait.seconds * rounds.times }));
  }

  #roundsOfWhile(loop: ShellLoop): Rounds {
    const words = [...wordsIn(loop.condition), ...wordsIn(loop.body)];
    const text = words.map(each => each.join(' ')).join('\n');
    return this.#spends(text.length) ? roundsOfWhile(loop, text, word => this.#resolved(word)) : { times: 1 };
  }

  #timesOfFor(items: readonly string[]): number {
    const [first = ''] = items;
    const resolved = items.length === 1 ? this.#resolved(first) : first;
    const counted = /^\(\(\s*\w+\s*=\s*(\d+)\s*;\s*\w+\s*([<>])(=?)\s*(\d+)/.exec(resolved);
    if (counted !== null) {
      const [, from, , orEqual, to] = counted;
      return Math.abs(Number(to) - Number(from)) + (orEqual === '=' ? 1 : 0);
    }
    const sequence = /^(?:\$\(|`)seq((?:\s+-?\d+){1,3})\s*[)`]$/.exec(resolved);
    if (sequence !== null) {
      const numbers = (sequence[1] ?? '').trim().split(/\s+/).map(Number);
      const [from, step, to] =
        numbers.length === 3
          ? numbers
          : numbers.length === 2
            ? [numbers[0], 1, numbers[1]]
            : [1, 1, numbers[0]];
      return countOf(from, step, to);
    }
    const braces = /^\{(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?\}$/.exec(resolved);
    if (braces !== null) {
      const [, from, to, step = '1'] = braces.map(Number).map(String);
      const size = Math.abs(Number(step)) || 1;
      return Math.floor(Math.abs(Number(to) - Number(from)) / size) + 1;
    }
    // One round for each word of a list; one round when nothing is known.
    return Math.max(1, items.length);
  }

  #withoutAssignments(words: readonly string[]): readonly string[] {
    const count = words.findIndex(word => !ASSIGNMENT.test(word));
    const declares = /^(?:local|export|readonly|declare|let)$/.test(words[count] ?? '');
    const assigned = count === -1 || declares ? words : [];
    for (const word of assigned) {
      const [, name, value] = ASSIGNMENT.exec(word) ?? [];
      // A counter keeps its first value; later assignments in terms of itself do not change it.
      if (name !== undefined && value !== undefined && !value.includes('$(('))
        this.#variables.set(name, this.#resolved(value));
    }
    return count === -1 || declares ? [] : words.slice(count);
  }

  /** Replaces the variables that the script itself has set before; other variables stay as written. */
  #resolved(word: string): string {
    return word.replace(VARIABLE, (whole, plain?: string, braced?: string, fallback?: string) => {
      return this.#variables.get(plain ?? braced ?? '') ?? fallback ?? whole;
    });
  }
}

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;
const VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?[-=]([^{}$]*))?\})/g;

function scriptPlace({ file, line }: Place): Wait['script'] {
  return file === null || line === null ? null : { file, line };
}

function isEndless({ seconds }: Wait): boolean {
  return seconds === Number.POSITIVE_INFINITY;
}

function countOf(from = 1, step = 1, to = 1): number {
  return step === 0 ? 1 : Math.max(1, Math.floor((to - from) / step) + 1);
}

type Rounds = { readonly times: number } | { readonly seconds: number } | 'endless';

/**
 * How often a `while` or `until` loop repeats. First a clock that is compared with a number decides, then a counter of
 * the loop. Without either, the loop ends when something outside of it changes.
 *
 * @param text all words of the loop
 */
function roundsOfWhile(loop: ShellLoop, text: string, resolve: Resolve): Rounds {
  const limits = [...limitsIn(text, resolve)];
  const clock = limits.find(({ left }) => CLOCK.test(left));
  if (clock !== undefined) return { seconds: clock.limit };
  const times = timesByCounter(limits, countersIn(text), resolve);
  if (times !== undefined) return { times };
  return isEndedFromOutside(loop, text) ? 'endless' : { times: 1 };
}

/** Replaces the variables that a script has set. */
type Resolve = (word: string) => string;

/** A comparison with a whole number. */
interface LoopLimit {
  readonly left: string;
  readonly limit: number;
}

function* limitsIn(text: string, resolve: Resolve): Iterable<LoopLimit> {
  for (const { left, right } of comparisonsIn(text)) {
    const limit = Number(resolve(right));
    if (Number.isInteger(limit)) yield { left, limit };
  }
}

const CLOCK = /SECONDS|date \+%s|elapsed/i;

/** The names of the variables that are counted up or down. */
function countersIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(COUNTING)].map(names => names.slice(1).find(Boolean) ?? ''));
}

/** A counter goes up to its limit, or down from its first value: the greater of the two numbers is taken. */
function timesByCounter(
  limits: readonly LoopLimit[],
  counters: ReadonlySet<string>,
  resolve: Resolve,
): number | undefined {
  let times: number | undefined;
  for (const { left, limit } of limits) {
    const name = left.replaceAll(/[${}]/g, '');
    if (!counters.has(name)) continue;
    const start = Number(resolve(`$${name}`));
    times = Math.max(times ?? 0, limit, Number.isInteger(start) ? start : 0);
  }
  return times;
}

/**
 * Whether a loop waits for something outside of it. A loop that reads its input ends with the input; a loop that waits
 * for nothing ends soon.
 */
function isEndedFromOutside({ keyword, condition }: ShellLoop, text: string): boolean {
  const asked = wordsIn(condition)
    .map(words => words.join(' '))
    .join('\n');
  if (/^(?:IFS=\S* )?read\b/.test(asked)) return false;
  const isForEver = keyword === 'while' && /^(?:true|:|\[ 1 \])$/.test(asked);
  return isForEver || WAITING.test(text);
}

/** `n=$((n+1))`, `((n++))`, `let n+=1`, `n=$(expr $n + 1)`. */
const COUNTING =
  /\b([A-Za-z_]\w*)=\$\(\(\s*\$?\1\s*[-+]|\b([A-Za-z_]\w*)(?:\+\+|--|\+=\d|-=\d)|(?:\+\+|--)([A-Za-z_]\w*)|\b([A-Za-z_]\w*)=\$\(expr /g;
/** `$n -lt 30`, `n < 30`, `SECONDS - start >= 60`, `$(($(date +%s) - start)) -ge 60`. */
function* comparisonsIn(text: string): Iterable<{ readonly left: string; readonly right: string }> {
  let behindLast = 0;
  for (const { 0: operator, index } of text.matchAll(COMPARING)) {
    if (index < behindLast) continue;
    const before = text.slice(Math.max(behindLast, index - longestOperand), index).trimEnd();
    const left = operandAtEnd(before);
    RIGHT_OPERAND.lastIndex = index + operator.length;
    const right = left === undefined ? undefined : RIGHT_OPERAND.exec(text)?.[1];
    if (left === undefined || right === undefined) continue;
    behindLast = RIGHT_OPERAND.lastIndex;
    yield { left, right };
  }
}

function operandAtEnd(text: string): string | undefined {
  if (!text.endsWith('))')) return LEFT_OPERAND.exec(text)?.[0];
  // Only the innermost expression belongs to a clock; the text before it does not.
  const open = text.lastIndexOf('$((');
  return open === -1 ? undefined : text.slice(open);
}

const COMPARING = /-(?:lt|le|gt|ge|eq|ne)\s|[<>]=?|[!=]=/g;
/** Limit in characters: nobody writes longer operands by hand, and each operand is searched several times. */
const longestOperand = 200;
const LEFT_OPERAND = /(?:\$\{?\w+\}?|\b[A-Za-z_]\w*(?: *- *\$?\w+)?)$/; // bounded: 200 characters, by longestOperand
const RIGHT_OPERAND = /\s*(\$?\{?\w+\}?)/y;
const WAITING = /\b(?:sleep|curl|wget|nc|ncat|pg_isready|redis-cli|systemctl)\b/;

function wordsIn(statements: readonly ShellStatement[]): readonly (readonly string[])[] {
  return statements.flatMap(statement => {
    switch (statement.kind) {
      case 'command':
        return [...wordsIn(statement.substitutions), statement.words];
      case 'loop':
        return [...wordsIn(statement.condition), ...wordsIn(statement.body)];
      case 'branches':
        return statement.branches.flatMap(({ condition, body }) => [...wordsIn(condition), ...wordsIn(body)]);
      default:
        return wordsIn(statement.body);
    }
  });
}

interface WaitingProgram {
  readonly kind: Wait['kind'];
  /** The longest time with these arguments, in seconds. */
  seconds(args: readonly string[]): number;
}

const programs: ReadonlyMap<string, WaitingProgram> = new Map(
  Object.entries<WaitingProgram>({
    sleep: {
      kind: 'sleep',
      seconds: args => args.reduce((sum, argument) => sum + (parseSeconds(argument) ?? 0), 0),
    },
    curl: { kind: 'request', seconds: curlSeconds },
    wget: { kind: 'request', seconds: wgetSeconds },
  }),
);

/**
 * curl(1): `--max-time` applies to each transfer and starts again with each `--retry`; without it a transfer has no
 * time limit. Retries wait 1, 2, 4 ... seconds unless `--retry-delay` is set, and none begins after `--retry-max-time`.
 */
function curlSeconds(args: readonly string[]): number {
  const option = shortOptions(args, CURL_VALUED);
  const number = (...names: readonly string[]) => numberOf(option(...names));
  const each = number('-m', '--max-time') ?? Number.POSITIVE_INFINITY;
  const retries = number('--retry') ?? 0;
  const delay = number('--retry-delay') ?? 0;
  const pauses =
    delay > 0
      ? retries * delay
      : Array.from({ length: Math.min(retries, 30) }, (_, n) => Math.min(2 ** n, 600)).reduce(
          (a, b) => a + b,
          0,
        );
  const all = each * (retries + 1) + pauses;
  const last = number('--retry-max-time');
  return last === undefined || last === 0 ? all : Math.min(all, last + each);
}

/** Short options of curl that take a value, as `curl --help all` lists them. */
const CURL_VALUED = 'AbcCdDeEFhHKmoPQrtTuUwxXyYz';

/**
 * wget(1): 20 tries unless `--tries` is set, with waits of up to `--waitretry` (10 s) between them; `--timeout` applies
 * to each try, and without it a read may take 900 s.
 */
function wgetSeconds(args: readonly string[]): number {
  const option = shortOptions(args, 'oaeiBtOTwQPUl');
  const each = numberOf(option('-T', '--timeout'));
  const tries = numberOf(option('-t', '--tries')) ?? 20;
  if (each === undefined || each === 0 || tries === 0) return Number.POSITIVE_INFINITY;
  const pause = numberOf(option('--waitretry')) ?? 10;
  return each * tries + pause * (tries - 1);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * Finds options as getopt does: `-m 5`, `-m5`, `-sm5`, `--max-time 5`, `--max-time=5`.
 *
 * @param valued the letters that take a value
 */
function shortOptions(
  args: readonly string[],
  valued: string,
): (...names: readonly string[]) => string | undefined {
  const values = new Map<string, string | undefined>();
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (argument.startsWith('--')) {
      const equals = argument.indexOf('=');
      if (equals > 0) values.set(argument.slice(0, equals), argument.slice(equals + 1));
      else values.set(argument, args[index + 1]);
    } else if (argument.startsWith('-')) {
      const at = argument.split('').findIndex((letter, place) => place > 0 && valued.includes(letter));
      if (at === -1) continue;
      const attached = argument.slice(at + 1);
      values.set(`-${argument.charAt(at)}`, attached === '' ? args[++index] : attached);
    }
  }
  return (...names) => names.map(name => values.get(name)).find(value => value !== undefined);
}

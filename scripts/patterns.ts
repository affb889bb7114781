/**
 * Checks every regular expression of src/ with recheck, since they match foreign text: `npm run lint:patterns`. A pattern that
 * takes more than quadratic time fails. A pattern that takes quadratic time needs a comment with the limit of the text's length.
 * A pattern that is built at run time from unknown values fails.
 *
 * A comment in the line of a pattern or in the line above it may say:
 * - `bounded: 4096 bytes, by X`, for a pattern that takes quadratic time
 * - `unchecked: why`, for a pattern that recheck cannot judge
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { checkSync } from 'recheck';

/** A regular expression and its position. */
export interface Pattern {
  readonly file: string;
  readonly line: number;
  /** Undefined when it is built from values that are known only at run time. */
  readonly source: string | undefined;
  readonly flags: string;
  /** The claim of the comment beside it. */
  readonly claim: 'bounded' | 'unchecked' | undefined;
}

/** How the worst time of a match grows with the length of the text; `unknown` when recheck cannot tell. */
export type Growth = 'linear' | 'square' | 'steeper' | 'unknown';

/** All regular expressions in a TypeScript file. */
export function patternsIn(file: string, text: string): readonly Pattern[] {
  const { program, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message ?? ''}`);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const claims = new Map(
    comments.flatMap(({ value, end }) => {
      const [, claim] = claimPattern.exec(value) ?? [];
      return claim === 'bounded' || claim === 'unchecked' ? [[lineOf(end), claim] as const] : [];
    }),
  );
  const constants = new Map<string, Node>();
  const found: Pattern[] = [];
  const note = (start: number, source: string | undefined, flags: string) => {
    const line = lineOf(start);
    found.push({ file, line, source, flags, claim: claims.get(line) ?? claims.get(line - 1) });
  };
  const made = (node: { readonly start: number; readonly callee: unknown; readonly arguments: unknown }) => {
    const [pattern, flags] = nodesOf(node.arguments);
    if (nameOf(nodeOf(node.callee)) !== 'RegExp' || pattern === undefined) return;
    // A copy of another pattern is judged at the original.
    if (isRegularExpression(pattern, constants)) return;
    note(node.start, textOf(pattern, constants), flags === undefined ? '' : (textOf(flags, constants) ?? ''));
  };
  new Visitor({
    VariableDeclarator({ id, init }) {
      const node = nodeOf(init);
      if (id.type === 'Identifier' && node !== undefined) constants.set(id.name, node);
    },
  }).visit(program);
  new Visitor({
    Literal(node) {
      if ('regex' in node) note(node.start, node.regex.pattern, node.regex.flags);
    },
    NewExpression: made,
    CallExpression: made,
  }).visit(program);
  return found.toSorted((a, b) => a.line - b.line);
}

const claimPattern = /^[\s*]*(bounded|unchecked):\s*\S/;

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

function nodeOf(value: unknown): Node | undefined {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
    ? { ...value, type: value.type }
    : undefined;
}

function nodesOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.flatMap(each => nodeOf(each) ?? []) : [];
}

function nameOf(node: Node | undefined): string | undefined {
  return node?.type === 'Identifier' && typeof node['name'] === 'string' ? node['name'] : undefined;
}

/** Whether an expression is a regular expression, or a constant that is one. */
function isRegularExpression(node: Node, constants: ReadonlyMap<string, Node>): boolean {
  const constant = constants.get(nameOf(node) ?? '');
  const meant = constant ?? node;
  return (
    (meant.type === 'Literal' && 'regex' in meant && meant['regex'] !== undefined) ||
    (meant.type === 'NewExpression' && nameOf(nodeOf(meant['callee'])) === 'RegExp')
  );
}

/** The text of a constant expression: literals, templates, `String.raw`, `+`, and joined lists. */
function textOf(node: Node | undefined, constants: ReadonlyMap<string, Node>): string | undefined {
  switch (node?.type) {
    case 'Literal':
      return typeof node['value'] === 'string' ? node['value'] : undefined;
    case 'Identifier':
      return textOf(constants.get(nameOf(node) ?? ''), constants);
    case 'TemplateLiteral':
      return templateText(node, 'cooked', constants);
    case 'TaggedTemplateExpression': {
      const tag = nodeOf(node['tag']);
      const isRaw =
        nameOf(nodeOf(tag?.['object'])) === 'String' && nameOf(nodeOf(tag?.['property'])) === 'raw';
      const quasi = nodeOf(node['quasi']);
      return isRaw && quasi !== undefined ? templateText(quasi, 'raw', constants) : undefined;
    }
    case 'BinaryExpression': {
      const left = textOf(nodeOf(node['left']), constants);
      const right = textOf(nodeOf(node['right']), constants);
      return node['operator'] === '+' && left !== undefined && right !== undefined ? left + right : undefined;
    }
    case 'CallExpression': {
      const callee = nodeOf(node['callee']);
      const list = nodeOf(callee?.['object']);
      if (nameOf(nodeOf(callee?.['property'])) !== 'join' || list?.type !== 'ArrayExpression')
        return undefined;
      const texts = nodesOf(list['elements']).map(each => textOf(each, constants));
      const [separator] = nodesOf(node['arguments']);
      return texts.includes(undefined) ? undefined : texts.join(textOf(separator, constants));
    }
    default:
      return undefined;
  }
}

function templateText(
  { quasis, expressions }: Node,
  form: 'raw' | 'cooked',
  constants: ReadonlyMap<string, Node>,
): string | undefined {
  const values = nodesOf(expressions).map(each => textOf(each, constants));
  if (values.includes(undefined)) return undefined;
  return nodesOf(quasis)
    .map(({ value }, index) => {
      const written: unknown =
        typeof value === 'object' && value !== null
          ? Object.getOwnPropertyDescriptor(value, form)?.value
          : '';
      return String(written) + (values[index] ?? '');
    })
    .join('');
}

/** How the time of a match grows with the text. */
export function growthOf(source: string, flags: string): Growth {
  // Patterns are judged one by one with a long time limit: with a short one, a busy machine would make every pattern fail.
  const judged = checkSync(source, flags, {
    timeout: 60_000,
    attackTimeout: 30_000,
    incubationTimeout: 30_000,
    randomSeed: 0,
  });
  if (judged.status === 'unknown') return 'unknown';
  if (judged.status === 'safe') return 'linear';
  const { complexity } = judged;
  return complexity.type === 'polynomial' && complexity.degree === 2 ? 'square' : 'steeper';
}

/** The fault of a pattern; undefined for an acceptable one. */
export function faultOf({ source, claim }: Pattern, growth: Growth): string | undefined {
  if (source === undefined) {
    return claim === 'unchecked'
      ? undefined
      : 'is built at run time: write a scanner, or make it of constants';
  }
  switch (growth) {
    case 'linear':
      return undefined;
    case 'square':
      return claim === 'bounded'
        ? undefined
        : 'takes the square of the length: say "bounded: N bytes, by X", or mend it';
    case 'steeper':
      return 'takes more than the square of the length';
    case 'unknown':
      return claim === 'unchecked'
        ? undefined
        : 'cannot be judged: say "unchecked: why", or write it otherwise';
    default:
      return growth satisfies never;
  }
}

/**
 * Judgements are kept in the repository: one takes 0.1 s on an idle machine and much longer on a busy one, and few patterns
 * change.
 */
const record = path.join(import.meta.dirname, 'patterns.json');

type Judgements = ReadonlyMap<string, Growth>;

/** @param options `--fresh` judges all patterns again; `--keep` writes the judgements of the present patterns to the file */
function main(options: readonly string[]): number {
  const checkout = path.join(import.meta.dirname, '..');
  const known: Judgements = options.includes('--fresh')
    ? new Map()
    : new Map(Object.entries(JSON.parse(fs.readFileSync(record, 'utf8'))));
  const patterns = fs
    .readdirSync(path.join(checkout, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .toSorted()
    .flatMap(file => patternsIn(`src/${file}`, fs.readFileSync(path.join(checkout, 'src', file), 'utf8')));
  const judged = new Map<string, Growth>();
  let faults = 0;
  for (const pattern of patterns) {
    const { source, flags, claim } = pattern;
    const isJudged = source !== undefined && claim !== 'unchecked';
    const key = `/${source ?? '...'}/${flags}`;
    const growth = isJudged ? (judged.get(key) ?? known.get(key) ?? growthOf(source, flags)) : 'unknown';
    if (isJudged && growth !== 'unknown') judged.set(key, growth);
    const fault = faultOf(pattern, growth);
    if (fault === undefined) continue;
    faults += 1;
    console.error(`${pattern.file}:${pattern.line}: ${key} ${fault}`);
  }
  const added = [...judged.keys()].filter(key => !known.has(key)).length;
  if (options.includes('--keep')) {
    const sorted = Object.fromEntries([...judged].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    fs.writeFileSync(record, `${JSON.stringify(sorted, undefined, 2)}\n`);
  } else if (added > 0) {
    console.error(`${added} judged anew: npm run lint:patterns -- --keep`);
  }
  if (faults > 0) console.error(`${patterns.length} patterns, ${faults} faults`);
  return faults === 0 ? 0 : 1;
}

// The native program of recheck keeps running, so the process has to exit explicitly.
if (import.meta.main) process.exit(main(process.argv.slice(2)));

/** Edits a JSON5 text and leaves its comments, order, quoting, spacing, commas and line ends as they are. */
import { isList } from '../json/value.ts';
import type { ValuePath } from '../json/without-change.ts';
import {
  type Json5Array,
  type Json5Node,
  type Json5Object,
  type Json5Value,
  memberOf,
  parseJson5,
} from './json5.ts';

export type Json5Path = ValuePath;

/**
 * Sets a value, and creates the missing objects on its path.
 *
 * @param path keys of objects and indexes of arrays; an index equal to the length of an array appends to it
 * @returns the text, with only that value changed
 * @throws Json5SyntaxError for a text that is not JSON5
 * @throws RangeError for a path through a value that is neither an object nor an array
 */
export function withValue(text: string, path: Json5Path, value: Json5Value): string {
  const root = parseJson5(text);
  const style = styleOf(text, root);
  let node = root;
  for (const [depth, step] of path.entries()) {
    const next = childOf(node, step);
    if (next !== undefined) {
      node = next;
      continue;
    }
    const rest = path.slice(depth + 1).toReversed();
    const inside = rest.reduce<Json5Value>((inner, key) => ({ [key]: inner }), value);
    return withEntry(text, node, step, inside, style);
  }
  const indent = indentAt(text, node.start);
  return spliced(text, [[node.start, node.end, rendered(value, indent, style)]]);
}

/**
 * Removes a value, with its key, its comma and the line that it has for itself. Comments stay.
 *
 * @param path as for {@link withValue}; of several members with one name, the last is removed
 * @returns the text as it is when there is no such value
 * @throws Json5SyntaxError for a text that is not JSON5
 */
export function withoutValue(text: string, path: Json5Path): string {
  const step = path.at(-1);
  let container: Json5Node | undefined = parseJson5(text);
  for (const each of path.slice(0, -1)) container = container && childOf(container, each);
  const value = container && step !== undefined ? childOf(container, step) : undefined;
  if (container === undefined || container.kind === 'scalar' || value === undefined) return text;
  const entries: readonly (readonly [start: number, end: number])[] =
    container.kind === 'object'
      ? container.members.map(member => [member.start, member.value.end])
      : container.items.map(item => [item.start, item.end]);
  const index = entries.findIndex(([, end]) => end === value.end);
  const [start = 0, end = 0] = entries[index] ?? [];
  const isLast = index === entries.length - 1;
  const { commas, tail } = container;
  const comma = isLast && !tail.hasComma ? undefined : commas[index];
  // Without a comma behind the last entry, there is none behind the one that is the last now.
  const commaBefore = isLast && comma === undefined ? commas[index - 1] : undefined;
  const ofComma = (at: number | undefined) => (at === undefined ? [] : [[at, at + 1, ''] as const]);
  const isOwnComma = comma !== undefined && !/\S/.test(text.slice(end, comma));
  const [from, to] = withBlanks(text, start, isOwnComma ? comma + 1 : end, isLast);
  return spliced(text, [...ofComma(commaBefore), [from, to, ''], ...(isOwnComma ? [] : ofComma(comma))]);
}

/** A span with the rest of its lines where nothing else stands in them, or else with the blanks on one side. */
function withBlanks(text: string, start: number, end: number, isLast: boolean): readonly [number, number] {
  const before = lineBefore(text, start);
  const [blanks = '', lineEnd] =
    /^[^\S\n\r\u2028\u2029]*(\r\n|[\n\r\u2028\u2029])?/.exec(text.slice(end)) ?? [];
  if (/^\s*$/.test(before) && lineEnd !== undefined) return [start - before.length, end + blanks.length];
  return isLast
    ? [start - (before.length - before.trimEnd().length), end]
    : [start, end + blanks.length - (lineEnd ?? '').length];
}

function childOf(node: Json5Node, step: string | number): Json5Node | undefined {
  if (typeof step === 'string') return memberOf(node, step)?.value;
  return node.kind === 'array' ? node.items[step] : undefined;
}

function withEntry(
  text: string,
  container: Json5Node,
  step: string | number,
  value: Json5Value,
  style: Json5Style,
): string {
  const isRoom =
    typeof step === 'string'
      ? container.kind === 'object'
      : container.kind === 'array' && step === container.items.length;
  if (container.kind === 'scalar' || !isRoom) throw new RangeError(`there is no place for ${step}`);
  const own = { ...style, ...keyStyleOf(container) };
  const entry = (indent: string) => {
    const written = rendered(value, indent, own);
    return typeof step === 'string' ? `${writtenKey(step, own)}: ${written}` : written;
  };
  const entries = startsOf(container);
  const outer = indentAt(text, container.start);
  const { tail, end } = container;
  if (isOnOneLine(text, container) && (entries.length > 0 || !style.isSpread)) {
    const space = container.kind === 'object' && entries.length === 0 ? ' ' : '';
    const before = entries.length === 0 ? space : tail.hasComma ? ' ' : ', ';
    const behind = tail.hasComma ? ',' : space;
    return spliced(text, [[tail.end, tail.end, before + entry(outer) + behind]]);
  }
  const last = endOfLast(container);
  const indent = innerIndent(text, entries, outer, style);
  const comma = last === undefined || tail.hasComma ? [] : [[last, last, ','] as const];
  // Without a line end before the closing bracket a new one is needed; after a comment there always is one.
  const isClosedOnItsLine = !/[\n\r\u2028\u2029]/.test(text.slice(tail.end, end - 1));
  const closing = isClosedOnItsLine ? `${style.lineEnd}${outer}` : '';
  const behind = (entries.length === 0 ? style.hasTrailingCommas : tail.hasComma) ? ',' : '';
  return spliced(text, [
    ...comma,
    [tail.end, tail.end, `${style.lineEnd}${indent}${entry(indent)}${behind}${closing}`],
  ]);
}

function startsOf(container: Json5Object | Json5Array): readonly number[] {
  const entries = container.kind === 'object' ? container.members : container.items;
  return entries.map(({ start }) => start);
}

function endOfLast(container: Json5Object | Json5Array): number | undefined {
  return container.kind === 'object' ? container.members.at(-1)?.value.end : container.items.at(-1)?.end;
}

function isOnOneLine(text: string, { start, end }: Json5Node): boolean {
  return !/[\n\r\u2028\u2029]/.test(text.slice(start, end));
}

/** The indentation of the first entry that begins a line. */
function innerIndent(text: string, entries: readonly number[], outer: string, { unit }: Json5Style): string {
  const first = entries.find(start => /^\s*$/.test(lineBefore(text, start)));
  return first === undefined ? outer + unit : indentAt(text, first);
}

function indentAt(text: string, offset: number): string {
  return /^[^\S\uFEFF]*/.exec(lineBefore(text, offset).replace(/^\uFEFF/, ''))?.[0] ?? '';
}

const lineEnds = ['\n', '\r', '\u2028', '\u2029'];

function lineBefore(text: string, offset: number): string {
  const before = text.slice(0, offset);
  return before.slice(Math.max(...lineEnds.map(end => before.lastIndexOf(end))) + 1);
}

/** Replaces spans of a text; they are sorted and do not overlap. */
function spliced(
  text: string,
  splices: readonly (readonly [from: number, to: number, by: string])[],
): string {
  let at = 0;
  let result = '';
  for (const [from, to, by] of splices) {
    result += text.slice(at, from) + by;
    at = to;
  }
  return result + text.slice(at);
}

/** The writing style of a text. */
interface Json5Style extends KeyStyle {
  readonly lineEnd: string;
  /** One level of indentation. */
  readonly unit: string;
  readonly quote: '"' | "'";
  readonly hasTrailingCommas: boolean;
  /** Whether the text has more than one line. */
  readonly isSpread: boolean;
}

interface KeyStyle {
  /** Undefined when keys have no quotes. */
  readonly keyQuote: '"' | "'" | undefined;
}

function styleOf(text: string, root: Json5Node): Json5Style {
  const nodes = [...nodesBelow(root)];
  const inner = nodes.find(
    node => node.kind !== 'scalar' && !isOnOneLine(text, node) && startsOf(node).length > 0,
  );
  const [start = 0] = inner === undefined || inner.kind === 'scalar' ? [] : startsOf(inner);
  const outer = inner === undefined ? '' : indentAt(text, inner.start);
  const indent = indentAt(text, start);
  const firstText = nodes.find(({ kind, start: at }) => kind === 'scalar' && /["']/.test(text[at] ?? ''));
  return {
    lineEnd: /\r\n|\n/.exec(text)?.[0] ?? '\n',
    unit: indent.startsWith(outer) && indent !== outer ? indent.slice(outer.length) : '  ',
    quote: text[firstText?.start ?? -1] === "'" ? "'" : '"',
    keyQuote: '"',
    ...nodes.map(keyStyleOf).find(style => style !== undefined),
    hasTrailingCommas: nodes.some(
      node => node.kind !== 'scalar' && node.tail.hasComma && !isOnOneLine(text, node),
    ),
    isSpread: /[\n\r]/.test(text.trim()),
  };
}

/** The style of the last key of an object; undefined for an empty object. */
function keyStyleOf(node: Json5Node): KeyStyle | undefined {
  const written = node.kind === 'object' ? node.members.at(-1)?.written : undefined;
  if (written === undefined) return undefined;
  const [first] = written;
  return { keyQuote: first === '"' || first === "'" ? first : undefined };
}

function* nodesBelow(node: Json5Node): Iterable<Json5Node> {
  yield node;
  if (node.kind === 'object') for (const { value } of node.members) yield* nodesBelow(value);
  if (node.kind === 'array') for (const item of node.items) yield* nodesBelow(item);
}

function rendered(value: Json5Value, indent: string, style: Json5Style): string {
  if (typeof value === 'string') return json5String(value, style.quote);
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = indent + style.unit;
  const isArray = isList(value);
  const entries = isArray
    ? value.map(item => rendered(item, inner, style))
    : Object.entries(value).map(
        ([key, each]) => `${writtenKey(key, style)}: ${rendered(each, inner, style)}`,
      );
  const [open, close] = isArray ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return `${open}${close}`;
  const line = isArray ? `[${entries.join(', ')}]` : `{ ${entries.join(', ')} }`;
  const isShort = !/[\n\r]/.test(line) && indent.length + line.length <= widest;
  if (!style.isSpread || isShort) return line;
  const comma = style.hasTrailingCommas ? ',' : '';
  const lines = entries.join(`,${style.lineEnd}${inner}`);
  return `${open}${style.lineEnd}${inner}${lines}${comma}${style.lineEnd}${indent}${close}`;
}

const widest = 90;

function writtenKey(key: string, { keyQuote, quote }: Json5Style): string {
  if (keyQuote !== undefined) return json5String(key, keyQuote);
  return plainName.test(key) ? key : json5String(key, quote);
}

/** Excludes reserved words: JSON5 allows them as names without quotes, but some readers do not. */
const plainName =
  /^(?!(?:break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|new|null|return|super|switch|this|throw|true|try|typeof|var|void|while|with)$)[A-Za-z_$][\w$]*$/;

function json5String(text: string, quote: '"' | "'"): string {
  const json = JSON.stringify(text).replaceAll(/[\u2028\u2029]/g, each =>
    each === '\u2028' ? '\\u2028' : '\\u2029',
  );
  if (quote === '"') return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

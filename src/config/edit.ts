/** Edits a configuration file and leaves its comments, order and quoting as they are. */
import { serviceName, shortServiceName } from '../systemd/unit-name.ts';
import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  stringify,
  visit,
  type YAMLMap,
} from 'yaml';

/**
 * Sets `probe: auto` for services, and leaves every other byte.
 *
 * @param text text of a valid file; empty for a new one
 * @param units full names of the services
 */
export function withProbes(text: string, units: readonly string[]): string {
  return units.reduce(withProbe, text);
}

function withProbe(text: string, unit: string): string {
  const wanted = withoutAliases(parseDocument(text, { stringKeys: true }));
  const key = keyOf(unit, wanted.get('units'));
  const path = ['units', key] as const;
  if (!isMap(wanted.get('units'))) wanted.set('units', wanted.createNode({}));
  if (isMap(wanted.getIn(path))) wanted.setIn([...path, 'probe'], 'auto');
  else wanted.setIn(path, { probe: 'auto' });
  return firstLike(wanted, text, [withValue(text, [...path, 'probe'], 'auto')]);
}

/** What an alias stands for may not be the same for all any longer: each has it written out. */
function withoutAliases(document: Document.Parsed): Document.Parsed {
  visit(document, { Alias: (_, alias) => document.createNode(alias.resolve(document)?.toJS(document)) });
  return document;
}

/**
 * Sets `notify.language`, and leaves every other byte.
 *
 * @param text text of a valid file; empty for a new one
 */
export function withLanguage(text: string, language: string): string {
  const wanted = parseDocument(text, { stringKeys: true });
  if (!isMap(wanted.get('notify'))) wanted.set('notify', wanted.createNode({}));
  wanted.setIn(['notify', 'language'], language);
  return firstLike(wanted, text, [
    withLines(text, ['notify'], [`language: ${language}`]),
    withValue(text, ['notify', 'language'], language),
  ]);
}

/** A channel of Telegram, as it is written. */
export interface TelegramChannel {
  readonly type: 'telegram';
  readonly name?: string;
  /** A reference. */
  readonly token: string;
  readonly chat: number | string;
  readonly api?: string;
}

/**
 * Adds a channel, and leaves every other byte.
 *
 * @param text text of a valid file; empty for a new one
 */
export function withChannel(text: string, channel: TelegramChannel): string {
  const [first = '', ...rest] = Object.entries(channel).map(
    ([key, value]) => `${key}: ${plainOrQuoted(value)}`,
  );
  const item = [`- ${first}`, ...rest.map(line => `  ${line}`)];
  const before = parseDocument(text, { stringKeys: true }).getIn(['notify', 'channels'], true);
  const hasList = isSeq(before) && before.items.length > 0;
  const inserted = hasList
    ? withLines(text, ['notify', 'channels'], item)
    : before === undefined
      ? withLines(text, ['notify'], ['channels:', ...item.map(line => `  ${line}`)])
      : undefined;
  const wanted = parseDocument(text, { stringKeys: true });
  if (!isMap(wanted.get('notify'))) wanted.set('notify', wanted.createNode({}));
  if (!isSeq(wanted.getIn(['notify', 'channels'])))
    wanted.setIn(['notify', 'channels'], wanted.createNode([]));
  const list = wanted.getIn(['notify', 'channels']);
  if (isSeq(list)) list.items.unshift(wanted.createNode(channel));
  return firstLike(wanted, text, [
    inserted,
    withFirstItem(text, before, channel),
    withValue(text, ['notify', 'channels'], [channel]),
  ]);
}

/** A text that YAML would read as something else is quoted as in JSON. */
function plainOrQuoted(value: string | number): string {
  return typeof value === 'number' || /^[A-Za-z][\w./:~-]*$/.test(value)
    ? String(value)
    : JSON.stringify(value);
}

/**
 * The first of the texts that say what is wanted. Where none does (anchors, aliases, several documents), the whole file is written anew,
 * with its comments and their order.
 */
function firstLike(wanted: Document, text: string, edited: readonly (string | undefined)[]): string {
  const same = edited.find(each => each !== undefined && isSame(each, wanted));
  return same ?? wanted.toString({ lineWidth: 0, flowCollectionPadding: !bareBrace.test(text) });
}

function isSame(text: string, wanted: Document): boolean {
  const read = parseDocument(text, { stringKeys: true });
  return read.errors.length === 0 && isDeepStrictEqual(read.toJS(), wanted.toJS());
}

/** The text with a value at a path, behind what is there; undefined where an alias or a value of another kind is in the way. */
function withValue(text: string, path: readonly [string, ...string[]], value: unknown): string | undefined {
  let node: unknown = parseDocument(text, { stringKeys: true }).contents;
  for (const [depth, key] of path.entries()) {
    const within = path.slice(depth + 1).reduceRight<unknown>((inner, each) => ({ [each]: inner }), value);
    if (node === null) return appended(text, '', { [key]: within });
    if (!isMap(node)) return undefined;
    const pair: Pair | undefined = node.items.find(each => isScalar(each.key) && each.key.value === key);
    if (pair === undefined) return withEntry(text, node, { [key]: within });
    if (isEmpty(pair.value) && depth < path.length - 1) return withContent(text, pair, within);
    node = pair.value;
  }
  if (!isScalar(node)) return undefined;
  const [start, end] = node.range ?? [0, 0];
  return spliced(text, start, end, inFlow(value, text));
}

/** A key without a value, with or without a comment. */
function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null && value.source === '');
}

function withEntry(text: string, map: YAMLMap, entry: object): string {
  const [start, end] = map.range ?? [0, 0];
  if (map.flow !== true) {
    const at = behindLine(text, endOf(map));
    return appended(text, ' '.repeat(start - lineStart(text, start)), entry, at);
  }
  const written = inFlow(entry, text).slice(1, -1).trim();
  return map.items.length === 0
    ? spliced(text, start, end, inFlow(entry, text))
    : spliced(text, endOf(map), endOf(map), `, ${written}`);
}

/** Fills in a key that has no value yet: in the lines below it. */
function withContent(text: string, { key }: Pair, content: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  const [start, end] = key.range ?? [0, 0];
  const column = start - lineStart(text, start);
  return appended(text, ' '.repeat(column + 2), content, behindLine(text, end));
}

/** The text with a first item in a list that is written in one line. */
function withFirstItem(text: string, list: unknown, item: object): string | undefined {
  if (!isSeq(list) || list.flow !== true) return undefined;
  const [start, end] = list.range ?? [0, 0];
  const [first] = list.items;
  if (!isNode(first)) return spliced(text, start, end, `[${inFlow(item, text)}]`);
  const at = first.range?.[0] ?? start + 1;
  return spliced(text, at, at, `${inFlow(item, text)}, `);
}

/** Lines in blocks at a place where a line begins; without it at the end. */
function appended(text: string, indent: string, content: unknown, at = text.length): string {
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = stringify(content, { lineWidth: 0 }).trimEnd().split('\n');
  const before = text.slice(0, at);
  const separator = before === '' || before.endsWith('\n') ? '' : ending;
  return before + separator + lines.map(line => `${indent}${line}${ending}`).join('') + text.slice(at);
}

function inFlow(value: unknown, text: string): string {
  const flowCollectionPadding = !bareBrace.test(text) && /\{ /.test(text);
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding }).trimEnd();
}

/** Where the last value in a node ends. */
function endOf(node: unknown): number {
  if (isMap(node)) {
    const last = node.items.at(-1);
    if (last !== undefined && node.flow !== true) return Math.max(endOf(last.key), endOf(last.value));
    if (last !== undefined) return isNode(last.value) ? (last.value.range?.[1] ?? 0) : endOf(last.key);
  }
  if (isSeq(node) && node.flow !== true) return Math.max(node.range?.[0] ?? 0, endOf(node.items.at(-1)));
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** The beginning of the line behind the one in which a value ends; a text in lines of its own ends with one. */
function behindLine(text: string, end: number): number {
  if (text[end - 1] === '\n') return end;
  const at = text.indexOf('\n', end);
  return at === -1 ? text.length : at + 1;
}

function spliced(text: string, start: number, end: number, now: string): string {
  return text.slice(0, start) + now + text.slice(end);
}

/**
 * The text with lines at the beginning of a mapping or list, which is added where it is `notify` and there is none. The result may
 * be invalid.
 */
function withLines(text: string, keys: readonly [string, ...string[]], lines: readonly string[]): string {
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const block = (indent: string) => lines.map(line => `${indent}${line}${ending}`).join('');
  let pair: Pair | undefined;
  let node: unknown = parseDocument(text, { stringKeys: true }).contents;
  for (const key of keys) {
    pair = isMap(node) ? node.items.find(each => isScalar(each.key) && each.key.value === key) : undefined;
    node = pair?.value;
  }
  if (pair === undefined) {
    const separator = text === '' || text.endsWith('\n') ? '' : ending;
    return `${text}${separator}notify:${ending}${block('  ')}`;
  }
  const first = isMap(node) ? node.items[0]?.key : isSeq(node) ? node.items[0] : undefined;
  const start = isNode(first) ? (first.range?.[0] ?? 0) : 0;
  const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1, start))?.[0] ?? '';
  const keyEnd = isScalar(pair.key) ? (pair.key.range?.[1] ?? 0) : 0;
  const lineEnd = text.indexOf('\n', keyEnd);
  if (lineEnd === -1) return `${text}${ending}${block('  ')}`;
  return `${text.slice(0, lineEnd + 1)}${block(start > lineEnd ? indent : '  ')}${text.slice(lineEnd + 1)}`;
}

/** A mapping in one line without inner spaces, such as `{critical: false}`: then all mappings are written this way. */
const bareBrace = /\{[^\s}]/;

/** The key that the file uses for the unit, or else its name without `.service`. */
function keyOf(unit: string, units: unknown): string {
  const keys = isMap(units) ? units.items.map(({ key }) => String(key)) : [];
  return keys.find(key => serviceName(key) === unit) ?? shortServiceName(unit);
}

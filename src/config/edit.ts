/** Edits a configuration file and leaves its comments, order and quoting as they are. */
import { serviceName, shortServiceName } from '../systemd/unit-name.ts';
import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isNode, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml';

/**
 * Sets `probe: auto` for services.
 *
 * @param text text of a valid file; empty for a new one
 * @param units full names of the services
 */
export function withProbes(text: string, units: readonly string[]): string {
  const document = parseDocument(text, { stringKeys: true });
  for (const unit of units) {
    const key = keyOf(unit, document.get('units'));
    const path = ['units', key];
    if (!isMap(document.get('units'))) document.set('units', document.createNode({}));
    if (isMap(document.getIn(path))) document.setIn([...path, 'probe'], 'auto');
    else document.setIn(path, onlyProbe(document, document.getIn(path, true)));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: !bareBrace.test(text) });
}

/**
 * Sets `notify.language`, and leaves every other byte where the file is written in blocks.
 *
 * @param text text of a valid file; empty for a new one
 */
export function withLanguage(text: string, language: string): string {
  const inserted = withLines(text, ['notify'], [`language: ${language}`]);
  const read = parseDocument(inserted, { stringKeys: true });
  if (read.errors.length === 0 && read.getIn(['notify', 'language']) === language) return inserted;
  const document = parseDocument(text, { stringKeys: true });
  if (!isMap(document.get('notify'))) document.set('notify', document.createNode({}));
  document.setIn(['notify', 'language'], language);
  return document.toString({ lineWidth: 0, flowCollectionPadding: !bareBrace.test(text) });
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
 * Adds a channel, and leaves every other byte where the file is written in blocks.
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
  return inserted !== undefined && isSame(inserted, wanted)
    ? inserted
    : wanted.toString({ lineWidth: 0, flowCollectionPadding: !bareBrace.test(text) });
}

/** A text that YAML would read as something else is quoted as in JSON. */
function plainOrQuoted(value: string | number): string {
  return typeof value === 'number' || /^[A-Za-z][\w./:~-]*$/.test(value)
    ? String(value)
    : JSON.stringify(value);
}

function isSame(text: string, wanted: Document): boolean {
  const read = parseDocument(text, { stringKeys: true });
  return read.errors.length === 0 && isDeepStrictEqual(read.toJS(), wanted.toJS());
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

/** A mapping that replaces an empty value and keeps its comment. */
function onlyProbe(document: Document, before: unknown): Node {
  const node = document.createNode({ probe: 'auto' });
  if (isScalar(before) && before.comment) node.commentBefore = before.comment;
  return node;
}

/** The key that the file uses for the unit, or else its name without `.service`. */
function keyOf(unit: string, units: unknown): string {
  const keys = isMap(units) ? units.items.map(({ key }) => String(key)) : [];
  return keys.find(key => serviceName(key) === unit) ?? shortServiceName(unit);
}

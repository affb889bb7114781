/** Edits a configuration file and leaves its comments, order and quoting as they are. */
import { serviceName, shortServiceName } from '../systemd/unit-name.ts';
import { type Document, isMap, isScalar, type Node, parseDocument } from 'yaml';

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
  const inserted = withLine(text, `language: ${language}`);
  const read = parseDocument(inserted, { stringKeys: true });
  if (read.errors.length === 0 && read.getIn(['notify', 'language']) === language) return inserted;
  const document = parseDocument(text, { stringKeys: true });
  if (!isMap(document.get('notify'))) document.set('notify', document.createNode({}));
  document.setIn(['notify', 'language'], language);
  return document.toString({ lineWidth: 0, flowCollectionPadding: !bareBrace.test(text) });
}

/** The text with a line in the mapping `notify`, which is added where there is none. The result may be invalid. */
function withLine(text: string, line: string): string {
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const { contents } = parseDocument(text, { stringKeys: true });
  const pair = isMap(contents)
    ? contents.items.find(({ key }) => isScalar(key) && key.value === 'notify')
    : undefined;
  if (pair === undefined) {
    const separator = text === '' || text.endsWith('\n') ? '' : ending;
    return `${text}${separator}notify:${ending}  ${line}${ending}`;
  }
  const first = isMap(pair.value) ? pair.value.items[0]?.key : undefined;
  const start = isScalar(first) ? (first.range?.[0] ?? 0) : 0;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const keyEnd = isScalar(pair.key) ? (pair.key.range?.[1] ?? 0) : 0;
  const lineEnd = text.indexOf('\n', keyEnd);
  if (lineEnd === -1) return `${text}${ending}  ${line}${ending}`;
  return `${text.slice(0, lineEnd + 1)}${start > lineEnd ? indent : '  '}${line}${ending}${text.slice(lineEnd + 1)}`;
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

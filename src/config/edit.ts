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

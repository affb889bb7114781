/** Changes to a configuration file that leave its comments, order and quoting as they are. */
import { type Document, isMap, isScalar, type Node, parseDocument } from 'yaml';
import { serviceName } from './schema.ts';

/**
 * Has services asked by the probes that daruma knows for them.
 *
 * @param text of a valid file; empty for a new one
 * @param units full names
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

/** A mapping in one line that begins without a space, `{critical: false}`: then all of them are written so. */
const bareBrace = /\{[^\s}]/;

/** What stands in place of an empty value, with the comment that stood beside it. */
function onlyProbe(document: Document, before: unknown): Node {
  const node = document.createNode({ probe: 'auto' });
  if (isScalar(before) && before.comment) node.commentBefore = before.comment;
  return node;
}

/** As the file calls the unit, else its name as people say it. */
function keyOf(unit: string, units: unknown): string {
  const keys = isMap(units) ? units.items.map(({ key }) => String(key)) : [];
  return keys.find(key => serviceName(key) === unit) ?? unit.replace(/\.service$/, '');
}

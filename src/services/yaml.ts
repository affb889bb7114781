/** YAML that others have written: the library, loaded with the first file, and what it takes not to be brought down by one. */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { once } from '../systemd/remember.ts';

/** Most hosts have no file of YAML, and the library's seventy files take a tenth of a short check. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- require() knows no types
export const yaml = once(() => createRequire(import.meta.url)('yaml') as typeof Yaml);

/** No configuration nests deeper. */
export const deepestYaml = 200;

/**
 * Whether a text nests deeper than {@link deepestYaml}. To be asked before it is parsed: the library (2.9) calls itself for
 * each level, and 16 KB of brackets end the whole process (V8 gives up on a regular expression when the stack is full).
 */
export function isTooDeepYaml(text: string): boolean {
  if (text.length <= deepestYaml) return false;
  const { Lexer, Parser } = yaml();
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) if (token.type === 'error') break;
    // Of each level there is a collection, and at the top a document and a scalar.
    if (parser.stack.length > deepestYaml + 2) return true;
  }
  return false;
}

/**
 * What each alias of a document stands for, found in one pass: `alias.resolve()` goes through the whole document. A node may
 * hold an alias of itself.
 */
export function aliasedNodes(document: Yaml.Document): ReadonlyMap<Yaml.Alias, Yaml.Node> {
  const anchors = new Map<string, Yaml.Node>();
  const meant = new Map<Yaml.Alias, Yaml.Node>();
  yaml().visit(document, {
    Alias: (_, alias) => {
      const node = anchors.get(alias.source);
      if (node !== undefined) meant.set(alias, node);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return meant;
}

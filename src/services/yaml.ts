/** Reads YAML that others have written: loads the library with the first file, and protects daruma from harmful files. */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { once } from '../systemd/remember.ts';

/**
 * The library is loaded when it is needed: most hosts have no YAML file, and its seventy files take a tenth of a short
 * check.
 */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- require() knows no types
export const yaml = once(() => createRequire(import.meta.url)('yaml') as typeof Yaml);

/** Limit of levels: no configuration is nested deeper. */
export const deepestYaml = 200;

/** Without the test for equal keys, which compares each key with each other one. */
type YamlOptions = Omit<
  Yaml.ParseOptions & Yaml.DocumentOptions & Yaml.SchemaOptions,
  'prettyErrors' | 'uniqueKeys' | 'logLevel'
>;

/**
 * Parses the one document of a text, like the library's `parseDocument()`.
 *
 * The library (2.9) calls itself for each level, and 16 KB of brackets end the whole process (V8 fails on a regular
 * expression when the stack is full). So the levels are counted while the text is cut into tokens, before the document
 * is built.
 *
 * @returns undefined when the text is nested deeper than {@link deepestYaml}
 */
export function parseYaml(text: string, options: YamlOptions): Yaml.Document | undefined {
  const { Composer, YAMLParseError } = yaml();
  const tokens = tokensOf(text, options.lineCounter);
  if (tokens === undefined) return undefined;
  const composer = new Composer({ ...options, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  const [document, another] = composer.compose(tokens, true, text.length);
  if (another !== undefined) {
    const [start, end] = another.range;
    document?.errors.push(new YAMLParseError([start, end], 'MULTIPLE_DOCS', 'several documents'));
  }
  return document;
}

/** The tokens of a text; undefined when it has too many levels. */
function tokensOf(text: string, lines: Yaml.LineCounter | undefined): readonly Yaml.CST.Token[] | undefined {
  const { Lexer, Parser } = yaml();
  const parser = new Parser(lines?.addNewLine);
  const tokens: Yaml.CST.Token[] = [];
  lines?.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // Each level has a collection; the top has a document and a scalar.
    if (parser.stack.length > deepestYaml + 2) return undefined;
  }
  tokens.push(...parser.end());
  return tokens;
}

/**
 * Finds the node of each alias of a document in one pass: `alias.resolve()` searches the whole document for each alias.
 * A node may contain an alias of itself.
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

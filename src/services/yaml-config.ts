/** Reads a configuration in YAML: each value with its line, and each fault as data. */
import type { Alias, Document, LineCounter, Node } from 'yaml';
import type { Limit } from '../systemd/host/limit.ts';
import { type ConfigNode, entriesOf, itemsOf } from './config-node.ts';
import type { ConfigProblem } from './config-problem.ts';
import { aliasedNodes, deepestYaml, parseYaml, yaml } from './yaml.ts';

export type Mapping = ConfigNode & { readonly kind: 'object' };

export interface YamlReading {
  readonly file: string;
  /** The version that the program reads. */
  readonly version: '1.1' | '1.2';
  /** Takes what is wrong with the text. */
  readonly problems: ConfigProblem[];
}

/** The mapping that a text is; undefined for any other text. */
export function yamlMapping(text: string, { file, version, problems }: YamlReading): Mapping | undefined {
  const known = lastParsed.get(version);
  const parsed = known?.file === file && known.text === text ? known : parse(text, file, version);
  lastParsed.set(version, parsed);
  problems.push(...parsed.problems);
  return parsed.root;
}

interface Parsed {
  readonly file: string;
  readonly text: string;
  readonly root: Mapping | undefined;
  readonly problems: readonly ConfigProblem[];
}

/** A fix checks each unit repeatedly as it would be after the fix, with unchanged configurations. */
const lastParsed = new Map<YamlReading['version'], Parsed>();

function parse(text: string, file: string, version: YamlReading['version']): Parsed {
  const problems: ConfigProblem[] = [];
  return { file, text, root: parseText(text, { file, version, problems }), problems };
}

function parseText(text: string, { file, version, problems }: YamlReading): Mapping | undefined {
  const { LineCounter } = yaml();
  const lines = new LineCounter();
  const document = parseYaml(text, { lineCounter: lines, version });
  if (document === undefined) {
    const limit = { of: 'levels', most: deepestYaml } as const;
    problems.push({ code: 'beyond-limit', source: { file, line: null }, limit });
    return undefined;
  }
  const [error] = document.errors;
  if (error !== undefined) {
    const end = text.trimEnd().length;
    const { line, col } = lines.linePos(Math.min(error.pos[0], end));
    problems.push({
      code: 'bad-syntax',
      source: { file, line },
      column: col,
      isAtEnd: error.pos[0] >= end,
    });
    return undefined;
  }
  const nodes = new Nodes(document, file, lines);
  const root = nodes.node(document.contents, 1, 0);
  if (nodes.metLimit !== undefined) {
    problems.push({ code: 'beyond-limit', source: { file, line: null }, limit: nodes.metLimit });
  }
  if (root?.kind === 'object') return root;
  if (root !== undefined) problems.push({ code: 'bad-value', source: root.source, key: '' });
  return undefined;
}

/** Converts the nodes of a YAML document; an alias becomes a copy of its anchor's value. */
class Nodes {
  /** The limit at which the conversion stopped; undefined when everything was converted. */
  metLimit: Limit | undefined;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #anchored: ReadonlyMap<Alias, Node>;
  #count = 0;

  constructor(document: Document, file: string, lines: LineCounter) {
    this.#anchored = aliasedNodes(document);
    this.#file = file;
    this.#lines = lines;
  }

  /**
   * @param line the line of its key
   * @param depth how many nodes contain it; the contents of an alias count as well, since an alias may refer to a node
   * that contains it
   */
  node(written: unknown, line: number, depth: number): ConfigNode | undefined {
    const { isAlias, isMap, isScalar, isSeq } = yaml();
    const node = isAlias(written) ? this.#anchored.get(written) : written;
    this.#count += 1;
    // Aliases of aliases can expand to more than fits into memory.
    if (this.#count > mostNodes) this.metLimit ??= { of: 'values', most: mostNodes };
    else if (depth > deepestYaml) this.metLimit ??= { of: 'levels', most: deepestYaml };
    if (this.#count > mostNodes || depth > deepestYaml) return undefined;
    const source = { file: this.#file, line };
    if (isSeq(node)) {
      const items = node.items.flatMap(item => this.node(item, this.#lineOf(item, line), depth + 1) ?? []);
      return { kind: 'list', source, items };
    }
    if (isMap(node)) {
      const entries = new Map<string, ConfigNode>();
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.source ?? key.value) : '';
        const entry = this.node(value, this.#lineOf(key, line), depth + 1);
        if (name === '<<') {
          for (const [each, inherited] of [entry, ...itemsOf(entry)].flatMap(entriesOf)) {
            if (!entries.has(each)) entries.set(each, inherited);
          }
        } else if (entry !== undefined) entries.set(name, entry);
      }
      return { kind: 'object', source, entries };
    }
    if (!isScalar(node)) return undefined;
    const { value } = node;
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return { kind: 'value', source, value: isPlain ? value : null };
  }

  #lineOf(written: unknown, otherwise: number): number {
    const { isAlias, isMap, isScalar, isSeq } = yaml();
    if (!isScalar(written) && !isMap(written) && !isSeq(written) && !isAlias(written)) return otherwise;
    const offset = written.range?.[0];
    return offset === undefined ? otherwise : this.#lines.linePos(offset).line;
  }
}

const mostNodes = 200_000;

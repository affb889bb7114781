/** Reads the text of a configuration file, validates it, and knows the line of every value. */
import { serviceName } from '../systemd/unit-name.ts';
import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  visit,
} from 'yaml';
import { fieldOf, isMapping } from '../json/value.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { aliasedNodes, parseYaml } from '../services/yaml.ts';
import { countedAfter, toldOfAKind } from './counted.ts';
import { faultsOf, type LocatedFault, type Path } from './faults.ts';
import type { ConfigurationProblem, ConfigurationFault, Position, SyntaxFault } from './problem.ts';
import { channelName } from './channel-name.ts';
import { configurationSchema, type WrittenConfiguration } from './schema.ts';

/** A valid file. */
export interface Configuration {
  readonly file: string;
  readonly written: WrittenConfiguration;
  /** The line that sets a value; null for a value that the file leaves out. */
  sourceOf(path: Path): SourceLine | null;
}

/**
 * Reads a configuration.
 *
 * @param file name of the file in sources
 * @returns the configuration, or its problems in the order of lines: the first ones of each kind, and the number of further ones
 */
export function readConfiguration(
  content: Uint8Array,
  file: string,
): Configuration | readonly ConfigurationProblem[] {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
  const lines = new LineCounter();
  // What is missing at the end is missing behind the last line that there is.
  const end = text.trimEnd().length;
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, end));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refusal = refusalOf(content, text);
  if (refusal !== undefined) return [refusal];
  const document = parse(text, lines);
  if (document === undefined) return [syntaxProblem(text, 0, 'too-deep')];
  const aliased = aliasedNodes(document);
  const unreadable = syntaxFaultsOf(document, aliased, end);
  if (unreadable.length > 0) {
    return counted(
      oneALine(
        unreadable.map(({ offset, fault }) => ({ ...position(offset), fault: { code: 'syntax', fault } })),
      ),
    );
  }
  const raw: unknown = document.toJS() ?? {};
  const result = configurationSchema.safeParse(raw);
  const positionOf = (path: Path, at: 'key' | 'value') =>
    position(offsetOf(document, aliased, path, at) ?? 0);
  const faults = [
    ...(result.success ? [] : faultsOf(result.error.issues, raw)),
    ...repeatedUnits(raw, path => positionOf(path, 'key').line),
    ...(result.success ? repeatedNames(result.data, path => positionOf(path, 'value').line) : []),
  ];
  if (!result.success || faults.length > 0) {
    return counted(
      distinct(
        faults.map(({ path, at, fault }) => ({ ...positionOf(path, at), fault })).toSorted(byPosition),
      ),
    );
  }
  return {
    file,
    written: result.data,
    sourceOf: path => {
      const offset = offsetOf(document, aliased, path, 'key');
      return offset === undefined ? null : { file, line: position(offset).line };
    },
  };
}

/** The problem of a file that is not parsed at all, such as one that is too large. */
function refusalOf(content: Uint8Array, text: string): ConfigurationProblem | undefined {
  if (content.byteLength > largestFileBytes) return syntaxProblem(text, 0, 'too-large');
  if (!isUtf8(content)) return syntaxProblem(text, Math.max(0, text.indexOf('\ufffd')), 'not-utf8');
  return undefined;
}

function syntaxProblem(text: string, offset: number, fault: SyntaxFault): ConfigurationProblem {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1, fault: { code: 'syntax', fault } };
}

/** The file belongs to the host, which may be foreign, so its size is limited. */
const largestFileBytes = 1024 * 1024;

/** YAML 1.2: `off`, `yes` and `no` are texts. Keys are always texts, since a unit may be called `1`. */
function parse(text: string, lineCounter: LineCounter): Document | undefined {
  return parseYaml(text, { lineCounter, stringKeys: true });
}

/** Keeps the first problem of each line: one fault of the syntax often causes others in the same line. */
function oneALine(problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] {
  const sorted = problems.toSorted(byPosition);
  return sorted.filter(({ line }, index) => sorted[index - 1]?.line !== line);
}

/** Removes duplicates: a value that several aliases refer to is validated at each use. */
function distinct(problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] {
  const seen = new Set<string>();
  return problems.filter(problem => {
    const text = JSON.stringify(problem);
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

/** The first problems of each kind and the number of further ones: each line of a file may have a problem. */
function counted(problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] {
  const kinds = Map.groupBy(problems, ({ fault }) => ('fault' in fault ? fault.fault : fault.code));
  return [...kinds.values()].flatMap(alike => countedAfter(toldOfAKind, alike)).toSorted(byPosition);
}

interface SyntaxProblem {
  readonly offset: number;
  readonly fault: SyntaxFault;
}

/** @param end where the text ends, without white space */
function syntaxFaultsOf(document: Document, aliased: Aliased, end: number): readonly SyntaxProblem[] {
  const found = [...document.errors, ...document.warnings].map(({ code, pos: [offset] }) => ({
    offset,
    // No indentation helps where nothing follows.
    fault: code === 'BAD_INDENT' && offset >= end ? 'not-closed' : (syntaxFaults[code] ?? 'other'),
  }));
  const all = [...found, ...repeatedKeys(document)];
  return all.length > 0 ? all : aliasFaults(document, aliased);
}

/** Finds repeated keys. The check of the library compares each key with every other one, which is quadratic. */
function repeatedKeys(document: Document): readonly SyntaxProblem[] {
  const found: SyntaxProblem[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (known.has(key.value)) found.push({ offset: key.range?.[0] ?? 0, fault: 'duplicate-key' });
        known.add(key.value);
      }
    },
  });
  return found;
}

const syntaxFaults: { readonly [C in ErrorCode]?: SyntaxFault } = {
  TAB_AS_INDENT: 'tab',
  BAD_INDENT: 'indentation',
  MISSING_CHAR: 'not-closed',
  BLOCK_AS_IMPLICIT_KEY: 'nested-key',
  MULTIPLE_DOCS: 'several-documents',
  BAD_ALIAS: 'alias',
  ALIAS_PROPS: 'alias',
  TAG_RESOLVE_FAILED: 'tag',
  BAD_DQ_ESCAPE: 'escape',
};

/** Faults of aliases: no anchor, an alias inside its own anchor, or nested aliases that expand to too many nodes. */
function aliasFaults(document: Document, aliased: Aliased): readonly SyntaxProblem[] {
  const found: SyntaxProblem[] = [];
  visit(document, {
    Alias: (_, alias, path) => {
      const node = aliased.get(alias);
      if (node === undefined || path.includes(node))
        found.push({ offset: alias.range?.[0] ?? 0, fault: 'alias' });
    },
  });
  if (found.length > 0) return found;
  try {
    document.toJS();
    return [];
  } catch (error) {
    if (error instanceof ReferenceError) return [{ offset: 0, fault: 'alias' }];
    throw error;
  }
}

function isUtf8(content: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

/** Finds units that are named twice: of `litellm` and `litellm.service` the second would silently override the first. */
function repeatedUnits(raw: unknown, lineOf: (path: Path) => number): readonly LocatedFault[] {
  const units = fieldOf(raw, 'units');
  if (!isMapping(units)) return [];
  const firstKeys = new Map<string, string>();
  const faults: LocatedFault[] = [];
  for (const key of Object.keys(units)) {
    const unit = serviceName(key);
    const first = firstKeys.get(unit);
    if (first === undefined) {
      firstKeys.set(unit, key);
      continue;
    }
    const fault: ConfigurationFault = { code: 'repeated-unit', unit, line: lineOf(['units', first]) };
    faults.push({ path: ['units', key], at: 'key', fault });
  }
  return faults;
}

/** Finds names used twice: the outbox stores messages by the name of the channel, and a machine is one node. */
function repeatedNames(
  { notify, nodes }: WrittenConfiguration,
  lineOf: (path: Path) => number,
): readonly LocatedFault[] {
  return [
    ...repeated(
      'repeated-channel',
      (notify?.channels ?? []).map(channelName),
      ['notify', 'channels'],
      lineOf,
    ),
    ...repeated(
      'repeated-node',
      (nodes ?? []).map(({ name }) => name),
      ['nodes'],
      lineOf,
    ),
  ];
}

function repeated(
  code: 'repeated-channel' | 'repeated-node',
  names: readonly string[],
  list: Path,
  lineOf: (path: Path) => number,
): readonly LocatedFault[] {
  const firsts = new Map<string, number>();
  return names.flatMap((name, index): readonly LocatedFault[] => {
    const first = firsts.get(name);
    if (first === undefined) {
      firsts.set(name, index);
      return [];
    }
    const fault: ConfigurationFault = { code, name, line: lineOf([...list, first]) };
    return [{ path: [...list, index], at: 'value', fault }];
  });
}

/** The offset of a key or of its value; undefined when the file does not contain it. */
function offsetOf(document: Document, aliased: Aliased, path: Path, at: 'key' | 'value'): number | undefined {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0];
  for (const segment of path) {
    const resolved: Node | null | undefined = isAlias(node) ? aliased.get(node) : node;
    const entry = entryOf(resolved, segment);
    if (entry === undefined) return undefined;
    node = entry.value;
    // An empty value has no position, so its key is used; an entry of a list has no key.
    offset = (at === 'value' && !isEmpty(node) ? node : (entry.key ?? node))?.range?.[0];
  }
  return offset;
}

/** The node that each alias refers to. */
type Aliased = ReturnType<typeof aliasedNodes>;

interface Entry {
  readonly key: Node | undefined;
  readonly value: Node | null;
}

function entryOf(node: Node | null | undefined, segment: PropertyKey): Entry | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    return isNode(item) ? { key: undefined, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const entries = entriesByKey.get(node) ?? new Map<string, Entry>();
  if (!entriesByKey.has(node)) {
    entriesByKey.set(node, entries);
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (isScalar(key) && name !== undefined && !entries.has(name))
        entries.set(name, { key, value: isNode(value) ? value : null });
    }
  }
  return entries.get(String(segment));
}

/** An index of entries, since each line may have a fault whose entry is looked up. */
const entriesByKey = new WeakMap<Node, Map<string, Entry>>();

function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function byPosition(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}

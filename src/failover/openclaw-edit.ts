/** Sets values in an OpenClaw configuration, each in the file that contains it: the configuration or a file that it includes. */
import path from 'node:path';
import { isList, isMapping } from '../json/value.ts';
import { type Json5Path, withValue } from '../services/json5-edit.ts';
import { type Json5Node, type Json5Value, memberOf, parseJson5, valueOf } from '../services/json5.ts';

export interface ConfigEdit {
  /** Path from the root of the whole configuration, as if it were one file. */
  readonly path: Json5Path;
  readonly value: Json5Value;
}

/** A value that cannot be set, because its surrounding object is merged from several files. */
export class ScatteredValue extends Error {
  readonly path: Json5Path;

  constructor(at: Json5Path, options: ErrorOptions) {
    super(`${at.join('.')} stands in several files`, options);
    this.name = 'ScatteredValue';
    this.path = at;
  }
}

/**
 * The new texts of the files that change.
 *
 * @param file path of the configuration
 * @param read reads the configuration or a file that it includes
 * @throws Json5SyntaxError; ScatteredValue; the errno error of a file that cannot be read
 */
export function editedFiles(
  file: string,
  edits: readonly ConfigEdit[],
  read: (file: string) => string,
): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  const current = (each: string) => changed.get(each) ?? read(each);
  for (const { path: wanted, value } of edits) {
    const { file: home, inside } = placeOf(file, wanted, current);
    try {
      changed.set(home, withValue(current(home), inside, value));
    } catch (error) {
      throw error instanceof RangeError ? new ScatteredValue(wanted, { cause: error }) : error;
    }
  }
  return changed;
}

interface Place {
  readonly file: string;
  /** The path inside that file. */
  readonly inside: Json5Path;
  /** The number of steps of the path that exist. */
  readonly found: number;
}

/** The file and path of a value; for a missing value, those where the longest part of its path exists. */
function placeOf(file: string, wanted: Json5Path, read: (file: string) => string): Place {
  return deepest({ file, root: [], wanted, chain: [file], read }, parseJson5(read(file)), 0);
}

interface Search {
  readonly file: string;
  /** The part of the path above this file, since an included file begins inside the configuration. */
  readonly root: Json5Path;
  readonly wanted: Json5Path;
  readonly chain: readonly string[];
  readonly read: (file: string) => string;
}

function deepest(search: Search, node: Json5Node, found: number): Place {
  const { file, root, wanted } = search;
  const here: Place = { file, inside: wanted.slice(root.length), found };
  const step = wanted[found];
  if (step === undefined) return here;
  const next = childOf(node, step);
  const own = next === undefined ? here : deepest(search, next, found + 1);
  // Values beside `$include` override included ones, and later files override earlier ones.
  const included = includesOf(node)
    .toReversed()
    .flatMap(name => inIncluded(search, name, found) ?? []);
  return included.reduce((best, place) => (place.found > best.found ? place : best), own);
}

function inIncluded(search: Search, name: string, found: number): Place | undefined {
  const { file, wanted, chain, read } = search;
  const included = path.posix.resolve(path.posix.dirname(file), name);
  if (chain.includes(included)) return undefined;
  const below: Search = {
    file: included,
    root: wanted.slice(0, found),
    wanted,
    chain: [...chain, included],
    read,
  };
  return deepest(below, parseJson5(read(included)), found);
}

function childOf(node: Json5Node, step: string | number): Json5Node | undefined {
  if (typeof step === 'string') return memberOf(node, step)?.value;
  return node.kind === 'array' ? node.items[step] : undefined;
}

function includesOf(node: Json5Node): readonly string[] {
  const include = memberOf(node, '$include');
  const names = include === undefined ? [] : [valueOf(include.value)].flat();
  return names.filter(name => typeof name === 'string');
}

/** The value with an edit made. */
export function withEdit(value: Json5Value | undefined, { path: wanted, value: to }: ConfigEdit): Json5Value {
  const [step, ...rest] = wanted;
  if (step === undefined) return to;
  const edit = { path: rest, value: to };
  if (typeof step === 'number') {
    const items = isList(value) ? value : [];
    return [...items.slice(0, step), withEdit(items[step], edit), ...items.slice(step + 1)];
  }
  const members = isMapping(value) ? value : {};
  const own = Object.hasOwn(members, step) ? members[step] : undefined;
  return { ...members, [step]: withEdit(own, edit) };
}

/**
 * OpenClaw's configuration as OpenClaw reads it: JSON5, included files, variables. Every value has its line.
 *
 * Sources: docs.openclaw.ai/gateway/configuration, docs.openclaw.ai/help/environment; read and run: openclaw 2026.9.6
 * (`config/includes.ts`, `config/env-substitution.ts`, `config/paths.ts`, `infra/dotenv.ts`).
 */
import path from 'node:path';
import { parseEnv } from 'node:util';
import type { Limit } from '../systemd/host/limit.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { type ConfigNode, entriesOf, nodeAt, scalarOf } from './config-node.ts';
import type { ConfigProblem } from './config-problem.ts';
import {
  deepestJson5,
  Json5DepthError,
  type Json5Member,
  type Json5Node,
  json5Places,
  Json5SyntaxError,
  memberOf,
  parseJson5,
  valueOf,
} from './json5.ts';
import { byDefault, type Origin } from './origin.ts';
import type { OwnFiles } from './own-files.ts';

/** The process that reads a configuration: its environment, and the files that it sees. */
export interface OpenclawReader {
  readonly files: OwnFiles;
  /** A variable of the process's environment. */
  variable(name: string): string | undefined;
  /** Where its environment has a variable from; left out where that is not known. */
  variableOrigin?(name: string): Origin | undefined;
  /** Whether its whole environment is known. */
  readonly isComplete: boolean;
  /** The absolute path for one within its working directory; left out, or undefined, where that is not known. */
  resolve?(file: string): string | undefined;
}

export interface OpenclawPlaces {
  /** `openclaw.json` */
  readonly file: string;
  /** The folder that contains `.env`, agents and sessions. */
  readonly stateFolder: string;
  /** What OpenClaw reads after that `.env`, beside the usual folder only: `~/.config/openclaw/gateway.env`. */
  readonly spareEnvironmentFile?: string;
}

/**
 * Finds the files of a process; undefined when they are not known.
 *
 * @param profile the profile on the command line, else that of OPENCLAW_PROFILE
 */
export function openclawPlaces(
  variable: (name: string) => string | undefined,
  profile: string | undefined,
): OpenclawPlaces | undefined {
  const system = variable('HOME');
  const expanded = (file: string | undefined) =>
    system === undefined ? file : file?.replace(/^~(?=\/|$)/, () => system);
  const home = expanded(given(variable('OPENCLAW_HOME'))) ?? system;
  const name = given(profile);
  const suffix = name === undefined || name.toLowerCase() === 'default' ? '' : `-${name}`;
  const stateFolder =
    expanded(given(variable('OPENCLAW_STATE_DIR'))) ??
    (home === undefined ? undefined : path.posix.join(home, `.openclaw${suffix}`));
  const file =
    expanded(given(variable('OPENCLAW_CONFIG_PATH'))) ??
    (stateFolder === undefined ? undefined : path.posix.join(stateFolder, 'openclaw.json'));
  if (file === undefined) return undefined;
  const isUsual = home !== undefined && stateFolder === path.posix.join(home, '.openclaw');
  return {
    file,
    stateFolder: stateFolder ?? path.posix.dirname(file),
    ...(isUsual ? { spareEnvironmentFile: path.posix.join(home, '.config/openclaw/gateway.env') } : {}),
  };
}

/** An empty value counts as not set; so do two words that scripts write by mistake. */
function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' || trimmed === 'undefined' || trimmed === 'null' ? undefined : trimmed;
}

export interface OpenclawConfig {
  readonly file: string;
  /** The `.env` that OpenClaw reads variables from, whether it exists or not. */
  readonly environmentFile: string;
  /** `missing` and `unknown` concern the file itself; of a file that was read, parts may be missing (`problems`). */
  readonly state: 'read' | 'missing' | 'unknown';
  /** Undefined when nothing of it could be read. */
  readonly root: ConfigNode | undefined;
  /** What OpenClaw refuses or warns about when it reads it, in the order of reading. */
  readonly problems: readonly ConfigProblem[];
  /** The file itself, and then the files that it includes. */
  readonly files: readonly string[];
  /** A text with its variables replaced; undefined for any other value, and when a variable is not set. */
  text(node: ConfigNode | undefined): string | undefined;
  /** The value that `${NAME}` has in the configuration. */
  variable(name: string): string | undefined;
  /** Whether a variable is set where texts are filled in: one of the section whose value names another one is set later. */
  isSetForTexts(name: string): boolean;
  /** All values that a variable is given, in the order of their weight: the first one counts. */
  valuesOf(name: string): readonly GivenValue[];
  /** Whether a variable without a value certainly has none: all that could set it was read. */
  readonly knowsVariables: boolean;
}

/** The value of a variable, and what gives it. */
export interface GivenValue {
  readonly value: string;
  readonly origin: Origin;
}

/** Reads the configuration. Its faults become {@link OpenclawConfig.problems}; everything else is read nevertheless. */
export function readOpenclawConfig(
  { file, stateFolder, spareEnvironmentFile }: OpenclawPlaces,
  reader: OpenclawReader,
): OpenclawConfig {
  const sources = new Sources(file, reader);
  const { state, root } = sources.readRoot();
  const environmentFile = path.posix.join(stateFolder, '.env');
  const dotenv = dotenvVariables(environmentFile, reader.files);
  const spare =
    spareEnvironmentFile === undefined ? none : dotenvVariables(spareEnvironmentFile, reader.files);
  const outside = (name: string) =>
    reader.variable(name) || dotenv?.get(name) || spare?.get(name) || undefined;
  const section = sectionVariables(root, outside);
  // A variable of the process comes first, then `.env`, then the section `env`; an empty value counts as not set.
  const valuesOf = (name: string) => {
    const inSection = section.get(name);
    const values = [
      { value: reader.variable(name), origin: reader.variableOrigin?.(name) ?? byDefault },
      { value: dotenv?.get(name), origin: fileOrigin(environmentFile) },
      { value: spare?.get(name), origin: fileOrigin(spareEnvironmentFile ?? '') },
      { value: inSection?.value, origin: fileOrigin(inSection?.file ?? file) },
    ];
    return values.flatMap(({ value, origin }) => (value ? [{ value, origin }] : []));
  };
  const variable = (name: string) => valuesOf(name)[0]?.value;
  const inTexts = (name: string) => outside(name) ?? section.get(name)?.early;
  const isComplete =
    reader.isComplete &&
    dotenv !== undefined &&
    spare !== undefined &&
    !importsShellVariables(root, reader) &&
    !readsAnother(environmentFile, reader);
  const unset = root === undefined || !isComplete ? [] : [...missingVariables(root, variable)];
  return {
    file,
    environmentFile,
    state,
    root,
    problems: [...sources.problems, ...unset],
    files: sources.files,
    text: node => filledIn(node, inTexts),
    variable,
    isSetForTexts: name => inTexts(name) !== undefined,
    valuesOf,
    knowsVariables: isComplete,
  };
}

/** A file that is being read. */
interface ReadFile {
  /** The files that include it, from the first one to the file itself. */
  readonly chain: readonly string[];
  readonly sourceOf: (offset: number) => SourceLine;
}

/** Reads the configuration and the files that it includes. */
class Sources {
  readonly problems: ConfigProblem[] = [];
  readonly files: string[] = [];
  #includesLeft = mostIncludes;
  #charactersLeft = mostCharacters;
  readonly #file: string;
  readonly #reader: OpenclawReader;
  /** The folders from which files may be included: that of the configuration, and those of OPENCLAW_INCLUDE_ROOTS. */
  readonly #roots: readonly string[];

  constructor(file: string, reader: OpenclawReader) {
    this.#file = path.posix.normalize(file);
    this.#reader = reader;
    const more = reader.variable('OPENCLAW_INCLUDE_ROOTS')?.split(':') ?? [];
    this.#roots = [path.posix.dirname(this.#file), ...more.filter(folder => folder.startsWith('/'))];
  }

  readRoot(): { readonly state: OpenclawConfig['state']; readonly root: ConfigNode | undefined } {
    const content = this.#reader.files.read(this.#file);
    if (content.state !== 'read') return { state: content.state, root: undefined };
    this.files.push(this.#file);
    const root = this.#parse(content.text, this.#file, [this.#file]);
    if (root === undefined || root.kind === 'object') return { state: 'read', root };
    this.problems.push({ code: 'bad-value', source: { file: this.#file, line: 1 }, key: '' });
    return { state: 'read', root: undefined };
  }

  /** @param chain the files that include this one, from the first one to the file itself */
  #parse(text: string, file: string, chain: readonly string[]): ConfigNode | undefined {
    try {
      const placeOf = json5Places(text);
      const sourceOf = (offset: number) => ({ file, line: placeOf(offset).line });
      const root = parseJson5(text);
      return this.#node(root, root.start, [], { chain, sourceOf });
    } catch (error) {
      if (error instanceof Json5SyntaxError) {
        const { line, column } = error.place;
        this.problems.push({
          code: 'bad-syntax',
          source: { file, line },
          column,
          isAtEnd: error.isAtEnd,
        });
      } else if (error instanceof Json5DepthError) {
        const source = { file, line: error.place.line };
        this.#noteLimit(source, { of: 'levels', most: deepestJson5 });
      } else throw error;
      return undefined;
    }
  }

  /** @param start where the value begins, or its key if it has one */
  #node(node: Json5Node, start: number, keys: readonly string[], reading: ReadFile): ConfigNode | undefined {
    const source = reading.sourceOf(start);
    if (node.kind === 'array') {
      const items = node.items.flatMap(
        (item, index) => this.#node(item, item.start, [...keys, String(index)], reading) ?? [],
      );
      return { kind: 'list', source, items };
    }
    if (node.kind === 'scalar') return { kind: 'value', source, value: node.value };
    const entries = new Map<string, ConfigNode>();
    for (const { key, start: at, value } of node.members) {
      if (key === includeKey) continue;
      const own = this.#node(value, at, [...keys, key], reading);
      if (own !== undefined) entries.set(key, own);
    }
    const own: ConfigNode = { kind: 'object', source, entries };
    const include = memberOf(node, includeKey);
    return include === undefined ? own : this.#included(include, keys, reading, own);
  }

  /** Keys beside `$include` override the included file, and later files override earlier ones. */
  #included(
    { value, start }: Json5Member,
    keys: readonly string[],
    { chain, sourceOf }: ReadFile,
    own: ConfigNode & { readonly kind: 'object' },
  ): ConfigNode | undefined {
    const source = sourceOf(start);
    const names = value.kind === 'array' ? value.items.map(valueOf) : [valueOf(value)];
    const files = names.filter(name => typeof name === 'string');
    const key = [...keys, includeKey].join('.');
    if (files.length < names.length) this.problems.push({ code: 'bad-value', source, key });
    const included = files.flatMap(name => this.#load(name, source, chain) ?? []);
    // A list or a text can only be included by a single file, without other keys beside it.
    const [first] = included;
    if (own.entries.size === 0 && value.kind !== 'array') return first ?? own;
    if (own.entries.size > 0 && first !== undefined && first.kind !== 'object') {
      this.problems.push({ code: 'bad-value', source, key });
      return own;
    }
    return [...included, own].reduce(merged);
  }

  /** Notes each limit once: a file may exceed it a million times. */
  #noteLimit(source: SourceLine, limit: Limit): void {
    const isKnown = this.problems.some(
      problem =>
        problem.code === 'beyond-limit' &&
        problem.limit.of === limit.of &&
        problem.source.file === source.file,
    );
    if (!isKnown) this.problems.push({ code: 'beyond-limit', source, limit });
  }

  #load(name: string, source: SourceLine, chain: readonly string[]): ConfigNode | undefined {
    if (this.#includesLeft === 0) {
      this.#noteLimit(source, { of: 'files', most: mostIncludes });
      return undefined;
    }
    this.#includesLeft -= 1;
    const file = path.posix.resolve(path.posix.dirname(chain.at(-1) ?? this.#file), name);
    const problem = this.#refusal(file, chain);
    if (problem !== undefined) {
      this.problems.push({ code: problem, source, file });
      return undefined;
    }
    const content = this.#reader.files.read(file);
    if (content.state !== 'read') {
      const code = content.state === 'missing' ? 'missing-file' : 'unreadable-file';
      this.problems.push({ code, source, file });
      return undefined;
    }
    if (!this.files.includes(file)) this.files.push(file);
    this.#charactersLeft -= content.text.length;
    if (this.#charactersLeft < 0) {
      this.#noteLimit(source, { of: 'characters', most: mostCharacters });
      return undefined;
    }
    return this.#parse(content.text, file, [...chain, file]);
  }

  #refusal(
    file: string,
    chain: readonly string[],
  ): 'include-outside' | 'include-circle' | 'include-too-deep' | undefined {
    const { files } = this.#reader;
    const real = files.resolve(file);
    const isInside = (place: string, roots: readonly string[]) =>
      roots.some(root => place === root || place.startsWith(root === '/' ? root : `${root}/`));
    const realRoots = this.#roots.map(root => files.resolve(root) ?? root);
    if (!isInside(file, this.#roots)) return 'include-outside';
    if (real !== undefined && !isInside(real, realRoots)) return 'include-outside';
    if (chain.includes(file)) return 'include-circle';
    return chain.length > deepestInclude ? 'include-too-deep' : undefined;
  }
}

const includeKey = '$include';

/** OpenClaw's own limit of includes inside each other; the configuration itself does not count. */
const deepestInclude = 10;

/** Limit of included files. Files that each include two others, ten levels deep, are a thousand; OpenClaw has no such limit. */
const mostIncludes = 256;
/** Limit of the length of all included files, in characters. */
const mostCharacters = 8 * 1024 * 1024;

/** Merges two values: mappings key by key, lists one after the other; for all others, the later value counts. */
function merged(below: ConfigNode, above: ConfigNode): ConfigNode {
  if (below.kind === 'list' && above.kind === 'list') {
    return { ...above, items: [...below.items, ...above.items] };
  }
  if (below.kind !== 'object' || above.kind !== 'object') return above;
  const entries = new Map(below.entries);
  for (const [key, value] of above.entries) {
    const lower = entries.get(key);
    entries.set(key, lower === undefined ? value : merged(lower, value));
  }
  return { ...above, entries };
}

/** Limit in characters: no address or key is longer. A file may contain `${NAME}` a million times, with a long variable. */
const longestFilledIn = 1024 * 1024;

/** `${NAME}`; `$${NAME}` stands for the text `${NAME}`. */
const variables = /(\$?)\$\{([A-Z_][A-Z0-9_]*)\}/g;

function filledIn(
  node: ConfigNode | undefined,
  variable: (name: string) => string | undefined,
): string | undefined {
  const value = scalarOf(node);
  return typeof value === 'string' ? filledText(value, variable) : undefined;
}

function filledText(value: string, variable: (name: string) => string | undefined): string | undefined {
  let isComplete = true;
  let charactersLeft = longestFilledIn;
  const filled = value.replaceAll(variables, (written, escape: string, name: string) => {
    if (escape !== '') return written.slice(1);
    const found = variable(name);
    charactersLeft -= found?.length ?? 0;
    isComplete &&= found !== undefined && charactersLeft >= 0;
    return isComplete ? (found ?? written) : '';
  });
  return isComplete ? filled : undefined;
}

/** The names of the variables in a text. */
export function* variablesIn(text: string): Iterable<string> {
  for (const [, escape, name = ''] of text.matchAll(variables)) {
    if (escape === '') yield name;
  }
}

/**
 * What is written like a variable in a text and is not one to OpenClaw, which then takes the text as it stands: a name with small
 * letters, and any of a shell's forms (`${NAME:-text}`). Undefined when there is none.
 *
 * Run: openclaw 2026.9.6, which sent `Bearer ${X:-abc}`.
 */
export function seemingVariable(text: string): string | undefined {
  for (const [written, escape] of text.matchAll(/(\$?)\$\{[^}]*\}?/g)) {
    if (escape === '' && !/^\$\{[A-Z_][A-Z0-9_]*\}$/.test(written)) return written;
  }
  return undefined;
}

function* missingVariables(
  node: ConfigNode,
  variable: (name: string) => string | undefined,
): Iterable<ConfigProblem> {
  if (node.kind === 'object') {
    for (const entry of node.entries.values()) yield* missingVariables(entry, variable);
  } else if (node.kind === 'list') {
    for (const item of node.items) yield* missingVariables(item, variable);
  } else if (typeof node.value === 'string') {
    for (const name of variablesIn(node.value)) {
      if (variable(name) === undefined) yield { code: 'missing-variable', source: node.source, name };
    }
  }
}

/**
 * `env: { vars: { NAME: "value" } }`; older versions also take it beside `vars`. A value may name variables, also others of the section, but none
 * that name some themselves: such a one is not set yet when OpenClaw fills them in, and is left out (run: openclaw 2026.9.6). For the same
 * reason it is not set in texts of the configuration, which are filled in with them; keys and headers are looked up later.
 */
function sectionVariables(
  root: ConfigNode | undefined,
  outside: (name: string) => string | undefined,
): ReadonlyMap<string, SectionVariable> {
  const section = nodeAt(root, 'env');
  const written = [...entriesOf(section), ...entriesOf(nodeAt(section, 'vars'))].flatMap(([name, node]) => {
    const value = scalarOf(node);
    return typeof value === 'string' ? [{ name, value, file: node.source.file }] : [];
  });
  const isPlain = ({ value }: { readonly value: string }) => [...variablesIn(value)].length === 0;
  const plain = new Map(written.filter(isPlain).map(({ name, value }) => [name, value]));
  const known = (name: string) => outside(name) ?? (plain.get(name) || undefined);
  return new Map(
    written.flatMap(({ name, value, file }) => {
      const filled = isPlain({ value }) ? value : filledText(value, known);
      const isSet = filled !== undefined && (filled === value || isPlain({ value: filled }));
      const early = isPlain({ value }) && value !== '' ? value : undefined;
      return isSet ? [[name, { value: filled, early, file }] as const] : [];
    }),
  );
}

interface SectionVariable {
  readonly value: string;
  /** Undefined where it is not set yet when OpenClaw fills in variables. */
  readonly early: string | undefined;
  readonly file: string;
}

function fileOrigin(file: string): Origin {
  return { kind: 'file', file, source: null };
}

const none: ReadonlyMap<string, string | undefined> = new Map();

/** Whether there is a `.env` in the working directory, of which OpenClaw takes some names and leaves others. */
function readsAnother(environmentFile: string, reader: OpenclawReader): boolean {
  const file = reader.resolve?.('.env');
  return file !== undefined && file !== environmentFile && reader.files.read(file).state !== 'missing';
}

/** The variables of a `.env`; undefined when it cannot be read. */
function dotenvVariables(file: string, files: OwnFiles): ReadonlyMap<string, string | undefined> | undefined {
  const content = files.read(file);
  if (content.state === 'unknown') return undefined;
  return new Map(content.state === 'read' ? Object.entries(parseEnv(content.text)) : []);
}

/** Whether OpenClaw imports the variables of a login shell, which cannot be known here. */
function importsShellVariables(root: ConfigNode | undefined, reader: OpenclawReader): boolean {
  const isOn = scalarOf(nodeAt(root, 'env', 'shellEnv', 'enabled'));
  return isOn === true || /^(?:1|true|yes|on)$/i.test(reader.variable('OPENCLAW_LOAD_SHELL_ENV') ?? '');
}

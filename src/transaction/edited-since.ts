/**
 * Takes the change of a fix out of a file that somebody has edited since: out of the values of YAML and JSON5, and out of the lines
 * of anything else.
 */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { editsBetween, type ValueEdit, type ValuePath, withoutChange } from '../json/without-change.ts';
import { type Json5Value, parseJson5, valueOf } from '../services/json5.ts';
import { withoutValue, withValue } from '../services/json5-edit.ts';
import { parseYaml, yaml } from '../services/yaml.ts';

/** The texts of a file; empty where there is none. */
interface Texts {
  readonly before: string;
  readonly after: string;
  readonly now: string;
}

/**
 * The present text without the change of a fix; what others have edited stays.
 *
 * @returns empty when nothing is left; undefined when the change cannot be told from their edit
 */
export function withoutFix(file: string, texts: Texts): string | undefined {
  const format = formatOf(file);
  if (format === undefined) return withoutLines(texts, variablesIn(file));
  try {
    return withoutValues(texts, format);
  } catch {
    // What others have written is no text of this format.
    return undefined;
  }
}

/** The words with which another file refers to this one, or to what the fix has written into it. */
export function wordsFor(file: string, before: string, after: string): readonly string[] {
  if (!variablesIn(file)) return [file];
  const known = new Set(linesOf(before));
  const names = linesOf(after).flatMap(line => (known.has(line) ? [] : (/^\w+(?==)/.exec(line) ?? [])));
  return names.map(name => `\${${name}}`);
}

/** Whether each line of a file stands for itself. */
function variablesIn(file: string): boolean {
  return /^\.env(?:\.|$)|\.env$/.test(path.basename(file));
}

interface Format {
  /** @returns undefined for a text without a value. @throws for one that is not of this format */
  readonly read: (text: string) => unknown;
  /** Ways to make edits, the one that leaves most of the text first; not each suits every text. @throws as `read` */
  readonly ways: readonly ((text: string, edits: readonly ValueEdit[]) => string)[];
}

function formatOf(file: string): Format | undefined {
  if (/\.ya?ml$/.test(file)) return yamlFormat;
  return /\.json5?$/.test(file) ? json5Format : undefined;
}

const json5Format: Format = {
  read: text => (text === '' ? undefined : valueOf(parseJson5(text))),
  ways: [
    (text, edits) =>
      edits.reduce(
        (edited, { path: at, value }) =>
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was read from JSON5
          value === undefined ? withoutValue(edited, at) : withValue(edited, at, value as Json5Value),
        text,
      ),
  ],
};

const yamlFormat: Format = {
  read: text => yamlDocument(text).toJS() ?? undefined,
  ways: [
    (text, edits) => edits.reduce((edited, { path: at }) => withoutLinesOf(edited, at), text),
    (text, edits) => {
      const document = yamlDocument(text);
      for (const { path: at, value } of edits) {
        if (value === undefined) document.deleteIn(at);
        else document.setIn(at, document.createNode(value));
      }
      return document.toString({ lineWidth: 0 });
    },
  ],
};

/** The text without the lines of a value and its key. */
function withoutLinesOf(text: string, at: ValuePath): string {
  const { isMap, isNode } = yaml();
  const document = yamlDocument(text);
  const container = document.getIn(at.slice(0, -1), true);
  const value = document.getIn(at, true);
  const pair = isMap(container) ? container.items.find(each => each.value === value) : undefined;
  const first = pair?.key ?? value;
  const [start] = (isNode(first) ? first.range : undefined) ?? [text.length];
  const [, end] = (isNode(value) ? value.range : undefined) ?? [0, start];
  const isLineEnd = end > start && text[end - 1] === '\n';
  const next = isLineEnd ? end : text.indexOf('\n', end) + 1;
  return text.slice(0, text.lastIndexOf('\n', start - 1) + 1) + (next === 0 ? '' : text.slice(next));
}

function yamlDocument(text: string) {
  const document = parseYaml(text, { stringKeys: true });
  if (document === undefined || document.errors.length > 0) throw new Error('no YAML');
  return document;
}

function withoutValues(texts: Texts, { read, ways }: Format): string | undefined {
  const now = read(texts.now);
  const wanted = withoutChange(read(texts.before), read(texts.after), now);
  if (wanted === undefined) return undefined;
  if (wanted.value === undefined) return onlyComments(texts.now);
  const edits = editsBetween(now, wanted.value);
  // Where the lines are not touched by others, they are again as they were, with their comments.
  return [() => withoutLines(texts, true), ...ways.map(way => () => way(texts.now, edits))]
    .map(way => way())
    .find(text => text !== undefined && isValue(text, wanted.value, read));
}

function isValue(text: string, value: unknown, read: Format['read']): boolean {
  try {
    return isDeepStrictEqual(read(text), value);
  } catch {
    return false;
  }
}

/** The comments of a text that has no value any more. */
function onlyComments(text: string): string {
  const comments = linesOf(text).filter(line => /^\s*(?:#|\/\/|$)/.test(line));
  return comments.some(line => line.trim() !== '') ? comments.join('') : '';
}

/**
 * Takes lines out, unless others have edited the same ones.
 *
 * @param mayTouch whether lines of others may stand right beside them: where lines belong together, nobody knows whose they are then
 */
function withoutLines(texts: Texts, mayTouch: boolean): string | undefined {
  const after = linesOf(texts.after);
  const own = changedLines(after, linesOf(texts.before));
  const others = changedLines(after, linesOf(texts.now));
  const [first, second] = own.from < others.from || own.to <= others.from ? [own, others] : [others, own];
  if (first.to > second.from || (first.to === second.from && !mayTouch)) return undefined;
  const lines = [
    ...after.slice(0, first.from),
    ...first.lines,
    ...after.slice(first.to, second.from),
    ...second.lines,
    ...after.slice(second.to),
  ];
  return lines.slice(0, -1).every(line => line.endsWith('\n')) ? lines.join('') : undefined;
}

/** The lines from one number up to another one, and what stands in their place in another text. */
function changedLines(
  lines: readonly string[],
  other: readonly string[],
): { readonly from: number; readonly to: number; readonly lines: readonly string[] } {
  const most = Math.min(lines.length, other.length);
  let from = 0;
  while (from < most && lines[from] === other[from]) from += 1;
  let same = 0;
  while (same < most - from && lines.at(-1 - same) === other.at(-1 - same)) same += 1;
  return { from, to: lines.length - same, lines: other.slice(from, other.length - same) };
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

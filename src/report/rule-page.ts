/** The pages of the rule reference: finds, reads and shows them in a terminal. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { RuleId } from '../check/finding.ts';
import type { Language } from '../i18n/catalogue.ts';
import { fitTo, padTo, paint, type Terminal, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';
import { breakLines } from './wrap.ts';

/** The path of a rule's page in the package. */
export function rulePage(rule: RuleId, language: Language): string {
  return language === 'en' ? `docs/rules/${rule}.md` : `docs/rules/${rule}.${language}.md`;
}

/** The text of a rule's page; undefined when the package does not contain it. */
export function pageMarkdown(rule: RuleId, language: Language): string | undefined {
  const manifest = createRequire(import.meta.url).resolve('daruma/package.json');
  const file = path.join(path.dirname(manifest), rulePage(rule, language));
  try {
    return fs.readFileSync(file, 'utf8').replaceAll(/^<!-- .*? -->\n+/gm, '');
  } catch {
    return undefined;
  }
}

/**
 * Lays a page out for a terminal: text is wrapped and its markup removed, code is kept unchanged.
 *
 * @param markdown the part of Markdown that the pages use: headings, paragraphs, lists, tables, fenced code
 */
export function renderPage(markdown: string, terminal: Terminal): string {
  return `${blocksOf(markdown)
    .map(block => renderBlock(block, terminal))
    .join('\n\n')}\n`;
}

interface Block {
  /** `output`: the output of a command; `code`: text to copy unchanged. */
  readonly kind: 'heading' | 'text' | 'list' | 'table' | 'code' | 'output';
  readonly lines: readonly string[];
}

function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let fence: string | undefined;
  let fenced: Block['kind'] = 'code';
  const end = (kind: Block['kind'] | undefined) => {
    if (lines.length > 0) blocks.push({ kind: kind ?? kindOf(lines), lines });
    lines = [];
  };
  for (const line of markdown.split('\n')) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence)) {
        end(fenced);
        fence = undefined;
      } else lines.push(line);
    } else if (mark !== undefined) {
      end(undefined);
      fence = mark;
      fenced = line.trim() === `${mark}text` ? 'output' : 'code';
    } else if (line.trim() === '') {
      end(undefined);
    } else if (line.startsWith('#')) {
      end(undefined);
      lines.push(line);
      end('heading');
    } else {
      lines.push(line);
    }
  }
  end(undefined);
  return blocks;
}

function kindOf([first = '']: readonly string[]): Block['kind'] {
  if (listItem.test(first)) return 'list';
  return first.startsWith('|') ? 'table' : 'text';
}

const listItem = /^\s*(?:[-*]|\d+\.) +/;

function renderBlock({ kind, lines }: Block, terminal: Terminal): string {
  switch (kind) {
    case 'heading': {
      const text = (lines[0] ?? '').replace(/^#+ */, '');
      return wrapText(terminal, paint(terminal, 'strong', plainText(text)), [0, 0]);
    }
    case 'text':
      return wrapText(terminal, plainText(joined(lines)), [2, 2]);
    case 'list':
      return listItems(lines)
        .map(item => renderItem(item, terminal))
        .join('\n');
    case 'table':
      return renderTable(lines, terminal);
    case 'code':
      return indented(lines);
    case 'output':
      return indented(fits(lines, terminal) ? lines : reflowed(lines, terminal));
    default:
      return kind satisfies never;
  }
}

const codeIndent = 4;

function indented(lines: readonly string[]): string {
  return lines.map(line => `${' '.repeat(codeIndent)}${line}`.trimEnd()).join('\n');
}

function fits(lines: readonly string[], { columns }: Terminal): boolean {
  return lines.every(line => widthOf(line) + codeIndent <= columns);
}

/** Output of a command, wrapped again for a narrower terminal; lines of files are cut, as in the report itself. */
function reflowed(lines: readonly string[], terminal: Terminal): readonly string[] {
  const narrower = { ...terminal, columns: terminal.columns - codeIndent };
  const paragraphs: { text: string; readonly label: string }[] = [];
  for (const line of lines) {
    const last = paragraphs.at(-1);
    const isFromFile = /^ *(?:> *)?\d+ \|/.test(line);
    if (last !== undefined && last.label !== '' && line.search(/\S/) === widthOf(last.label) && !isFromFile) {
      last.text = joinedTo(last.text, line.trim());
      continue;
    }
    const [label = ''] = (isFromFile ? null : /^ *\S+ {2}(?=\S)/.exec(line)) ?? [];
    paragraphs.push({ text: line.slice(label.length), label });
  }
  return paragraphs.flatMap(({ text, label }) => {
    const indent = widthOf(label);
    if (indent === 0) return [fitTo(narrower, text, narrower.columns)];
    return `${label}${wrapText(narrower, text, [indent, indent]).slice(indent)}`.split('\n');
  });
}

/** The items of a list; a line that does not begin an item continues the one before it. */
function listItems(lines: readonly string[]): readonly string[] {
  const items: string[][] = [];
  for (const line of lines) {
    if (listItem.test(line) || items.length === 0) items.push([line]);
    else items.at(-1)?.push(line);
  }
  return items.map(joined);
}

function renderItem(item: string, terminal: Terminal): string {
  const [marked = ''] = listItem.exec(item) ?? [];
  const depth = marked.length - marked.trimStart().length;
  const mark = marked.trim();
  const shown = mark === '-' || mark === '*' ? (terminal.unicode ? '•' : '-') : mark;
  const indent = 2 + depth + shown.length + 1;
  const wrapped = wrapText(terminal, plainText(item.slice(marked.length)), [indent, indent]);
  return `${' '.repeat(2 + depth)}${shown} ${wrapped.slice(indent)}`;
}

function renderTable(lines: readonly string[], terminal: Terminal): string {
  const rows = lines
    .filter(line => !/^\|[\s|:-]+$/.test(line))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => plainText(cell.trim())),
    );
  const natural = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(row => widthOf(row[column] ?? ''))),
  );
  const widths = narrowed(natural, terminal.columns - 2 - 2 * (natural.length - 1));
  return rows.flatMap(row => tableLines(row, widths)).join('\n');
}

/** Reduces the widest columns until the table fits. */
function narrowed(widths: readonly number[], room: number): readonly number[] {
  const narrower = [...widths];
  while (narrower.reduce((sum, width) => sum + width, 0) > room) {
    const widest = Math.max(...narrower);
    if (widest <= narrowestCell) break;
    narrower[narrower.indexOf(widest)] = widest - 1;
  }
  return narrower;
}

const narrowestCell = 8;

function tableLines(row: readonly string[], widths: readonly number[]): readonly string[] {
  const cells = widths.map((width, column) => breakLines(row[column] ?? '', width, 'broken'));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const parts = cells.map((cell, column) => padTo(cell[line] ?? '', widths[column] ?? 0));
    return `  ${parts.join('  ')}`.trimEnd();
  });
}

/** Joins the lines of a paragraph, without a space between two Chinese characters. */
function joined(lines: readonly string[]): string {
  return lines.map(line => line.trim()).reduce(joinedTo);
}

function joinedTo(text: string, line: string): string {
  return text + (wide.test(text.at(-1) ?? '') && wide.test(line[0] ?? '') ? '' : ' ') + line;
}

const wide = /[\p{Script=Han}\u3000-\u303F\uFF00-\uFF60]/u;

/** A text without its markup. */
function plainText(markdown: string): string {
  return (
    markdown
      // bounded: 64 KiB, a page of this package
      .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
      .replaceAll(/\*\*([^*]+)\*\*/g, '$1')
      .replaceAll(/(?<!\w)\*([^*\s][^*]*)\*(?!\w)/g, '$1')
      .replaceAll(/`([^`]+)`/g, '$1')
      .replaceAll(/\\([\\`*_[\]<>|])/g, '$1')
      // bounded: 64 KiB, a page of this package
      .replaceAll(/<(https?:[^>]+)>/g, '$1')
  );
}

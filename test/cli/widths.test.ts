/**
 * What every command prints fits the terminal. Exceptions, which are there to be copied: paths, commands, lines of files.
 * An error is one line on stderr, for whoever looks for it in a log, and the terminal breaks it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules } from '../../src/check/rules/index.ts';
import { languages } from '../../src/i18n/catalogue.ts';
import { widthOf } from '../../src/report/width.ts';
import { unpackedRoot } from '../support/root.ts';
import { checkout, daruma } from './daruma.ts';

const examples = ['examples/kuma', 'examples/neko', 'examples/kuma-fixed', 'examples/neko-fixed'];
const terminals = [80, 60].flatMap(columns => languages.map(language => ({ columns, language })));

/** A path or an address that fills its line, whatever stands around it: a mark, a comma, the end of a Chinese sentence. */
const isPath = (line: string) =>
  /^\S*\/\S*$/.test(line.trim().replace(/^\+ /, '')) || /^~ \/\S+ {2}/.test(line);
const isCommand = (line: string) =>
  /^ {2,}(?:daruma|systemctl|loginctl|sudo|ssh) |["“]daruma [^"”]+["”]/.test(line);
/** A diff has the lines of files. */
const isOfDiff = (line: string) => /^(?:[-+]|@@| (?:\[|#|[A-Z]\w+=))/.test(line);

async function tooWide(
  args: readonly string[],
  { columns, language }: (typeof terminals)[number],
  isExcused: (line: string) => boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { stdout } = await daruma([...args, '--lang', language], {
    env: { COLUMNS: String(columns), LC_ALL: 'C.UTF-8', ...env },
  });
  expect({ args, isSilent: stdout === '' }).toEqual({ args, isSilent: false });
  return stdout
    .split('\n')
    .filter(line => widthOf(line) > columns && !isOneWord(line) && !isExcused(line))
    .map(line => `${args.join(' ')}: ${widthOf(line)} | ${line}`);
}

/** Whether a line has no place where it could end, behind its label: a path stays whole. */
function isOneWord(line: string): boolean {
  return !/\S /.test(line.replace(/^ *\S+ {2,}/, ''));
}

describe.each(terminals)('in $columns columns, $language', terminal => {
  it.each(examples)('what is said of %s', { timeout: 60_000 }, async root => {
    const commands = [
      ['status'],
      ['explain'],
      ['explain', '--on', 'signal:TERM', '--on', 'hang'],
      ['check', '--verbose'],
      ['failover', 'status'],
      ['config'],
      ['config', 'path'],
      ['config', 'validate'],
    ];
    const found: string[] = [];
    for (const command of commands)
      found.push(...(await tooWide([...command, '--root', root], terminal, isPath)));
    expect(found).toEqual([]);
  });

  it('a fix, what can be taken back, and that it was', { timeout: 60_000 }, async () => {
    const root = unpackedRoot({});
    fs.cpSync(path.join(checkout, 'examples/neko'), root, { recursive: true, verbatimSymlinks: true });
    const isOfFix = (line: string) => isPath(line) || isCommand(line) || isOfDiff(line);
    expect([
      ...(await tooWide(['fix', '--dry-run', '--root', root], terminal, isOfFix)),
      ...(await tooWide(['fix', '--yes', '--root', root], terminal, isOfFix)),
      ...(await tooWide(['undo', '--list', '--root', root], terminal, isPath)),
      ...(await tooWide(['undo', '--root', root], terminal, isPath)),
    ]).toEqual([]);
  });

  it('messages', { timeout: 60_000 }, async () => {
    const name = 'a-channel-with-a-long-name-as-people-give-them';
    const HOME = unpackedRoot({
      '.config/daruma/config.yaml': `notify:\n  channels: [{type: webhook, name: ${name}, url: "http://127.0.0.1:9/"}]\n  quiet: {from: '00:00', to: '23:59'}\n`,
    });
    const found: string[] = [];
    for (const words of [
      ['send', 'x'],
      ['status'],
      ['mute', '2h'],
      ['unmute'],
      ['flush', '--json'],
      ['test'],
    ]) {
      const isDocument = words.includes('--json');
      found.push(...(await tooWide(['notify', ...words], terminal, () => isDocument, { HOME })));
    }
    expect(found).toEqual([]);
  });

  it('the help of every command', async () => {
    const names = 'status explain check fix undo new notify failover rules config completion'.split(' ');
    const found = await Promise.all(
      [[], ...names.map(name => [name])].map(words => tooWide([...words, '--help'], terminal, isCommand)),
    );
    expect(found.flat()).toEqual([]);
  });

  it('every rule, but for the lines of files and the commands in its page', async () => {
    const found = [await tooWide(['rules'], terminal, () => false)];
    for (const { id } of allRules) {
      const page = fs.readFileSync(pageFile(id, terminal.language), 'utf8').split('\n');
      const written = new Set(page.map(line => line.trim()));
      found.push(await tooWide(['rules', id], terminal, line => written.has(line.trim())));
    }
    expect(found.flat()).toEqual([]);
  });
});

function pageFile(id: string, language: (typeof languages)[number]): string {
  return path.join(checkout, 'docs/rules', language === 'en' ? `${id}.md` : `${id}.${language}.md`);
}

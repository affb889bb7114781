/** docs/configuration.md is held to the schema and to what the tool says. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationJsonSchema, type SchemaNode } from '../../src/config/json-schema.ts';
import { readConfiguration } from '../../src/config/read.ts';
import { checkout, daruma } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';

const pages = [
  ['en', 'configuration.md'],
  ['zh-CN', 'configuration.zh-CN.md'],
] as const;

const textOf = (page: string) => fs.readFileSync(path.join(checkout, 'docs', page), 'utf8');

/** The code blocks of a kind. */
function blocks(page: string, kind: string): readonly string[] {
  return [...textOf(page).matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, info, code = '']) =>
    info === kind ? [code] : [],
  );
}

describe.each(pages)('the page in %s', (language, page) => {
  it('explains every key in a table or under a heading of its own, with its default', () => {
    const text = textOf(page);
    const unexplained = [...keysOf(configurationJsonSchema())].filter(([key, fallback]) => {
      const row = new RegExp(`^\\| \`${key}\` \\|.*$`, 'm').exec(text)?.[0];
      if (row === undefined) return !new RegExp(`^###+ ${key}$`, 'm').test(text);
      return fallback !== undefined && !row.endsWith(`| \`${fallback}\` |`);
    });
    expect(unexplained).toEqual([]);
  });

  it('shows nothing that is not valid', () => {
    const examples = blocks(page, 'yaml');
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) {
      expect(readConfiguration(Buffer.from(example), 'config.yaml')).toHaveProperty('written');
    }
  });

  it('shows what is said of what is wrong', async () => {
    const [wrong = ''] = blocks(page, 'yaml wrong');
    const [said = ''] = blocks(page, 'text');
    const cwd = unpackedRoot({ 'config.yaml': wrong });
    const { stderr } = await daruma(['config', 'validate', 'config.yaml', '--lang', language], { cwd });
    expect(stderr.replaceAll(`${cwd}/`, '')).toBe(said);
  });

  it('names commands that there are', async () => {
    const lines = blocks(page, 'sh').flatMap(code => [...code.matchAll(/^daruma (.*?) *#/gm)]);
    expect(lines.length).toBeGreaterThan(2);
    for (const [, line = ''] of lines) {
      expect({
        line,
        code: (await daruma([...line.split(' '), '--root', 'examples/neko-fixed'])).code,
      }).toEqual({
        line,
        code: 0,
      });
    }
  });
});

it('both pages show the same files, comments aside', () => {
  const files = (page: string) =>
    [...blocks(page, 'yaml'), ...blocks(page, 'yaml wrong')].map(code =>
      code.replaceAll(/ +#.*$/gm, '').replaceAll(/(no-hang-detection:).*/g, '$1'),
    );
  expect(files('configuration.zh-CN.md')).toEqual(files('configuration.md'));
});

/** Every key that has a description, with its default. */
function* keysOf(node: SchemaNode): Iterable<readonly [string, string | undefined]> {
  for (const [key, property] of Object.entries(node.properties ?? {})) {
    if (typeof property !== 'object') continue;
    yield [
      key,
      property.default === undefined ? undefined : JSON.stringify(property.default).replaceAll('"', ''),
    ];
    yield* keysOf(property);
  }
  for (const inner of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) yield* keysOf(inner);
  if (typeof node.items === 'object' && !Array.isArray(node.items)) yield* keysOf(node.items);
  if (typeof node.additionalProperties === 'object') yield* keysOf(node.additionalProperties);
}

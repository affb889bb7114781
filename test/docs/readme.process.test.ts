/** The README's example of the library is run. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { checkout } from '../cli/daruma.ts';
import { readDocumentation, readExamples } from './library.ts';

it.each(['README.md', 'README.zh-CN.md'])(
  '%s has an example of the library that does what it says',
  async name => {
    const text = fs.readFileSync(path.join(checkout, name), 'utf8');
    const [, code = ''] = /^```ts\n([^`]+)```$/m.exec(text) ?? [];
    expect(code).toBe(`${readDocumentation()['daruma/systemd'].examples[0]}\n`);
    const [example] = readExamples([code]);
    expect(example?.errors).toEqual([]);
    expect(example?.said).not.toEqual([]);
    expect(await example?.run()).toEqual(example?.said);
  },
);

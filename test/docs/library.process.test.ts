/** Everything that the library exports is described, and what its examples say is so. */
import { describe, expect, it } from 'vitest';
import * as restart from '../../src/restart/index.ts';
import * as systemd from '../../src/systemd/index.ts';
import { readDocumentation, readExamples } from './library.ts';

const documentation = readDocumentation();
const written = Object.entries(documentation).flatMap(([entry, { examples, exports }]) =>
  [{ name: entry, examples }, ...exports].flatMap(({ name, examples: codes }) =>
    codes.map(code => ({ name, code })),
  ),
);
const read = readExamples(written.map(({ code }) => code));

describe.each([
  ['daruma/systemd', systemd],
  ['daruma/restart', restart],
] as const)('%s', (entry, namespace) => {
  const { examples, exports } = documentation[entry];

  it('describes every export', () => {
    expect(exports.length).toBeGreaterThan(20);
    expect(exports.filter(({ description }) => description === '').map(({ name }) => name)).toEqual([]);
  });

  it('has an example of itself and of everything that exists at run time', () => {
    expect(examples).toHaveLength(1);
    const shown = new Set(exports.filter(each => each.examples.length > 0).map(({ name }) => name));
    expect(Object.keys(namespace).filter(name => !shown.has(name))).toEqual([]);
  });
});

describe('the example of', () => {
  it.each(written.map((each, index) => ({ ...each, example: read[index] })))(
    '$name does what it says',
    async ({ name, code, example }) => {
      expect(code).toContain(name);
      expect(example?.errors).toEqual([]);
      expect(example?.said).not.toEqual([]);
      expect(await example?.run()).toEqual(example?.said);
    },
  );
});

describe('an example', () => {
  const from = (code: string) => readExamples([`import { parseBoolean } from 'daruma/systemd';\n${code}`])[0];

  it('that says a wrong value does not agree', async () => {
    const example = from("parseBoolean('yes'); // false\n");
    expect(example?.errors).toEqual([]);
    expect(example?.said).toEqual(["parseBoolean('yes'); // false"]);
    expect(await example?.run()).toEqual(["parseBoolean('yes'); // true"]);
  });

  it('that says the value of a line which is not reached does not agree', async () => {
    const example = from("if (parseBoolean('no')) parseBoolean('yes'); // true\n");
    expect(await example?.run()).toEqual(["parseBoolean('yes'); // (not reached)"]);
  });

  it('that TypeScript refuses, or with a comment behind a line without a value, has errors', () => {
    expect(from('const read = parseBoolean(1); // true\n')?.errors).toEqual([
      expect.stringContaining("'read' is declared"),
      expect.stringContaining("'number' is not assignable"),
      '1 comments say no value',
    ]);
  });
});

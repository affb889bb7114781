import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostLines, parseUnitFile, serializeUnitFile, type UnitFile } from '../../src/systemd/unit-file.ts';

const assignmentsOf = (file: UnitFile) =>
  file.items.flatMap(item => (item.kind === 'assignment' ? [[item.section, item.key, item.value]] : []));
const values = (source: string | Uint8Array) =>
  assignmentsOf(parseUnitFile(source)).map(([, , value]) => value);
const inService = (text: string) => `[Service]\n${text}`;

/** What unit files are made of, and what they had better not be made of. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      '\n\r',
      '\0',
      '\\',
      '\\\n',
      '#',
      ';',
      '[',
      ']',
      '[Service]',
      '=',
      ' ',
      '\t',
    ),
    fc.constantFrom('\uFEFF', 'ä', '\uFFFE', '𝔲', 'Restart=always', 'ExecStart=/bin/true'),
    fc.string({ unit: 'binary', maxLength: 6 }),
  ),
  { maxLength: 40 },
);
const bytes = fc.oneof(
  pieces.map(parts => Buffer.from(parts.join(''))),
  pieces.map(parts => Buffer.from(parts.join(''), 'latin1')),
  fc.uint8Array({ maxLength: 200 }).map(array => Buffer.from(array)),
);

describe('parseUnitFile', () => {
  it('loses nothing, whatever the bytes', () => {
    fc.assert(
      fc.property(bytes, source => {
        const file = parseUnitFile(source);
        expect(serializeUnitFile(file).equals(source)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('loses nothing of lines around and above the limit of systemd', () => {
    for (const length of [2 ** 20 - 2, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1]) {
      for (const letter of ['x', 'ä', '\u00ff']) {
        const source = Buffer.from(
          `[Unit]\n${letter.repeat(length)}\nA=1`,
          letter === 'ä' ? 'utf8' : 'latin1',
        );
        expect(serializeUnitFile(parseUnitFile(source)).equals(source)).toBe(true);
      }
    }
  });

  it('numbers its items by the physical lines they begin in', () => {
    fc.assert(
      fc.property(bytes, source => {
        const { items } = parseUnitFile(source);
        const lines = items.map(item => item.line);
        expect(lines).toEqual([...lines].sort((a, b) => a - b));
        expect(lines.every(line => line >= 1)).toBe(true);
      }),
    );
    const lines = parseUnitFile('# a\n\n[Unit]\nA=1 \\\n# b\n  2\nB=3').items.map(({ kind, line }) => [
      kind,
      line,
    ]);
    expect(lines).toEqual([
      ['comment', 1],
      ['blank', 2],
      ['section', 3],
      ['assignment', 4],
      ['assignment', 7],
    ]);
  });

  it('reads a file the same with any of the line ends', () => {
    const unit = '[Unit]\nA=1\n\n# c\n[Service]\nB=2 \\\n3\n';
    const plain = assignmentsOf(parseUnitFile(unit));
    for (const end of ['\r\n', '\n\r', '\r', '\0', '\n\0']) {
      expect(assignmentsOf(parseUnitFile(unit.replaceAll('\n', end)))).toEqual(plain);
    }
  });
});

describe('section 6', () => {
  it('a backslash at the end of a line joins with a space ("al\\<newline>ways" is invalid)', () => {
    expect(values(inService('Restart=al\\\nways'))).toEqual(['al ways']);
    expect(values(inService('ExecStart=/bin/echo \\\n  a\\\n\\\n  b'))).toEqual(['/bin/echo    a    b']);
  });

  it('a doubled backslash at the end of a line does not join', () => {
    expect(values(inService('A=x\\\\\nB=y'))).toEqual(['x\\\\', 'y']);
  });

  it('comment lines inside a continuation are skipped', () => {
    expect(values(inService('A=x \\\n# no\n ; no \\\n  y\nB=z'))).toEqual(['x    y', 'z']);
  });

  it('there are no inline comments', () => {
    expect(values(inService('Restart=always # really\nA=b;c'))).toEqual(['always # really', 'b;c']);
  });

  it('a backslash at the end of a comment joins nothing', () => {
    expect(values(inService('# comment \\\nA=1'))).toEqual(['1']);
  });

  it('takes a file that is one long continuation', () => {
    const lines = 2 ** 18;
    const file = parseUnitFile(`[Service]\nExecStart=${'a\\\n'.repeat(lines)}b`);
    expect(assignmentsOf(file).map(([, , value]) => value === `${'a '.repeat(lines)}b`)).toEqual([true]);
    expect(parseUnitFile(`[Service]\nExecStart=${'a\\\n'.repeat(2 * lines)}b`).fatal).toEqual({
      // 12 bytes in the first of its lines, 2 in each further one.
      line: 2 * lines - 4,
      problem: 'line-too-long',
    });
  });

  it('takes a value that is mostly white space', () => {
    const space = ' \t'.repeat(2 ** 17);
    expect(values(inService(`A=b${space}c${space}`)).map(value => value === `b${space}c`)).toEqual([true]);
  });

  it('a file may end in a continuation', () => {
    expect(values(inService('A=1 \\'))).toEqual(['1']);
    expect(values(inService('A=1 \\\n# end'))).toEqual(['1']);
  });

  it('quotes are not stripped', () => {
    expect(values(inService('Restart="always"'))).toEqual(['"always"']);
  });

  it('keys, sections and values keep their case', () => {
    expect(assignmentsOf(parseUnitFile('[service]\nrestart=Always'))).toEqual([
      ['service', 'restart', 'Always'],
    ]);
  });

  it('white space around key, equals sign and value is stripped', () => {
    expect(assignmentsOf(parseUnitFile(' [Service] \n\tRestart \t=\t always \t'))).toEqual([
      ['Service', 'Restart', 'always'],
    ]);
    // Only what systemd calls white space: no-break spaces and form feeds are text.
    expect(values(inService('A=\u00a0x\f'))).toEqual(['\u00a0x\f']);
  });

  it('CRLF is accepted', () => {
    expect(values('[Service]\r\nRestart=always\r\n')).toEqual(['always']);
  });

  it('a BOM is accepted, once', () => {
    expect(values('\uFEFF[Service]\nRestart=always')).toEqual(['always']);
    expect(values('[Service]\n\uFEFFRestart=always\n\uFEFFA=1')).toHaveLength(2);
    expect(
      assignmentsOf(parseUnitFile('[Service]\n\uFEFFRestart=always\n\uFEFFA=1')).map(([, key]) => key),
    ).toEqual(['Restart', '\uFEFFA']);
  });

  it('a missing final newline is accepted', () => {
    expect(values(inService('Restart=always'))).toEqual(['always']);
  });

  it('NUL acts as a line end', () => {
    expect(values('[Service]\0Restart=always\0A=1\n\0B=2')).toEqual(['always', '1', '2']);
  });

  it('whole-unit failure: a line that is not UTF-8 and no comment', () => {
    const bad = (text: string) => parseUnitFile(Buffer.from(text, 'latin1')).fatal;
    expect(bad('[Unit]\nDescription=\u00ff\nA=1')).toEqual({ line: 2, problem: 'invalid-utf8' });
    expect(bad('[Unit]\n# \u00ff\nA=1')).toBeUndefined();
    expect(bad('[Unit]\nDescription=\u00ef\u00bf\u00be')).toEqual({ line: 2, problem: 'invalid-utf8' });
    const { items, encoding } = parseUnitFile(
      Buffer.from('[Unit]\n# \u00ff\nDescription=\u00c3\u00a4', 'latin1'),
    );
    expect(encoding).toBe('latin1');
    expect(items.at(-1)).toMatchObject({ kind: 'assignment', value: 'ä' });
  });

  it('whole-unit failure: [Service without ]', () => {
    const file = parseUnitFile('[Unit]\nA=1\n[Service\nRestart=always\n');
    expect(file.fatal).toEqual({ line: 3, problem: 'invalid-section-header' });
    expect(file.items.at(-1)).toEqual({ kind: 'unread', line: 3, raw: '[Service\nRestart=always\n' });
    expect(assignmentsOf(file)).toHaveLength(1);
  });

  it('whole-unit failure: unsafe characters in a section header, since 251', () => {
    expect(parseUnitFile('[Ser"vice]', 250).fatal).toBeUndefined();
    for (const header of ['[Ser"vice]', "[a'b]", '[a\\b]', '[\t]', '[\u007f]']) {
      expect(parseUnitFile(header, 251).fatal).toEqual({ line: 1, problem: 'invalid-section-header' });
      expect(parseUnitFile(header).fatal).toBeDefined();
    }
    expect(parseUnitFile('[]').fatal).toBeUndefined();
  });

  it('whole-unit failure: a line of 1 MiB, joined or not, in bytes', () => {
    const text = (length: number) => inService(`A=${'x'.repeat(length)}`);
    expect(parseUnitFile(text(2 ** 20 - 3)).fatal).toBeUndefined();
    expect(parseUnitFile(text(2 ** 20 - 2)).fatal).toEqual({ line: 2, problem: 'line-too-long' });
    const half = 'x'.repeat(2 ** 19);
    expect(parseUnitFile(inService(`A=${half}\\\n${half}`)).fatal).toEqual({
      line: 3,
      problem: 'line-too-long',
    });
    expect(parseUnitFile(inService(`A=${'ä'.repeat(2 ** 19)}`)).fatal).toMatchObject({
      problem: 'line-too-long',
    });
    expect(parseUnitFile(inService(`# ${'x'.repeat(2 ** 20)}`)).fatal).toMatchObject({
      problem: 'line-too-long',
    });
  });

  it('a line without "=" is passed over', () => {
    const file = parseUnitFile(inService('Restart\nA=1\n=2'));
    expect(file.items.filter(item => item.kind === 'stray')).toMatchObject([
      { problem: 'missing-equals', text: 'Restart', line: 2 },
      { problem: 'missing-key', text: '=2', line: 4 },
    ]);
    expect(values(inService('Restart\nA=1\n=2'))).toEqual(['1']);
  });

  it('an assignment before any section is passed over', () => {
    const [stray] = parseUnitFile('Restart=always\n[Service]\n').items;
    expect(stray).toMatchObject({ kind: 'stray', problem: 'outside-section', text: 'Restart=always' });
  });
});

describe('a file of more lines than are read', () => {
  it('is cut at a line, and loses nothing', () => {
    const source = `[Service]\n${'\n'.repeat(mostLines - 2)}Restart=no\\\n\n# the rest\nRestart=always\n`;
    const file = parseUnitFile(source);
    expect(file.fatal).toBeUndefined();
    expect(file.cutAt).toBe(mostLines + 2);
    expect(assignmentsOf(file)).toEqual([['Service', 'Restart', 'no']]);
    expect(file.items.at(-1)?.raw).toBe('# the rest\nRestart=always\n');
    expect(serializeUnitFile(file).toString()).toBe(source);
  });

  it('is read whole where it has as many', () => {
    expect(parseUnitFile(`${'\n'.repeat(mostLines - 1)}[Service]\n`).cutAt).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/report/gate.ts';
import { printable } from '../../src/report/printable.ts';
import { paint, type Style } from '../../src/report/terminal.ts';
import { hostileText, spokenCommands, unseen, withoutOwnColors } from '../support/hostile-text.ts';

const anyText = fc.oneof(
  hostileText,
  fc.string({ unit: 'binary' }),
  // Also halves of characters.
  fc.array(fc.integer({ min: 0, max: 0xffff })).map(units => String.fromCharCode(...units)),
);

describe('of any text', () => {
  it('only what is seen passes, and no command', () => {
    fc.assert(
      fc.property(fc.array(anyText), lines => {
        const passed = withoutOwnColors(new Gate().pass(lines.join('\n')));
        expect(unseen(passed).filter(sign => sign !== '\t')).toEqual([]);
        expect(spokenCommands(passed)).toEqual([]);
      }),
    );
  });

  it('each line passes as it would alone', () => {
    fc.assert(
      fc.property(fc.array(anyText), texts => {
        const lines = texts.flatMap(text => text.split('\n')).map(line => `${line}\n`);
        const alone = lines.map(line => new Gate().pass(line));
        expect(new Gate().pass(lines.join(''))).toBe(alone.join(''));
      }),
    );
  });

  it('a document is the same document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(anyText), (value, texts) => {
        const document = { value, texts, byText: Object.fromEntries(texts.map(text => [text, 1])) };
        const passed = new Gate().pass(`${JSON.stringify(document, undefined, 1)}\n`);
        expect(JSON.parse(passed)).toEqual(JSON.parse(JSON.stringify(document)));
        expect(unseen(passed)).toEqual([]);
      }),
    );
  });

  it('one line stays one line, and what passed once passes as it is', () => {
    fc.assert(
      fc.property(anyText, text => {
        const shown = printable(text);
        expect(unseen(shown)).toEqual([]);
        expect(shown).not.toContain('\n');
        expect(printable(shown)).toBe(shown);
      }),
    );
  });
});

it.each([
  ['a command', '::error::x\n', '\\u003a:error::x\n'],
  ['behind white space', '  \u00a0::error::x\n', '  \u00a0\\u003a:error::x\n'],
  ['that ends others', '::stop-commands::x\n', '\\u003a:stop-commands::x\n'],
  ['behind a colour', '\u001b[1m::error::x\u001b[22m\n', '\u001b[1m\\u003a:error::x\u001b[22m\n'],
  ['of the older kind, anywhere', 'a ##[error]x\n', 'a #\\u0023[error]x\n'],
  ['of Azure Pipelines', 'a ##vso[task.x]\n', 'a #\\u0023vso[task.x]\n'],
  ['none: in the middle of a line', 'a ::error::x\n', 'a ::error::x\n'],
  ['none: an address', '::1 is loopback\n', '::1 is loopback\n'],
])('%s', (_, text, passed) => {
  expect(new Gate().pass(text)).toBe(passed);
});

it('knows in the second piece of a line that it began in the first', () => {
  const gate = new Gate();
  expect(gate.pass('a')).toBe('a');
  expect(gate.pass('::b::c\n')).toBe('::b::c\n');
  expect(gate.pass('  ')).toBe('  ');
  expect(gate.pass('::b::c\n')).toBe('\\u003a:b::c\n');
});

it('lets annotations pass to whom they are meant for, and nothing else', () => {
  expect(new Gate().pass('::error title=a::b ##[\u202e\n', 'runner')).toBe(
    '::error title=a::b #\\u0023[\\u202e\n',
  );
});

it('lets our colours pass, and emoji', () => {
  const styles: readonly Style[] = ['good', 'bad', 'unsure', 'note', 'strong', 'dim'];
  const terminal = { columns: 80, color: true, unicode: true };
  const text = `${styles.map(style => paint(terminal, style, style)).join(' ')} ✓ – 服务，⚠️ 🖥️ 👩‍🚒\n`;
  expect(new Gate().pass(text)).toBe(text);
});

it('takes long texts at once', () => {
  const long = [' '.repeat(400_000), ':'.repeat(400_000), '#'.repeat(400_000), '\n '.repeat(200_000)];
  for (const text of long) expect(new Gate().pass(`${text}服`).length).toBeGreaterThan(0);
});

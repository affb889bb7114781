import { expect, test } from 'vitest';
import { extractWords, type WordOptions } from '../../../src/systemd/values/words.ts';

const UNQUOTE = { unquote: true };
const C = { cUnescape: true };
const RELAX = { relax: true };
const KEEP = { unescapeRelax: true };
const COLON = { separators: ':' };
const SPACE_COLON = { separators: ' \t\n\r:' };
const SEPARATORS = { unescapeSeparators: true };

// The cases of systemd's src/test/test-extract-word.c.
test.each<[text: string, options: WordOptions, words: string[]]>([
  ['foobar waldo', {}, ['foobar', 'waldo']],
  [`"foobar" 'waldo'`, {}, ['"foobar"', "'waldo'"]],
  [`"foobar" 'waldo'`, UNQUOTE, ['foobar', 'waldo']],
  ['"', {}, ['"']],
  [`'fooo`, {}, [`'fooo`]],
  [
    'KEY=val "KEY2=val with space" "KEY3=val with \\"quotation\\""',
    UNQUOTE,
    ['KEY=val', 'KEY2=val with space', 'KEY3=val with "quotation"'],
  ],
  ['KEY=val "KEY2=val space"', { retainEscape: true }, ['KEY=val', '"KEY2=val', 'space"']],
  [`'fooo`, { ...UNQUOTE, ...RELAX }, ['fooo']],
  [`yay'foo'bar`, {}, [`yay'foo'bar`]],
  [`yay'foo'bar`, UNQUOTE, ['yayfoobar']],
  ['   foobar   ', {}, ['foobar']],
  [' foo\\ba\\x6ar ', C, ['foo\ba\u006ar']],
  [' foo\\ba\\x6ar ', {}, ['foobax6ar']],
  ['    f\\u00f6o "pi\\U0001F4A9le"   ', { ...UNQUOTE, ...C }, ['föo', 'pi\u{1f4a9}le']],
  ['f\\xc3\\xb6o 💯\\303\\266', { ...UNQUOTE, ...C }, ['föo', '💯ö']],
  ['fooo\\', RELAX, ['fooo']],
  ['fooo\\', KEEP, ['fooo\\']],
  ['fooo\\', { ...KEEP, ...RELAX }, ['fooo\\']],
  ['fooo\\', { ...C, ...KEEP }, ['fooo\\']],
  ['"foo\\', { ...UNQUOTE, ...RELAX }, ['foo']],
  ['"foo\\', { ...UNQUOTE, ...KEEP, ...RELAX }, ['foo\\']],
  ['foo::bar', COLON, ['foo', 'bar']],
  ['foo\\:bar::waldo', COLON, ['foo:bar', 'waldo']],
  ['fooo\\ bar quux', RELAX, ['fooo bar', 'quux']],
  ['fooo\\ bar quux', KEEP, ['fooo\\ bar', 'quux']],
  ['fooo\\ bar quux', { ...C, ...KEEP }, ['fooo\\ bar', 'quux']],
  ['\\w+@\\K[\\d.]+', { ...C, ...KEEP }, ['\\w+@\\K[\\d.]+']],
  ['\\w+\\b', { ...C, ...KEEP }, ['\\w+\b']],
  [`-N ''`, UNQUOTE, ['-N', '']],
  [':foo\\:bar::waldo:', { ...COLON, keepEmpty: true }, ['', 'foo:bar', '', 'waldo', '']],
  ['foo\\xbar', {}, ['fooxbar']],
  ['foo\\xbar', { retainEscape: true }, ['foo\\xbar']],
  ['\\:', { ...COLON, ...SEPARATORS }, [':']],
  ['a\\ b:c', { ...SPACE_COLON, ...SEPARATORS }, ['a b', 'c']],
  ['a\\\\ b:c\\\\x', { ...COLON, ...SEPARATORS }, ['a\\ b', 'c\\x']],
  ['a\\:b', { ...COLON, ...C, ...SEPARATORS }, ['a:b']],
  ["'", {}, ["'"]],
  ['"fooo', { ...UNQUOTE, ...RELAX }, ['fooo']],
  ['"foo\\', { ...UNQUOTE, ...C, ...KEEP, ...RELAX }, ['foo\\']],
  ['fooo\\ bar quux', { ...KEEP, ...RELAX }, ['fooo\\ bar', 'quux']],
  ['a\\:b', { ...COLON, ...SEPARATORS }, ['a:b']],
  ['\\:', { ...COLON, ...C, ...SEPARATORS }, [':']],
  ['a\\ b:c', { ...SPACE_COLON, ...C, ...SEPARATORS }, ['a b', 'c']],
  ['a\\\\ b:c\\\\x', { ...COLON, ...C, ...SEPARATORS }, ['a\\ b', 'c\\x']],
  ['foobar="waldo"maldo, baldo', { separators: '=", ' }, ['foobar', 'waldo', 'maldo', 'baldo']],
  [
    'size="10%",k="400"k,uid="496,,107"520,gi""\'d=49610,\'""7520,c="u:o:s0:c0,c1"',
    { ...UNQUOTE, separators: ',' },
    ['size=10%', 'k=400k', 'uid=496,,107520', 'gid=49610,7520', 'c=u:o:s0:c0,c1'],
  ],
  ['zażółcić 👊🔪💐 가너도루', {}, ['zażółcić', '👊🔪💐', '가너도루']],
  ['a@foo\\x2dbar.service b@/c', UNQUOTE, ['a@foox2dbar.service', 'b@/c']],
  ['a@foo\\x2dbar.service b@/c', { ...UNQUOTE, retainEscape: true }, ['a@foo\\x2dbar.service', 'b@/c']],
  ['a@foo\\x2dbar.service b@/c', { ...UNQUOTE, ...C }, ['a@foo-bar.service', 'b@/c']],
  ['foobar:waldi:piep ba1:ba2', SPACE_COLON, ['foobar', 'waldi', 'piep', 'ba1', 'ba2']],
  [`'foobar' wa"ld"i   `, {}, [`'foobar'`, 'wa"ld"i']],
  [`'foobar' wa"ld"i   `, UNQUOTE, ['foobar', 'waldi']],
  ['', {}, []],
  ['   ', {}, []],
])('%j with %j is cut into %j', (text, options, words) => {
  expect(extractWords(text, options)).toEqual({ words });
});

test.each<[text: string, options: WordOptions, words: string[], error: string]>([
  ['"', UNQUOTE, [], 'unbalanced-quote'],
  ["'", UNQUOTE, [], 'unbalanced-quote'],
  ["'fooo", UNQUOTE, [], 'unbalanced-quote'],
  ['\\w+@\\K[\\d.]+', C, [], 'invalid-escape'],
  ['a\\ b:c\\x', { ...COLON, ...C, ...SEPARATORS }, [], 'invalid-escape'],
  [`a 'fooo`, UNQUOTE, ['a'], 'unbalanced-quote'],
  ['"foo\\', UNQUOTE, [], 'unbalanced-quote'],
  ['"foo\\', { ...UNQUOTE, ...KEEP }, [], 'unbalanced-quote'],
  ['"foo\\', {}, [], 'invalid-escape'],
  ['fooo\\ bar quux', C, [], 'invalid-escape'],
  ['a\\ b:c\\x', { ...COLON, ...SEPARATORS }, [], 'invalid-escape'],
  ['\\:', { ...COLON, ...C }, [], 'invalid-escape'],
  ['ok \\x00', C, ['ok'], 'invalid-escape'],
  ['\\u0000', C, [], 'invalid-escape'],
  ['\\777', C, [], 'invalid-escape'],
  ['\\U00110000', C, [], 'invalid-escape'],
])('%j with %j gives %j and then %s', (text, options, words, error) => {
  expect(extractWords(text, options)).toMatchObject({ words, error });
});

test('what could not be read is given from its beginning', () => {
  expect(extractWords(`a 'b c`, UNQUOTE)).toEqual({ words: ['a'], error: 'unbalanced-quote', rest: `'b c` });
});

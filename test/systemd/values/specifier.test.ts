import { expect, test } from 'vitest';
import { expandSpecifiers } from '../../../src/systemd/values/specifier.ts';

// The table and most cases of TEST(specifier_printf) in systemd's src/test/test-specifier.c.
const TABLE = new Map([
  ['X', 'AAAA'],
  ['Y', 'BBBB'],
  ['e', ''],
]);

test.each([
  ['xxx a=%X b=%Y e=%e yyy', 'xxx a=AAAA b=BBBB e= yyy'],
  ['%X%X%%%X', 'AAAAAAAA%AAAA'],
  ['%%X', '%X'],
  ['%%%%', '%%'],
  ['%%s', '%s'],
  ['%,', '%,'],
  ['foo%%bar', 'foo%bar'],
  ['%%%%%%%%%%', '%%%%%'],
  ['%e%e%e', ''],
  ['nothing', 'nothing'],
  ['', ''],
  ['100%', '100%'],
  ['%', '%'],
  ['% X', '% X'],
  ['%-%_', '%-%_'],
])('%j becomes %j', (text, expanded) => {
  expect(expandSpecifiers(text, TABLE)).toBe(expanded);
});

test.each([
  ['%Z', 'Z'],
  ['%X%0', '0'],
  ['a%z%X', 'z'],
])('%j is invalid for %s', (text, invalid) => {
  expect(expandSpecifiers(text, TABLE)).toEqual({ invalid });
});

test('a replaced text is not read again', () => {
  expect(expandSpecifiers('%p', specifier => (specifier === 'p' ? '%X' : undefined))).toBe('%X');
});

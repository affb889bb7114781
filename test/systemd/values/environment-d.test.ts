import { expect, test } from 'vitest';
import { parseEnvironmentD } from '../../../src/systemd/values/environment-d.ts';

/** As the generator of 252 has it, run with `HOME=/h`. */
const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['A=a b\nB="x$A-${A}y"\n', { A: 'a b', B: 'xa b-a by' }],
  ['A=1\nC=${A:-d}${NO:-d$A}${A:+alt${B}}|${NO:+x}|\n', { A: '1', C: '1d1alt||' }],
  ['A=1\nD=$$A $ 1 $1 ${ x\n', { A: '1', D: '$A $ 1  ${ x' }],
  ['A=1\nE=${A:?x} ${A\n', { A: '1', E: '${A:?x} ${A' }],
  ["A=1\nF='$A'\nG=\\$A\n", { A: '1', F: '1', G: '1' }],
  ['A=1\nH=${NO:-{x}y}z\nI=${NO:-${A}}z\n', { A: '1', H: '{x}yz', I: '1z' }],
  ['A=1\nK=${1A}x${A-B}\nL=${A:x-}y}\n', { A: '1', K: 'x', L: '${A:x-}y}' }],
  ['A=1\nA=\nB=""\nC=${A:+}\n', { A: '1', C: '' }],
  ['export M=1\nP=$HOME/bin:$PATH\n', { P: '/h/bin:' }],
];

test.each(cases)('%j', (text, set) => {
  const found = parseEnvironmentD(text, 252, new Map([['HOME', '/h']]));
  expect(Object.fromEntries(found)).toEqual(set);
});

test('lines that name each other fill no memory', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `A${index + 1}=$A${index}$A${index}`);
  const found = parseEnvironmentD(['A0=0123456789', ...lines].join('\n'), 257, new Map());
  const longest = Math.max(...[...found.values()].map(value => value.length));
  expect(longest).toBeLessThan(128 * 1024);
  const deep = `A=x${'${NO:-'.repeat(20_000)}${'}'.repeat(20_000)}\n`;
  expect(parseEnvironmentD(deep, 257, new Map()).get('A')).toBe('x');
});

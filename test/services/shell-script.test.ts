import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit } from '../../src/systemd/host/limit.ts';
import { commandsIn, parseShellScript } from '../../src/services/shell/script.ts';

function commandsOf(text: string): readonly string[] {
  return [...commandsIn(parseShellScript(text))].map(({ words, line }) => `${line}: ${words.join(' ')}`);
}

describe('the commands of a script', () => {
  it('are found wherever they stand, with their lines', () => {
    const script = `#!/bin/bash
set -e # stop at once
greet() {
  echo "hello $(whoami)"
}
if [ -f "$1" ]; then
  cat "$1" | grep -q 'a; b' && greet
else
  for name in x y; do greet; done
fi
cat <<END > out
sleep 100
END
while read -r line; do
  echo "two
lines" \\
    continued
done < in
(cd /tmp; ls) 2>&1 &
case "$1" in
  a|b) one ;;
  *) two ;;
esac
last\`inner\`
`;
    expect(commandsOf(script)).toEqual([
      '2: set -e',
      '4: whoami',
      '4: echo hello $(whoami)',
      '6: [ -f $1 ]',
      '7: cat $1',
      '7: grep -q a; b',
      '7: greet',
      '9: greet',
      '11: cat',
      '14: read -r line',
      '15: echo two\nlines continued',
      '19: cd /tmp',
      '19: ls',
      '21: one',
      '22: two',
      '24: inner',
      '24: last`inner`',
    ]);
  });

  it('are found to the end of any text', () => {
    const pieces = fc.constantFrom(
      ...'if |then |else |fi|for x in |while |do |done|case x in |esac|f() |{ |}|(|)|((|))|$(|${|`'.split(
        '|',
      ),
      ...`" ' \\ ; ;; & && | <<A A > < # sleep $x = function ! in`.split(' '),
      '\n',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), parts => {
        const text = parts.join('');
        const lines = text.split('\n').length;
        for (const { words, line } of commandsIn(parseShellScript(text))) {
          expect(words.length).toBeGreaterThan(0);
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('stand on the lines behind a here-string, and behind arithmetic of several lines', () => {
    expect(commandsOf('read -r a <<< "$b"\nsleep 1\ncat <<< c\n\nsleep 2')).toEqual([
      '1: read -r a',
      '2: sleep 1',
      '3: cat',
      '5: sleep 2',
    ]);
    expect(commandsOf('((a =\n 1)); b\nc')).toEqual(['1: ((a =\n 1))', '2: b', '3: c']);
  });

  it('are found to a limit, which is told', () => {
    const limitsOf = (text: string) => {
      const limits: Limit[] = [];
      parseShellScript(text, limit => limits.push(limit));
      return limits;
    };
    expect(limitsOf('a b; $(c)\n'.repeat(10_000))).toEqual([]);
    expect(limitsOf('a b; $(c)\n'.repeat(100_000))).toEqual([{ of: 'words', most: 200_000 }]);
    expect(limitsOf('$('.repeat(200_000))).toEqual([{ of: 'levels', most: 50 }]);
    expect(limitsOf('if '.repeat(60))).toEqual([{ of: 'levels', most: 50 }]);
    expect(limitsOf(`${'$('.repeat(40)}${'a '.repeat(200_000)}${')'.repeat(40)}`)).toEqual([
      { of: 'words', most: 200_000 },
    ]);
  });

  it('are found in time that grows with the text', () => {
    const text = 'if a; then for i in $(seq 1 3); do b "$(c `d`)"; done; fi\n'.repeat(5000);
    expect(commandsOf(text).length).toBeGreaterThan(10_000);
    for (const piece of ['$(', '( ', '{ ', 'f() ', 'if ', 'function ', '`', '"$(', '((']) {
      expect(() => parseShellScript(piece.repeat(20_000))).not.toThrow();
    }
  });
});

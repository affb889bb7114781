import { shellProgram } from '../../src/services/shell/shell-program.ts';
import { describe, expect, it } from 'vitest';
import { interpretedFile, layersOf, takeWrapperOff } from '../../src/services/command-words.ts';
import { wordsOf } from '../../src/services/wrappers.ts';
import { parseCommandLines } from '../../src/systemd/values/command-line.ts';

const words = (text: string) => text.split(' ');

describe('a wrapper', () => {
  it.each([
    ['/usr/bin/env bash x', 'bash x'],
    ['env -u LANG -i A=1 B=2 bash x', 'bash x'],
    ['env -- bash -c x', 'bash -c x'],
    ['nice -n 10 bash x', 'bash x'],
    ['setsid --fork bash x', 'bash x'],
    ['exec -a name bash x', 'bash x'],
    ['systemd-cat -t tag bash x', 'bash x'],
    ['taskset -c 0-3 bash x', 'bash x'],
    ['numactl --interleave=all -N 0 bash x', 'bash x'],
    ['/usr/bin/time -f %e bash x', 'bash x'],
  ])('is taken off: %s', (wrapped, inner) => {
    expect(takeWrapperOff(words(wrapped))?.words).toEqual(words(inner));
  });

  it('cuts the text of env -S into words', () => {
    expect(takeWrapperOff(['env', '-S', 'A=1 bash -x', 'y'])).toEqual({
      own: ['env', '-S', 'A=1'],
      words: ['bash', '-x', 'y'],
    });
  });

  it('that is timeout tells its limit', () => {
    const { limit, words: inner } =
      takeWrapperOff(words('/usr/bin/timeout -s INT --kill-after 2 5m curl x')) ?? {};
    expect(limit).toEqual({ duration: '5m', killAfter: '2' });
    expect(inner).toEqual(['curl', 'x']);
  });

  it.each(['2 5m', '--kill-after=2 5m', '-k2 5m'])('may say its limit in many ways: %s', own => {
    const option = own.startsWith('-') ? own : `-k ${own}`;
    expect(takeWrapperOff(words(`timeout ${option} curl x`))?.limit).toEqual({
      duration: '5m',
      killAfter: '2',
    });
  });

  it.each([
    'bash x',
    '/usr/bin/curl --max-time 5 x',
    '',
    'env A=1',
    'timeout 5',
    'command -v bash',
    'taskset -p 1',
  ])('is not there: %s', text => {
    expect(takeWrapperOff(words(text))).toBeUndefined();
  });
});

describe('wrappers one in the other', () => {
  it('come off one by one', () => {
    const { wrappers, words: inner } = layersOf(words('env A=1 nice timeout 5 curl x'));
    expect(wrappers.map(({ own }) => own.join(' '))).toEqual(['env A=1', 'nice', 'timeout 5']);
    expect(inner).toEqual(['curl', 'x']);
  });

  it('come off as far as anybody means it', () => {
    const many = [...Array<string>(15_000).fill('env'), 'true'];
    expect(layersOf(many).wrappers.length).toBeLessThan(20);
  });
});

describe('what a shell runs', () => {
  it.each([
    [['sh', '-c', 'a b'], { kind: 'text', text: 'a b' }],
    [['/bin/bash', '-euo', 'pipefail', '-c', 'a b', 'name'], { kind: 'text', text: 'a b' }],
    [['bash', '-ec', 'a b'], { kind: 'text', text: 'a b' }],
    [['bash', '-x', '/opt/a.sh', '-c'], { kind: 'file', path: '/opt/a.sh' }],
    [['dash', '--', '/opt/a.sh'], { kind: 'file', path: '/opt/a.sh' }],
    [['bash'], undefined],
    [['node', '-c', 'x'], undefined],
  ] as const)('%j', (command, program) => {
    expect(shellProgram(command)).toEqual(program);
  });

  it('behind the prefix | is a text', () => {
    const [command] = parseCommandLines('|echo $HOME', { version: 258 }).commands;
    expect(command && shellProgram(wordsOf(command))).toEqual({ kind: 'text', text: 'echo $HOME' });
  });
});

describe('the file that is interpreted', () => {
  it.each([
    ['/usr/bin/node --max-old-space-size=4096 /opt/index.js gateway', '/opt/index.js'],
    ['/usr/bin/node -r /opt/hook.js /opt/index.js', '/opt/index.js'],
    ['/usr/bin/timeout 5 /usr/bin/python3 -u /opt/a.py', '/opt/a.py'],
    ['env bash /opt/a.sh', '/opt/a.sh'],
    ['/usr/bin/python3 -m litellm', undefined],
    ['/usr/bin/python3 -c print()', undefined],
    ['sh -c /opt/a.sh', undefined],
    ['/usr/bin/litellm --config /opt/c.yaml', undefined],
  ])('%s', (command, file) => {
    expect(interpretedFile(words(command))).toBe(file);
  });
});

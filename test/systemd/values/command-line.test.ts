import { expect, test } from 'vitest';
import { parseCommandLines, writtenCommands } from '../../../src/systemd/values/command-line.ts';
import { expandSpecifiers } from '../../../src/systemd/values/specifier.ts';

function read(value: string, version = 252) {
  const { commands, problem, fatal } = parseCommandLines(value, { version });
  return {
    commands: commands.map(({ path, argv, ignoreFailure }) => [path, argv, ignoreFailure]),
    ...(problem && { problem: problem.code }),
    ...(fatal && { fatal }),
  };
}

// The cases of TEST(config_parse_exec) in systemd's src/test/test-load-fragment.c.
test.each<[value: string, path: string, argv: string[], ignoreFailure: boolean]>([
  ['/RValue r1', '/RValue', ['/RValue', 'r1'], false],
  ['/RValue///slashes r1///', '/RValue/slashes', ['/RValue///slashes', 'r1///'], false],
  ['@/RValue///slashes2 ///argv0 r1', '/RValue/slashes2', ['///argv0', 'r1'], false],
  ['-@/RValue///slashes3 argv0a r1', '/RValue/slashes3', ['argv0a', 'r1'], true],
  ['@-/RValue///slashes4 argv0b r1', '/RValue/slashes4', ['argv0b', 'r1'], true],
  ['-@/RValue argv0 r1 ; ', '/RValue', ['argv0', 'r1'], true],
  ['-@/RValue argv0 r1 ;', '/RValue', ['argv0', 'r1'], true],
  [`-@/RValue argv0 r1 ';'`, '/RValue', ['argv0', 'r1', ';'], true],
  ['/bin/find \\;', '/bin/find', ['/bin/find', ';'], false],
  ['/sbin/find \\; /x', '/sbin/find', ['/sbin/find', ';', '/x'], false],
  ['/sbin/find \\;x', '/sbin/find', ['/sbin/find', '\\;x'], false],
  ['/bin/find \\073', '/bin/find', ['/bin/find', ';'], false],
  ['/bin/find ";" /x', '/bin/find', ['/bin/find', ';', '/x'], false],
  [
    '"/PATH WITH SPACES/daemon" -1 -2',
    '/PATH WITH SPACES/daemon',
    ['/PATH WITH SPACES/daemon', '-1', '-2'],
    false,
  ],
  [
    '"/PATH WITH SPACES/daemon -1 -2"',
    '/PATH WITH SPACES/daemon -1 -2',
    ['/PATH WITH SPACES/daemon -1 -2'],
    false,
  ],
  [
    `"/PATH\\sWITH\\x20SPACES/daemon" '-1 -2'`,
    '/PATH WITH SPACES/daemon',
    ['/PATH WITH SPACES/daemon', '-1 -2'],
    false,
  ],
  ['/path\\s', '/path ', ['/path '], false],
  [`/bin/grep '\\w+\\K'`, '/bin/grep', ['/bin/grep', '\\w+\\K'], false],
  ['sh -c "echo a;b"', 'sh', ['sh', '-c', 'echo a;b'], false],
])('%s is one command', (value, path, argv, ignoreFailure) => {
  expect(read(value)).toEqual({ commands: [[path, argv, ignoreFailure]] });
  const [written, ...more] = writtenCommands(value, 252);
  expect(written?.words.slice(1).map(({ word }) => word)).toEqual(argv.slice(1));
  expect(written?.ignoreFailure).toBe(ignoreFailure);
  expect(more).toEqual([]);
});

test('a written command still shows its quotes, and where it ends', () => {
  const value = `-@"/bin/a b" zero 'x | y' | \\; ";" ; :/bin/c \\x41 > ; ; |/bin/d`;
  const commands = writtenCommands(value, 258).map(({ words, expandEnvironment, viaShell }) => ({
    words: words.map(({ written }) => written),
    isQuoted: words.map(({ written, word }) => written !== word),
    expandEnvironment,
    viaShell,
  }));
  expect(commands).toEqual([
    {
      words: ['-@"/bin/a b"', "'x | y'", '|', '\\;', '";"'],
      isQuoted: [true, true, false, true, true],
      expandEnvironment: true,
      viaShell: false,
    },
    {
      words: ['/bin/c', '\\x41', '>'],
      isQuoted: [false, true, false],
      expandEnvironment: false,
      viaShell: false,
    },
    { words: ['/bin/d'], isQuoted: [false], expandEnvironment: true, viaShell: true },
  ]);
});

test.each<readonly [value: string, problem: string]>([
  ['/RValue/ argv0 r1', 'path-is-directory'],
  ['@/RValue', 'empty-argv'],
  ['/path\\', 'unsafe-characters'],
  [`/path 'foo`, 'unbalanced-quote'],
  [`/path 'foo\\`, 'unbalanced-quote'],
  ['./run.sh', 'path-not-absolute'],
  ['bin/run', 'path-not-absolute'],
  ['..', 'path-not-absolute'],
  ...['a', 'b', 'f', 'n', 'r', 't', 'v', '\\', "'", '"', 'x'].map(
    escape => [`/path\\${escape}`, 'unsafe-characters'] as const,
  ),
])('%s makes the unit bad-setting', (value, problem) => {
  expect(read(value)).toEqual({ commands: [], problem, fatal: 'bad-setting' });
});

test.each([
  ['--/RValue argv0 r1', 'path-not-absolute'],
  ['-@-/RValue argv0 r1', 'path-not-absolute'],
  ['- /path', 'empty-path'],
  ['-', 'empty-path'],
  [`"/path`, 'unbalanced-quote'],
])('%s is ignored and the unit lives', (value, problem) => {
  expect(read(value)).toEqual({ commands: [], problem });
});

test('a semicolon separates commands; two in a row are one since 247', () => {
  const both = [
    ['/RValue', ['argv0', 'r1'], true],
    ['/goo/goo', ['/goo/goo', 'boo'], false],
  ];
  expect(read('-@/RValue argv0 r1 ; /goo/goo boo')).toEqual({ commands: both });
  expect(read('-@/RValue argv0 r1 ; ; /goo/goo boo')).toEqual({ commands: both });
  expect(read('-@/RValue argv0 r1 ; ; /goo/goo boo', 245)).toEqual({
    commands: both.slice(0, 1),
    problem: 'path-not-absolute',
    fatal: 'bad-setting',
  });
});

test('the commands before a refused one stay', () => {
  expect(read('/a ; -b/c ; /d')).toEqual({ commands: [['/a', ['/a'], false]], problem: 'path-not-absolute' });
});

test('an empty value resets', () => {
  expect(parseCommandLines('', { version: 252 })).toEqual({ reset: true, commands: [], unknownEscapes: [] });
  expect(parseCommandLines('/a', { version: 252 }).reset).toBe(false);
});

test('prefixes come in any order, each once', () => {
  const [command] = parseCommandLines(':-+/bin/true', { version: 252 }).commands;
  expect(command).toMatchObject({
    path: '/bin/true',
    ignoreFailure: true,
    expandEnvironment: false,
    privileges: 'full',
  });
  expect(parseCommandLines('!/a', { version: 252 }).commands[0]?.privileges).toBe('no-setuid');
  expect(parseCommandLines('!!/a', { version: 252 }).commands[0]?.privileges).toBe('ambient');
  expect(read('+!/a')).toMatchObject({ problem: 'path-not-absolute', fatal: 'bad-setting' });
});

test('the shell prefix came with 258', () => {
  expect(read('|echo hi', 258)).toEqual({ commands: [['/bin/sh', ['sh', 'echo', 'hi'], false]] });
  expect(read('@|', 258)).toEqual({ commands: [['/bin/sh', ['-sh'], false]] });
  expect(read('|/a', 257)).toMatchObject({ problem: 'path-not-absolute' });
});

test('a path that must be a directory is refused in more forms by newer versions', () => {
  expect(read('/bin/.', 252)).toEqual({ commands: [['/bin', ['/bin/.'], false]] });
  expect(read('/bin/.', 257)).toMatchObject({ problem: 'path-is-directory' });
});

test('a pattern is no path for 262', () => {
  expect(read('/bin/[', 257)).toMatchObject({ commands: [['/bin/[', ['/bin/['], false]] });
  expect(read('/bin/[', 262)).toMatchObject({ problem: 'unsafe-characters', fatal: 'bad-setting' });
});

test('specifiers are replaced word by word, and an unknown one is fatal', () => {
  const options = {
    version: 252,
    expandSpecifiers: (word: string) => expandSpecifiers(word, new Map([['h', '/home/a b']])),
  };
  expect(parseCommandLines('%h/run %h %%', options).commands[0]).toMatchObject({
    path: '/home/a b/run',
    argv: ['/home/a b/run', '/home/a b', '%'],
  });
  expect(parseCommandLines('/run %Y', options)).toMatchObject({
    problem: { code: 'invalid-specifier', specifier: 'Y', word: '%Y' },
    fatal: 'bad-setting',
  });
  expect(parseCommandLines('-/run %Y', options).fatal).toBeUndefined();
});

test('unknown escapes are named', () => {
  expect(parseCommandLines('/bin/grep \\d+ a', { version: 252 }).unknownEscapes).toEqual(['\\d+']);
});

import { describe, expect, it } from 'vitest';
import { daruma } from './daruma.ts';

describe('what the scripts ask', () => {
  it('answers nothing, and no error, where nothing can be told', async () => {
    const { code, stdout, stderr } = await daruma([
      'complete',
      '--',
      'status',
      '--root',
      '/nonexistent',
      'x',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^:\d+$/m);
  });

  it.each([
    ['a command', ['st'], ['status']],
    ['a value behind an equals sign', ['status', '--lang=z'], ['zh-CN']],
    ['a unit of the root that is meant', ['--root', 'examples/neko', 'explain', 'lite'], ['litellm']],
    [
      'a file, from the working directory',
      ['check', 'examples/ne'],
      ['examples/neko/', 'examples/neko-fixed/'],
    ],
    ['nothing, where nothing begins like it', ['rules', 'nope'], []],
  ])('%s', async (_, words, expected) => {
    const { code, stdout } = await daruma(['complete', '--', ...words]);
    const values = stdout.split('\n').map(line => line.split('\t')[0] ?? '');
    expect({ code, values: values.slice(0, -2).sort() }).toEqual({ code: 0, values: expected.sort() });
    expect(values.slice(-2)).toEqual([':4', '']);
  });
});

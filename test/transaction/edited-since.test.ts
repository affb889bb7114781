import { describe, expect, it } from 'vitest';
import { withChannel, withLanguage, withProbes } from '../../src/config/edit.ts';
import { withVariables } from '../../src/failover/dotenv.ts';
import { withoutFix } from '../../src/transaction/edited-since.ts';

const channel = { type: 'telegram', token: 'openclaw:channels.telegram.botToken', chat: 1234 } as const;

describe('a file that was edited since', () => {
  it.each<[name: string, file: string, before: string, after: string, now: string, left: string]>([
    [
      'a language, with channels below it',
      'config.yaml',
      '',
      withLanguage('', 'zh-CN'),
      'notify:\n  language: zh-CN\n  channels:\n    - type: ntfy # mine\n      topic: "kuma"\n',
      'notify:\n  channels:\n    - type: ntfy # mine\n      topic: "kuma"\n',
    ],
    [
      'a channel, with another one',
      'config.yaml',
      '# mine\nunits:\n  litellm: { critical: true }\n',
      withChannel('# mine\nunits:\n  litellm: { critical: true }\n', channel),
      withChannel('# mine\nunits:\n  litellm: { critical: false }\n', channel),
      '# mine\nunits:\n  litellm: { critical: false }\n',
    ],
    [
      'a probe, whose unit has more now',
      'config.yaml',
      '',
      withProbes('', ['litellm.service']),
      'units:\n  litellm:\n    probe: auto\n    critical: true\n',
      'units:\n  litellm:\n    critical: true\n',
    ],
    ['all of it, without its comment', 'config.yaml', '', 'a: 1\n', '# mine\na: 1\n', '# mine\n'],
    ['all of it', 'config.yaml', '', 'a: 1\n', 'a:   1\n\n', ''],
    [
      'a provider of a file that a program has written anew',
      'openclaw.json',
      "{\n  models: { providers: { a: { baseUrl: 'http://a' } } }, // mine\n}\n",
      "{\n  models: { providers: { a: { baseUrl: 'http://a' }, b: { baseUrl: 'http://b' } } }, // mine\n}\n",
      '{\n  "models": {\n    "providers": {\n      "a": {\n        "baseUrl": "http://a"\n      },\n      "b": {\n        "baseUrl": "http://b"\n      }\n    }\n  },\n  "meta": {\n    "touched": 1\n  }\n}\n',
      '{\n  "models": {\n    "providers": {\n      "a": {\n        "baseUrl": "http://a"\n      }\n    }\n  },\n  "meta": {\n    "touched": 1\n  }\n}\n',
    ],
    [
      'a variable, with another one behind it',
      '.env',
      'A=1\n',
      withVariables('A=1\n', new Map([['KEY', 'k']])),
      'A=1\nKEY=k\nC=3\n',
      'A=1\nC=3\n',
    ],
    [
      'a setting, with one elsewhere',
      'zz-daruma.conf',
      '[Service]\nRestart=always\n',
      '[Unit]\nStartLimitIntervalSec=0\n\n[Service]\nRestart=always\n',
      '[Unit]\nStartLimitIntervalSec=0\n\n[Service]\nRestart=always\nMemoryMax=1G\n',
      '[Service]\nRestart=always\nMemoryMax=1G\n',
    ],
  ])('loses what the fix had written: %s', (_, file, before, after, now, left) => {
    expect(withoutFix(`/home/kuma/${file}`, { before, after, now })).toBe(left);
  });

  it.each<[name: string, file: string, before: string, after: string, now: string]>([
    ['the same value', 'config.yaml', '', 'n: { l: a }\n', 'n: { l: b }\n'],
    ['a channel', 'config.yaml', '', withChannel('', channel), withChannel('', { ...channel, chat: 5 })],
    ['it into no YAML', 'config.yaml', '', 'a: 1\n', 'a: 1\nb: [\n'],
    ['it into levels without end', 'config.yaml', '', 'a: 1\n', `a: 1\nb: ${'['.repeat(9_000)}\n`],
    ['it into no JSON', 'openclaw.json', '{}', '{"a": 1}', '{"a": 1, "b"}'],
    ['a line of it', '.env', '', 'KEY=k\n', 'KEY=other\n'],
    ['what belongs to its section', 'zz-daruma.conf', '', '[Service]\nA=1\n', '[Service]\nA=1\nB=2\n'],
    ['a file without a line end', '.env', 'A=1', 'A=1\nKEY=k\n', 'A=1\nKEY=k\nC=3\n'],
  ])('stays where somebody changed %s', (_, file, before, after, now) => {
    expect(withoutFix(`/home/kuma/${file}`, { before, after, now })).toBeUndefined();
  });
});

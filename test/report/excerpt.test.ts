import { describe, expect, it } from 'vitest';
import { excerptOf, withoutSecrets } from '../../src/report/findings/excerpt.ts';
import type { UnitLoader } from '../../src/systemd/unit.ts';
import { parseUnitFile } from '../../src/systemd/unit-file.ts';

describe('a line that is shown', () => {
  it.each([
    ['Environment=API_KEY=abc "TOKEN=d e" PORT=1', 'Environment=API_KEY=*** "TOKEN=***" PORT=1'],
    ['ExecStart=/usr/bin/x --api-key abc --port 1', 'ExecStart=/usr/bin/x --api-key *** --port 1'],
    [
      '  "accounts": { "default": { "botToken": "654321:abc" } }',
      '  "accounts": { "default": { "botToken": *** } }',
    ],
    ['  "auth": { "mode": "token", "token": "abc" }', '  "auth": { "mode": "token", "token": *** }'],
    ['  api_key: abc', '  api_key: ***'],
    ['curl -H "Authorization: Bearer abc" x', 'curl -H "Authorization: Bearer ***" x'],
    ['URL=postgres://me:abc@db/x', 'URL=postgres://me:***@db/x'],
    [
      `https://api.telegram.org/bot123456789:AA${'b'.repeat(30)}/getMe`,
      'https://api.telegram.org/bot***/getMe',
    ],
    ['GITHUB_PAT=abc', 'GITHUB_PAT=***'],
    [
      `POST https://hooks.slack.com/services/T00000000/B00000000/${'x'.repeat(24)} 500`,
      'POST https://hooks.slack.com/services/*** 500',
    ],
    [
      `POST https://discord.com/api/v10/webhooks/11876543210/${'a-'.repeat(30)}?wait=true`,
      'POST https://discord.com/api/v10/webhooks/***?wait=true',
    ],
  ])('has no secrets: %s', (line, shown) => {
    expect(withoutSecrets(line)).toBe(shown);
  });

  it.each([
    'ExecStart=/usr/bin/node index.js --port 18789',
    'Environment=PATH=/usr/bin',
    'Restart=always',
    'TOKEN=$(cat ~/token)',
    '--api-key=${KEY}',
    '"token": "${TOKEN}"',
  ])('is otherwise shown as it is: %s', line => {
    expect(withoutSecrets(line)).toBe(line);
  });
});

describe('a line that is very long', () => {
  it('is cut before a word that would not fit, so that no secret loses the end that it is known by', () => {
    const long = `ExecStart=/usr/bin/x ${'y '.repeat(470)}`;
    const [shown] = excerptOf(
      { file: '/a', line: 1 },
      loaderOf(`${long}--url postgres://me:${'p'.repeat(300)}@db/x`),
    );
    expect(shown?.text).toBe(`${long}--url …`);
  });

  it('is shown within reach of patience whatever is in it', () => {
    const [shown] = excerptOf({ file: '/a', line: 1 }, loaderOf(`a ${'api-key'.repeat(40_000)}`));
    expect(shown?.text).toBe('a …');
  });
});

function loaderOf(text: string): Pick<UnitLoader, 'parse'> {
  return { parse: () => parseUnitFile(text) };
}

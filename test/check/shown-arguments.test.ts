import { describe, expect, it } from 'vitest';
import { shownArguments } from '../../src/check/shown-arguments.ts';

const scripts: Readonly<Record<string, string>> = {
  '/opt/notify.sh': `#!/bin/bash
TOKEN=EXAMPLE-token
curl "https://api.telegram.org/bot$TOKEN/getMe"
timeout 5 curl -H "Authorization: Bearer $TOKEN" https://hooks.example.com/
printf '%s' "$TOKEN" | curl --config - https://hooks.example.com/
`,
  '/opt/notify.py': `#!/usr/bin/python3
curl("https://api.telegram.org/bot$TOKEN/getMe")
`,
};

function shown(...words: readonly string[]): readonly string[] {
  return shownArguments(words, file => scripts[file]).map(
    ({ how, name, program, script }) =>
      `${program} ${how} ${name}${script === null ? '' : `:${script.line}`}`,
  );
}

describe('secrets that everybody can read', () => {
  it.each([
    [['x', '--api-key', 'EXAMPLE'], ['x option --api-key']],
    [
      ['x', '--api-key=EXAMPLE', '--token', '$TOKEN'],
      ['x option --api-key', 'x option --token'],
    ],
    [['x', '-H', 'X-Api-Key: ${KEY}'], ['x header X-Api-Key']],
    [['x', 'https://me:EXAMPLE@example.com/'], ['x url example.com']],
    [['x', 'https://example.com/?a=1&key=EXAMPLE'], ['x url example.com']],
    [['x', ['ghp', 'a1B2'.repeat(9)].join('_')], ['x value ']],
    [['env', 'API_KEY=EXAMPLE', 'timeout', '5', 'x'], ['env assignment API_KEY']],
    [
      ['sh', '-c', 'API_KEY=EXAMPLE x --password "$(cat f)"'],
      ['sh assignment API_KEY', 'x option --password'],
    ],
    [['sh', '-c', 'if true; then exec x --token "$T"; fi'], ['x option --token']],
    [
      ['timeout', '5', 'bash', '/opt/notify.sh'],
      ['curl url api.telegram.org:3', 'curl header Authorization:4'],
    ],
    [['/opt/notify.sh'], ['curl url api.telegram.org:3', 'curl header Authorization:4']],
  ] as const)('%j', (words, expected) => {
    expect(shown(...words)).toEqual(expected);
  });
});

describe('what is no secret, or not shown', () => {
  it.each([
    [['x', '--api-key', 'unused']],
    [['x', '--api-key', 'os.environ/KEY']],
    [['x', '--token-file', '/run/token']],
    [['x', '--token', '--port', '1']],
    [['x', '--max-token', '4096']],
    [['x', '-H', 'Content-Type: application/json']],
    [['x', 'https://example.com/?key=']],
    [['x', 'PORT=4000']],
    [['sh', '-c', 'echo "$TOKEN" > f; export API_KEY=$TOKEN; [ "$TOKEN" = "" ]']],
    [['/opt/notify.py']],
    [['python3', '/opt/notify.py']],
    [[]],
  ] as const)('%j', words => {
    expect(shown(...words)).toEqual([]);
  });
});

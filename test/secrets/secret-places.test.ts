import { describe, expect, it } from 'vitest';
import { secretsIn } from '../../src/secrets/secret-places.ts';

describe('secrets in a file', () => {
  it('are found in JSON5, with the path of the key and the line', () => {
    const text = `{
  // A comment, keys without quotes, a comma at the end.
  gateway: { auth: { mode: 'token', token: 'EXAMPLE-token' } },
  channels: { telegram: { accounts: { default: { botToken: "\${BOT}" }, 'second': { botToken: "EXAMPLE" } } } },
  models: { providers: { a: { apiKey: 'unused', headers: { Authorization: "Bearer EXAMPLE" } } } },
}`;
    expect(secretsIn(text, 'json5', 257)).toEqual([
      { key: 'gateway.auth.token', line: 3 },
      { key: 'channels.telegram.accounts.second.botToken', line: 4 },
      { key: 'models.providers.a.headers.Authorization', line: 5 },
    ]);
  });

  it('are not the names by which OpenClaw has keys elsewhere', () => {
    const text = `{
  auth: { profiles: { mine: { provider: 'kuma', mode: 'api_key' } } },
  models: { providers: {
    kuma: { apiKey: 'kuma:manual' }, neko: { apiKey: 'mine' }, panda: { apiKey: 'LITELLM_API_KEY' },
    tora: { apiKey: 'tiger:manual' },
  } },
}`;
    expect(secretsIn(text, 'json5', 257)).toEqual([{ key: 'models.providers.tora.apiKey', line: 5 }]);
  });

  it('are found in YAML, in lists and behind anchors', () => {
    const text = `defaults: &defaults
  api_key: EXAMPLE-key
model_list:
  - litellm_params: { <<: *defaults, api_key: os.environ/KEY }
  - litellm_params:
      api_key: "EXAMPLE-other"
general_settings:
  database_url: postgres://me:EXAMPLE@db/x
`;
    expect(secretsIn(text, 'yaml', 257)).toEqual([
      { key: 'defaults.api_key', line: 2 },
      { key: 'model_list.1.litellm_params.api_key', line: 6 },
      { key: 'general_settings.database_url', line: 8 },
    ]);
  });

  it('are found among the variables of an environment file', () => {
    const text = '# API_KEY=EXAMPLE\nPORT=4000\nAPI_KEY="EXAMPLE"\nTOKEN=\n';
    expect(secretsIn(text, 'environment', 257)).toEqual([{ key: 'API_KEY', line: 3 }]);
  });

  it.each(['json5', 'yaml', 'environment'] as const)('what is no %s has none', format => {
    for (const text of ['', '{', '"', ': : :', '- - [', '\0\u{ffff}', '='.repeat(1000)]) {
      expect(secretsIn(text, format, 257)).toEqual([]);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { isSecret, looksSecret } from '../../src/secrets/recognition.ts';
import { withoutSecrets } from '../../src/secrets/redaction.ts';

/** Put together here, for what looks like a secret is taken for one, also by those who look through repositories. */
const made = (prefix: string, length = 36) => prefix + 'aB3'.repeat(length / 3);

describe('a secret', () => {
  it.each([
    ['LITELLM_MASTER_KEY', 'sk-1234'],
    ['apiKey', 'EXAMPLE-key'],
    ['botToken', '654321:EXAMPLE-kuma-bot-token'],
    ['api-key', 'abc123'],
    ['OPENCLAW_GATEWAY_TOKEN', 'EXAMPLE-token'],
    ['SMTP_PASS', 'hunter2'],
    ['token', 'k9-rose'],
    ['clientSecret', 'b7ff'],
    ['SOME_KEY', 'a8f5f167f44f4964e6c998dee827110c'],
    ['DATABASE_URL', 'postgres://litellm:hunter2@127.0.0.1/litellm'],
    ['Authorization', 'Bearer abc'],
  ])('%s=%s', (name, value) => {
    expect(isSecret(name, value)).toBe(true);
  });

  it.each([
    made('sk-'),
    made('sk-ant-api03-'),
    made('123456789:AA'),
    made('ghp_'),
    made('github_pat_'),
    made('glpat-'),
    made('xoxb-'),
    made('AIza'),
    made('hf_'),
    made('tvly-'),
    made('r8_'),
    made('pplx-'),
    made('xai-'),
    made('nvapi-'),
    made('fw_'),
    made('sk_live_'),
    made('rk_test_'),
    made('whsec_'),
    made('npm_'),
    made('pypi-AgE'),
    made('ntn_', 48),
    made('lin_api_', 39),
    made('dckr_pat_'),
    made('hvs.'),
    made('glsa_'),
    made('xapp-1-'),
    ...['dop_v1_', 'shpat_', 'dapi'].map(prefix => prefix + 'a1b2'.repeat(8)),
    `${made('SG.', 21)}a.${made('', 42)}a`,
    `AGE-SECRET-KEY-1${'QP7'.repeat(20)}`,
    `ASIA${'QP7W'.repeat(4)}`,
    `${made('eyJ')}.${made('eyJ')}.${made('s')}`,
    ['-----BEGIN OPENSSH', 'PRIVATE KEY-----'].join(' '),
  ])('shows by itself, whatever it is called: %s', value => {
    expect(looksSecret(value)).toBe(true);
    expect(isSecret('X', value)).toBe(true);
    expect(withoutSecrets(`a ${value} b`)).toBe('a *** b');
  });
});

describe('no secret', () => {
  it.each([
    ['apiKey', ''],
    ['apiKey', 'unused'],
    ['apiKey', 'none'],
    ['api_key', 'sk-no-key-required'],
    ['api_key', 'not-needed'],
    ['apiKey', 'EMPTY'],
    ['PASSWORD', 'changeme'],
    ['token', '<your token>'],
    ['token', 'your-token-here'],
    ['token', '***'],
    ['apiKey', '${LITELLM_MASTER_KEY}'],
    ['apiKey', '$LITELLM_MASTER_KEY'],
    ['api_key', 'os.environ/OPENAI_API_KEY'],
    ['apiKey', 'OLLAMA_API_KEY'],
    ['master_key', 'env:KEY'],
    ['PRIVATE_KEY', '/etc/ssl/private/key.pem'],
    ['TOKEN', '%d/token'],
    ['botTokenFile', 'token.txt'],
    ['MAX_TOKENS', '4096'],
    ['PUBLIC_KEY', 'a8f5f167f44f4964e6c998dee827110c'],
    ['SORT_KEY', 'name'],
    ['PARTITION_KEY', 'customer-region-of-the-order'],
    ['USE_TOKEN', 'true'],
    ['mode', 'token'],
    ['Authorization', 'Bearer ${KEY}'],
    ['TOKENIZERS_PARALLELISM', 'false'],
    ['DATABASE_URL', 'postgres://127.0.0.1/litellm'],
    ['DATABASE_URL', 'postgres://litellm:${PGPASSWORD}@127.0.0.1/litellm'],
    ['HTTP_PROXY', 'http://127.0.0.1:8080/'],
    ['PATH', '/usr/bin:/bin'],
    ['model', 'openai/claude-opus-4.6'],
  ])('%s=%s', (name, value) => {
    expect(isSecret(name, value)).toBe(false);
  });
});

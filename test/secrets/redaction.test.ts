/** What is left of texts with secrets in them, and of those without. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { isSecret, suspectedNames, suspicionOf } from '../../src/secrets/recognition.ts';
import {
  dataWithoutSecrets,
  endWithoutSecrets,
  inShort,
  withoutSecrets,
  withoutValues,
} from '../../src/secrets/redaction.ts';
import { fullSearch, secretSpans } from '../../src/secrets/spans.ts';

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
    ['TOKEN=abc \\\n  def \\\n  ghi\nPORT=1', 'TOKEN=***\n  ***\n  ***\nPORT=1'],
    ['curl -H "Authorization: Bearer abc" x', 'curl -H "Authorization: Bearer ***" x'],
    ['URL=postgres://me:abc@db/x', 'URL=postgres://me:***@db/x'],
    [
      `https://api.telegram.org/bot123456789:AA${'b'.repeat(30)}/getMe`,
      'https://api.telegram.org/bot***/getMe',
    ],
    ['GITHUB_PAT=abc', 'GITHUB_PAT=***'],
    ['{"token":"abc","user":"joe"}', '{"token":***,"user":"joe"}'],
    ['{"apiKeys":["abc","d e"],"user":"joe"}', '{"apiKeys":***,"user":"joe"}'],
    [String.raw`msg="{\"api_key\":\"a b\",\"x\":1}"`, String.raw`msg="{\"api_key\":***,\"x\":1}"`],
    ['githubPat: a b', 'githubPat: ***'],
    ['AUTHORIZATION=Bearer abc', 'AUTHORIZATION=Bearer ***'],
    ['x Authorization: Digest username="me", response="abc"', 'x Authorization: ***'],
    ['password: |\n  a\n\n  b\nport: 1', 'password: ***\n  ***\n\n  ***\nport: 1'],
    ['URL=postgres://me:a/b@db/x', 'URL=postgres://me:***@db/x'],
    ['http://127.0.0.1:4873/@scope/x', 'http://127.0.0.1:4873/@scope/x'],
    ['  MIIEpAIB\nAAKCAQEA\n-----END RSA PRIVATE KEY-----\nx', '***\n***\n***\nx'],
    [
      `POST https://hooks.slack.com/services/T00000000/B00000000/${'x'.repeat(24)} 500`,
      'POST https://hooks.slack.com/services/*** 500',
    ],
    [
      `POST https://discord.com/api/v10/webhooks/11876543210/${'a-'.repeat(30)}?wait=true`,
      'POST https://discord.com/api/v10/webhooks/***?wait=true',
    ],
    ['password is AAAAsecret4', 'password is ***'],
    ['the password was "AAAA secret4"', 'the password was ***'],
    ['bearer AAAAsecret28b12345678', 'bearer ***'],
    ['proxy: Basic dXNlcjpwYXNzd29yZA==', 'proxy: Basic ***=='],
    ['secret "AAAAsecret30 with spaces"', 'secret ***'],
    ['using token aB3aB3aB3aB3aB3aB3 for it', 'using token *** for it'],
    [
      'Received API Key = abc, Key Hash (Token) =88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b. Unable',
      'Received API Key = *** Key Hash (Token) =*** Unable',
    ],
    ['Password (again): abc', 'Password (again): ***'],
    ['x Incorrect API key provided: abc. See', 'x Incorrect API key provided: *** See'],
    ['密码：AAAAsecret25', '密码：***'],
    ['令牌=AAAAsecret25b', '令牌=***'],
    ['登录失败，数据库密码：AAAAsecret，请重试', '登录失败，数据库密码：***，请重试'],
    ['口令是 AAAAsecret4', '口令是 ***'],
    ['API 密钥: abc', 'API 密钥: ***'],
    ['token：abc', 'token：***'],
    ['dbpassword=abc', 'dbpassword=***'],
    ['authtoken: abc', 'authtoken: ***'],
    ['token: file:9f8a7b6c5d4e', 'token: ***'],
    ['token: env:pa55!word', 'token: ***'],
    ['token: openclaw:9f8a7b6c', 'token: ***'],
    ['API_KEY_2=abc', 'API_KEY_2=***'],
    ['OPENAI_KEY=abc', 'OPENAI_KEY=***'],
    ['spring.api.key=abc', 'spring.api.key=***'],
    ['DB_PWD=abc', 'DB_PWD=***'],
    ['monkey=aB3aB3aB3aB3aB3aB3', 'monkey=***'],
    ['KeyError: token=abc', 'KeyError: token=***'],
    ['{"apiKey":"abc","model":"gpt-4"}', '{"apiKey":***,"model":"gpt-4"}'],
    ['{"apiKey":abc,"model":"gpt-4"}', '{"apiKey":***,"model":"gpt-4"}'],
    ['{"port":1,"apiKey": abc, "model":"gpt-4"}', '{"port":1,"apiKey": ***, "model":"gpt-4"}'],
    ['{password: correct horse, user: bob}', '{password: ***, user: bob}'],
    ['x {token: a,b} y', 'x {token: ***} y'],
    ['a:\n  - --.pat: a b\n      c d\nx', 'a:\n  - --.pat: ***\n      ***\nx'],
    ['key=>aaaaaaaa4aaaaaa', 'key=>***'],
    ['SetCredential=token:abc', 'SetCredential=***'],
    ['DB_PASSWORD_PROD=abc', 'DB_PASSWORD_PROD=***'],
    ['GET /maps?key=X&q=1', 'GET /maps?key=***&q=1'],
    ['?api_key=X&model=gpt-4 200', '?api_key=***&model=gpt-4 200'],
    ['GET /v1?a=b&token=X#top HTTP/1.1', 'GET /v1?a=b&token=***#top HTTP/1.1'],
    ['ExecStart=/usr/bin/mysql -pabc -u root', 'ExecStart=/usr/bin/mysql -p*** -u root'],
    ['ExecStart=-mysqldump -u root -p abc all', 'ExecStart=-mysqldump -u root -p *** all'],
    ['sh -c "mariadb -pabc"', 'sh -c "mariadb -p***"'],
    [`mysql '-pa b' -p"c d" x`, `mysql '-p***' -p"***" x`],
    ['sshpass -p abc ssh -p 22 root@db', 'sshpass -p *** ssh -p 22 root@db'],
    ['redis-cli -a abc ping', 'redis-cli -a *** ping'],
    ['command: [redis-cli, -a, abc, ping]', 'command: [redis-cli, -a, ***, ping]'],
    ['["redis-cli","-a","abc","ping"]', '["redis-cli","-a","***","ping"]'],
    [String.raw`"[\"redis-cli\",\"-a\",\"abc\"]"`, String.raw`"[\"redis-cli\",\"-a\",\"***\"]"`],
    ['- redis-cli\n- -a\n- abc\nport: 1', '- redis-cli\n- -a\n- ***\nport: 1'],
    ['[\n"redis-cli",\n"-a",\n"abc"\n]', '[\n"redis-cli",\n"-a",\n"***"\n]'],
    ['curl -u me:abc http://x/', 'curl -u me:*** http://x/'],
    ['curl \\\n  -sSu "me:a b" \\\n  http://x/', 'curl \\\n  -sSu "me:***" \\\n  http://x/'],
    ['curl -fsSume:abc --proxy-user=me:d x', 'curl -fsSume:*** --proxy-user=me:*** x'],
    ['curl --user me:abc x', 'curl --user me:*** x'],
    ['curl -u abc: x', 'curl -u ***: x'],
    ['wget --user me --password=abc x', 'wget --user me --password=*** x'],
    ['docker login -u me -p abc r.example.com', 'docker login -u me -p *** r.example.com'],
    ['ldapsearch -D cn=me -w abc', 'ldapsearch -D cn=me -w ***'],
    ['mosquitto_pub -p 1883 -P abc -t x', 'mosquitto_pub -p 1883 -P *** -t x'],
    ['smbclient //a/b -U me%abc', 'smbclient //a/b -U me%***'],
    ['Environment=API_KEY= hunter22xyz', 'Environment=API_KEY= ***'],
    ['Environment=OPENAIKEY=abc', 'Environment=OPENAIKEY=***'],
    ['Environment=LITELLMKEY=abc', 'Environment=LITELLMKEY=***'],
    ['Environment=DEPLOYKEY=abc', 'Environment=DEPLOYKEY=***'],
    ['Environment=PGPASS=abc', 'Environment=PGPASS=***'],
    ['Environment=SSHPASS=abc PORT=1', 'Environment=SSHPASS=*** PORT=1'],
    ['Environment=BEARER=abc', 'Environment=BEARER=***'],
    ['Environment=CREDS=abc', 'Environment=CREDS=***'],
    ['"aws_creds": "abc"', '"aws_creds": ***'],
    ['Environment=SIGNING_SALT=abc', 'Environment=SIGNING_SALT=***'],
    ['password_salt: abc', 'password_salt: ***'],
    ['x --openai-key=QQ30abcdefgh', 'x --openai-key=***'],
    ['x --openai-key QQ30abcdefgh -v', 'x --openai-key *** -v'],
    ['x --app-key=abc', 'x --app-key=***'],
    ['x --subscription-key=abc', 'x --subscription-key=***'],
    ['Ocp-Apim-Subscription-Key: abc', 'Ocp-Apim-Subscription-Key: ***'],
    ['openai_key: abc', 'openai_key: ***'],
    ['pushkey=abc', 'pushkey=***'],
    ['curl -b session=abc http://x/', 'curl -b session=*** http://x/'],
    ['curl -sb "a=b; c=d" http://x/', 'curl -sb "a=***" http://x/'],
    ['curl --cookie session=abc http://x/', 'curl --cookie *** http://x/'],
    ['GET /a?sv=1&sig=abc%2Bdef HTTP', 'GET /a?sv=1&sig=*** HTTP'],
    ['GET /a?X-Amz-Signature=abc&a=b', 'GET /a?X-Amz-Signature=***&a=b'],
    ['https://a.example.com/?signature=abc', 'https://a.example.com/?signature=***'],
    ['/x?a=b&pwd=abc', '/x?a=b&pwd=***'],
    [
      'POST https://prod-1.westus.logic.azure.com:443/workflows/a1/triggers/manual/paths/invoke?sp=%2Ftriggers&sig=abc',
      'POST https://prod-1.westus.logic.azure.com:443/workflows/a1/triggers/manual/paths/invoke?sp=%2Ftriggers&sig=***',
    ],
    ...[
      'https://open.feishu.cn/open-apis/bot/v2/hook/',
      'https://open.larksuite.com/open-apis/bot/v2/hook/',
      'https://example.webhook.office.com/webhookb2/',
      'https://outlook.office.com/webhook/',
      'https://maker.ifttt.com/use/',
      'https://maker.ifttt.com/trigger/fell/with/key/',
      'https://maker.ifttt.com/trigger/fell/json/with/key/',
      'https://hc-ping.com/',
      'https://sctapi.ftqq.com/',
      'https://1.push.ft07.com/send/',
      'https://api.day.app/',
      'https://hooks.zapier.com/hooks/catch/1/',
      'https://hook.eu1.make.com/',
      'https://cronitor.link/p/',
      'https://nosnch.in/',
      'https://kuma.example.com/api/push/',
      'https://uptime.example.com/api/v1/heartbeat/',
    ].map(address => [
      `curl ${address}${'a1b2c3d4'.repeat(4)} done`,
      `curl ${address.replace('/catch/1/', '/catch/')}*** done`,
    ]),
    ['https://a.example.com/ping/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f', 'https://a.example.com/ping/***'],
    ['https://sctapi.ftqq.com/SCT1abcdefgh.send', 'https://sctapi.ftqq.com/***.send'],
    [
      'https://a.webhook.office.com/webhookb2/0a1b2c3d-0a1b@0a1b2c3d/IncomingWebhook/0a1b/0a1b2c3d x',
      'https://a.webhook.office.com/webhookb2/*** x',
    ],
    ['git clone https://abcdefgh12345678ijkl@github.com/a/b', 'git clone https://***@github.com/a/b'],
    ['https://aB3dE5fG7hJ9kL1m@a.example.com', 'https://***@a.example.com'],
    [`https://${'a1b2c3d4'.repeat(5)}@gitlab.example.com/`, 'https://***@gitlab.example.com/'],
    ['gateway_token QQ30abcdefgh', 'gateway_token ***'],
    ['refresh_token\tQQ30abcdefgh', 'refresh_token\t***'],
    ['gateway token QQ30abcdefgh rejected', 'gateway token *** rejected'],
    ['Invalid token QQ30abcdefgh.', 'Invalid token ***'],
    ['API key QQ30abcdefgh is invalid', 'API key *** is invalid'],
    ['OpenAI key QQ30abcdefgh is invalid', 'OpenAI key *** is invalid'],
    ['password hunter22xyz refused', 'password *** refused'],
    ['device_code: abc', 'device_code: ***'],
    ['{"deviceCode":"abc"}', '{"deviceCode":***}'],
    ['"user_code": "ABCD-1234",', '"user_code": ***,'],
    ['enter code ABCD-EFGH', 'enter code ***'],
    [
      'Please enter the code "AB12-34CD" in https://github.com/login/device',
      'Please enter the code "***" in https://github.com/login/device',
    ],
    ['First copy your one-time code: ABCD-1234', 'First copy your one-time code: ***'],
    ['Pairing code: QWERTYUI', 'Pairing code: ***'],
    ['device code 0a1b2c3d4e', 'device code ***'],
    ['请输入代码：ABCD-1234', '请输入代码：***'],
  ])('has no secrets: %s', (line, shown) => {
    expect(withoutSecrets(line)).toBe(shown);
  });

  it.each([
    'ExecStart=/usr/bin/node index.js --port 18789',
    'Environment=PATH=/usr/bin',
    'Restart=always',
    'TOKEN=$(cat ~/token)',
    'LD_LIBRARY_PATH=/usr/lib',
    'Environment=MAX_TOKENS=4096 USE_TOKEN=true API_KEY= PORT=1',
    '{"maxTokens":8192,"token":"","apiKey":null,"user":"joe"}',
    'monkey://a.example.com/x std::token::parse',
    '--api-key=${KEY}',
    '"token": "${TOKEN}"',
    "KeyError: 'choices'",
    'TokenError: model gpt-4o-mini-2024-07-18 is not there',
    'CredentialError: no profile',
    'cryptography.fernet.InvalidToken: signature',
    `SyntaxError: Unexpected token 'a', "abc123def" is not valid JSON`,
    'LoadCredential=token:/etc/agent/token',
    'ImportCredential=agent.*',
    'ConditionCredential=|sysusers.extra',
    'AssertCredential=agent.token',
    'passed: 12 tests',
    'pass: 12',
    'keyboard: us',
    'compass: north',
    'monkey=banana',
    'author=bob',
    'secretary=Ann',
    'primary_key=id',
    'PRIMARY_KEY=id',
    'token_type: bearer',
    'tokenizer=cl100k_base',
    'tokens: 12 of the prompt, 30 of the completion, 42 of both',
    'auth: none',
    'password is required',
    'token is 5 days old',
    'Bearer authentication is needed',
    'def login(password): return',
    'mysql -p -u root',
    'mysql -p$PASSWORD -P 3306',
    'curl -u me http://a:80/ -o x',
    'curl -u me:${PASSWORD} x',
    'sshpass -e ssh -p 22 root@db',
    'docker run -p 80:80 x',
    'ssh -p 22 mysql.example.com',
    'curl -s x; ssh -u a:b',
    'https://a.example.com -a b',
    '密码：错误',
    '密码错误，令牌已过期',
    'MONKEY=banana',
    'TURKEY=roast',
    'SSH_PUBKEY=id',
    'CACHE_KEY=users',
    'BYPASS=localhost',
    'COMPASS=north',
    'sacreds=none',
    'incredible: yes',
    'basalt: rock',
    'salt: 5 g',
    'the bearer of this is Ann',
    '--sort-key=name',
    '--public-key=id.pub',
    'hotkey: F5',
    'curl -b cookies.txt -c cookies.txt http://x/',
    'tar -b 20 -f x=y',
    'signal=9&design=new',
    'signature=valid',
    '?design=new&signal=9',
    'https://git@github.com/a/b',
    'https://deploy-user-2024@git.example.com/',
    'https://service.account.of.somebody@a.example.com/',
    'https://example.com/webhooks/list',
    'https://api.day.app/push',
    'https://hc-ping.com/docs',
    'https://a.example.com/ping/all',
    'https://a.example.com/api/push/x',
    'https://maker.ifttt.com/use',
    'token is missing',
    'x API_KEY= PORT=12345678a',
    'x API_KEY= node server.js',
    'x API_KEY= --verbose2abcdefgh',
    'secret default2abcdefgh is mounted',
    'auth provider2abcdefgh is there',
    'pass build2abcdefgh',
    'gateway token rejected',
    'gateway token mismatch: set gateway.remote.token',
    'refresh_token expired 5 minutes ago',
    'API key is invalid',
    'API key openai/gpt-4o-mini-2024-07-18 of the model',
    'access token 2024-07-18T10:00:00Z',
    'max_tokens 128000tokens',
    'Unexpected token abc12345def in JSON',
    'exit code 1',
    'status code: 404',
    'error code ABCD-1234',
    'device code expired',
    'Pairing code: expired',
    'country_code: DE',
    'code=exited, status=1/FAILURE',
    'enter code mode',
    'token: env:BOT_TOKEN',
    'token: file:~/.config/daruma/bot.token',
    'key: "file:/etc/keys/neko-2024.key", port: 1',
    '      token: openclaw:channels.telegram.accounts.default',
    'master_key: os.environ/LITELLM_MASTER_KEY',
    '--api-key=os.environ/KEY',
  ])('is otherwise shown as it is: %s', line => {
    expect(withoutSecrets(line)).toBe(line);
  });
});

describe('what changes only the display of a text', () => {
  const made = 'aB3'.repeat(12);
  const sequences = {
    colour: '\u001B[31m',
    reset: '\u001B[0m',
    'colour of 24 bits': '\u001B[38;2;1;22;255m',
    'colon in a colour': '\u001B[38:5:9m',
    'colour by C1': '\u009B1;31m',
    cursor: '\u001B[2K\u001B[?25l',
    link: '\u001B]8;;https://a.example.com\u001B\\',
    title: '\u001B]0;title\u0007',
    'device control': '\u001BPq#0\u001B\\',
    'character set': '\u001B(B',
    'written by rsyslog': '#033[31m',
    'written by cat': '^[[31m',
    'written in a string': String.raw`\e[31m`,
    'written in octal': String.raw`\033[1;31m`,
    'written in JSON': String.raw`\u001b[31m`,
    'written in JSON in JSON': String.raw`\\u001b[31m`,
    'without its escape character': '[1;31m',
    'zero width space': '\u200B',
    joiner: '\u200D',
    'soft hyphen': '\u00AD',
    direction: '\u202E',
    'mark of bytes': '\uFEFF',
    NUL: '\u0000',
    tag: '\u{E0041}',
    variation: '\uFE0F',
  };

  it.each(Object.entries(sequences))('hides no secret: %s', (_, s) => {
    const texts = [
      `${s}API_KEY${s}=${made}`,
      `API${s}_KEY=${made}`,
      `${s}Authorization${s}: ${s}Bearer ${s}${made}`,
      `{"${s}api_key${s}": "${s}${made}${s}"}`,
      `sk-${s}${made}`,
      `sk${s}-${made.split('').join(s)}`,
      `using ${s}token${s} ${s}${made}${s} for it`,
      `mysql ${s}-p${s}${made} x`,
      `http://a:${s}${made}@b`,
    ];
    for (const text of texts) {
      const shown = withoutSecrets(`before ${text}\nafter`);
      expect(shown).toMatch(/^before [^]*\*\*\*[^]*\nafter$/);
      expect({ text, shown }).toEqual({ text, shown: expect.not.stringMatching(/aB3|a[^\w]+B[^\w]+3/) });
      const data = { text };
      expect(JSON.stringify(dataWithoutSecrets(data))).not.toMatch(/aB3/);
    }
    expect(withoutValues(`x ${made.split('').join(s)} y`, [made])).toBe('x *** y');
  });

  it.each(Object.entries(sequences))('stays in a text without secrets: %s', (_, s) => {
    const text = `${s}Key${s}Error: ${s}it${s} failed\n${s}passed${s}: 12`;
    expect(withoutSecrets(text)).toBe(text);
  });
});

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'.split('');
const letters = (minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...alphanumeric), minLength, maxLength });
/** Put together here, for what looks like a secret is taken for one, also by those who look through repositories. */
const after = (prefix: string, least: number) => letters(least, 60).map(rest => prefix + rest);
const digits = fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: 8, maxLength: 10 });

/** Values that show by themselves what they are. */
const known = fc.oneof(
  ...['proj', 'ant-api03', 'or-v1', 'svcacct', 'admin'].map(kind => after(`sk-${kind}-`, 20)),
  ...['ghp', 'gho', 'ghu', 'ghs', 'ghr'].map(kind => after(`${kind}_`, 36)),
  after('github_pat_', 40),
  after('glpat-', 20),
  ...['xoxb', 'xoxp', 'xoxa', 'xoxe', 'xoxo', 'xoxr', 'xoxs'].map(kind => after(`${kind}-`, 24)),
  after('AIza', 35),
  after('hf_', 34),
  after('gsk_', 52),
  fc
    .string({
      unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.split('')),
      minLength: 16,
      maxLength: 16,
    })
    .map(rest => `AKIA${rest}`),
  after('tskey-auth-', 24),
  fc.tuple(digits, letters(33)).map(([bot, rest]) => `${bot}:AA${rest}`),
  ...['tvly-dev-', 'nvapi-', 'sk_live_', 'rk_live_', 'whsec_', 'npm_', 'ntn_', 'lin_api_'].map(prefix =>
    after(prefix, 42),
  ),
  ...['pplx-', 'xai-', 'r8_', 'dckr_pat_', 'pypi-AgE'].map(prefix => after(prefix, 37)),
  fc
    .tuple(letters(17, 40), letters(40, 200), letters(43))
    .map(parts => `eyJ${parts.join('.').replace('.', '.eyJ')}`),
);

const headers = ['Authorization: Bearer', 'authorization: Basic', 'Proxy-Authorization: Basic', 'x-api-key:'];
const names = [
  'API_KEY',
  'LITELLM_MASTER_KEY',
  'botToken',
  'api-key',
  'SMTP_PASS',
  'clientSecret',
  'githubPat',
];
const named = fc.tuple(fc.constantFrom(...names), letters(16, 80));
const phrases = fc
  .tuple(fc.constantFrom(...names), fc.array(letters(12, 16), { minLength: 2, maxLength: 9 }))
  .map(([name, words]) => [name, words.join(' ')] as const);
const json = ([name, value]: readonly [string, string]) => JSON.stringify({ [name]: value });
const inEachByte = (text: string) =>
  text.replaceAll(/[^]/g, each => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** How a secret is written, and its parts. */
const written: fc.Arbitrary<readonly [text: string, ...parts: readonly string[]]> = fc.oneof(
  known.map(secret => [secret, secret] as const),
  known.map(secret => [inEachByte(secret), secret, inEachByte(secret)] as const),
  known.map(secret => [encodeURIComponent(encodeURIComponent(`a=${secret}`)), secret] as const),
  letters(16, 60).map(rest => [` sk-${rest}`, rest] as const),
  letters(24).map(rest => [`https://hooks.slack.com/services/T0/B0/${rest}`, rest] as const),
  fc
    .tuple(digits, letters(60))
    .map(([id, rest]) => [`https://discord.com/api/webhooks/${id}/${rest}`, rest] as const),
  letters(12, 40).map(secret => [`postgres://litellm:${secret}@db.example.com/x`, secret] as const),
  fc.tuple(letters(12), letters(12)).map(([a, b]) => [`redis://:${a}/${b}@db`, a, b] as const),
  fc
    .tuple(fc.constantFrom(...headers), letters(16, 80))
    .map(([header, secret]) => [`${header} ${secret}`, secret] as const),
  named.map(([name, secret]) => [`${name}=${secret}`, secret] as const),
  named.map(([name, secret]) => [`?a=b&${name}=${secret}`, secret] as const),
  named.map(([name, secret]) => [`--${name} ${secret}`, secret] as const),
  named.map(([name, secret]) => [`["--${name}", "${secret}"]`, secret] as const),
  letters(12, 40).map(secret => [` mysql -p${secret} `, secret] as const),
  letters(12, 40).map(secret => [`\ncurl -u me:${secret} `, secret] as const),
  letters(12, 40).map(secret => [`["redis-cli", "-a", "${secret}"]`, secret] as const),
  named.map(([name, secret]) => [`${name}%3D${secret}`, secret] as const),
  named.map(([name, secret]) => [inEachByte(`${name}=${secret}`), secret, inEachByte(secret)] as const),
  phrases.map(([name, secret]) => [`"${name}=${secret}"`, ...secret.split(' ')] as const),
  phrases.map(each => [json(each), ...each[1].split(' ')] as const),
  phrases.map(each => [JSON.stringify(json(each)), ...each[1].split(' ')] as const),
  phrases.map(each => [JSON.stringify({ log: JSON.stringify(json(each)) }), ...each[1].split(' ')] as const),
  phrases.map(([name, secret]) => [`{"${name}":\n  "${secret}"}`, ...secret.split(' ')] as const),
  phrases.map(([name, secret]) => [`{ ${name}: ["a", '${secret}'] }`, ...secret.split(' ')] as const),
  phrases.map(([name, secret]) => [`\n${name}=${secret}\n`, ...secret.split(' ')] as const),
  phrases.map(([name, secret]) => [`\n  ${name}: ${secret}\n`, ...secret.split(' ')] as const),
  phrases.map(
    ([name, secret]) =>
      [`\n  ${name}: |-\n    ${secret.replaceAll(' ', '\n    ')}\n`, ...secret.split(' ')] as const,
  ),
  phrases.map(
    ([name, secret]) => [`\n${name}:\n- ${secret.replaceAll(' ', '\n- ')}\n`, ...secret.split(' ')] as const,
  ),
  fc
    .tuple(
      fc.constantFrom('RSA ', 'OPENSSH ', 'ENCRYPTED ', ''),
      fc.array(letters(64), { minLength: 1, maxLength: 60 }),
    )
    .chain(([kind, lines]) =>
      fc.constantFrom('\n', '\r\n', String.raw`\n`).map(newline => {
        const key = [`-----BEGIN ${kind}PRIVATE KEY-----`, ...lines, `-----END ${kind}PRIVATE KEY-----`];
        return [key.join(newline), ...lines] as const;
      }),
    ),
);

/** Whatever stands in logs, and what is made to mislead. */
const crumbs = [
  ...'"\'`\\%:=[]{}()<>@/&?,;|$#- \t\n\r.*~aZ9_é字\u0000\u202E'.split(''),
  'key',
  'token=',
  'auth: ',
  '--password ',
  ' mysql -p',
  ' curl -u ',
  '"secret": "',
  "pass='",
  '-----BEGIN ',
  '-----END ',
  'PRIVATE KEY-----',
  'https://',
  '://a:',
  'eyJ',
  'sk-',
  'Bearer ',
  'ordinary words of a log',
  '\u001B',
  '\u001B[31m',
  '\u001B]',
  '\u009B',
  '\u200B',
  '[0m',
  '#033[',
  '\\n',
  '\\"',
  '%22',
  '%25',
  '|\n',
  '- ',
  ': |\n  ',
] as const;
const surroundings = fc
  .tuple(
    fc.oneof(fc.string({ unit: fc.constantFrom(...crumbs), maxLength: 60 }), fc.string({ unit: 'binary' })),
    fc.oneof(
      { weight: 9, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 2, max: 9_000 }) },
    ),
  )
  .map(([text, times]) => text.repeat(times).slice(0, 500_000));

/** Pieces that would help somebody. */
function piecesOf(secret: string): readonly string[] {
  return Array.from({ length: Math.max(1, secret.length - 9) }, (_, at) => secret.slice(at, at + 10));
}

describe('a secret in a text', () => {
  it('never survives, nor does a piece of it, whatever is around it', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(surroundings, written, surroundings, (before, [secret, ...parts], behind) => {
        const shown = withoutSecrets(before + secret + behind);
        expect(parts.flatMap(piecesOf).filter(piece => shown.includes(piece))).toEqual([]);
      }),
      { numRuns: 400, seed: 14 },
    );
  });

  it('never survives a cut', { timeout: 120_000 }, () => {
    const filler = 'ordinary words of a log\n'.repeat(60_000);
    fc.assert(
      fc.property(written, fc.integer({ min: -600, max: 600 }), ([secret, ...parts], shift) => {
        const middle = 512 * 1024 + shift - Math.floor(secret.length / 2);
        const said = filler.slice(0, middle) + secret + filler;
        const shown = inShort(said, 2 * said.length) + endWithoutSecrets(said.slice(512 * 1024));
        expect(parts.flatMap(piecesOf).filter(piece => shown.includes(piece))).toEqual([]);
      }),
      { numRuns: 10, seed: 14 },
    );
  });

  it('is left out in each spelling of what check takes for one', { timeout: 60_000 }, () => {
    const name = fc.oneof(
      fc.constantFrom(
        ...names,
        'PAT',
        'Authorization',
        'a.b.password',
        'CREDENTIALS',
        'api_keys',
        'SOME_KEY',
      ),
      fc.string({
        unit: fc.constantFrom('a', 'B', '_', '-', '.', 'key', 'Token', 'PASS', 'pat', '1'),
        minLength: 1,
      }),
    );
    const value = fc.oneof(
      fc.string({
        unit: fc.constantFrom(...alphanumeric, ...' "\'\\,;:{}[]()<>=#&%$@/|!é'.split('')),
        minLength: 12,
      }),
      phrases.map(([, words]) => words),
    );
    let count = 0;
    fc.assert(
      fc.property(name, value, (key, secret) => {
        // A colon or a quote makes more than one value of it, and what stands behind is another's.
        if (!isSecret(key, secret) || /^["'$\s[{]|["'\\]|\s$/.test(secret)) return;
        count += 1;
        const spellings = [
          JSON.stringify({ [key]: secret }),
          JSON.stringify({ a: { [key]: secret, b: 1 } }, null, 2),
          JSON.stringify({ [key]: [secret] }),
          stringify({ [key]: secret }),
          stringify({ a: [{ [key]: secret }] }),
          `${key}=${secret}`,
          `export ${key}="${secret}"`,
          `Environment="${key}=${secret}" A=b`,
          `curl -H '${key}: ${secret.replaceAll(' ', '')}' x`,
          new URLSearchParams({ a: 'b', [key]: secret.replaceAll(/[^\w-]/g, '-') }).toString(),
        ];
        for (const spelling of spellings) {
          const shown = withoutSecrets(spelling);
          const words = secret.split(/[^A-Za-z0-9]+/).filter(word => word.length >= 6 && !key.includes(word));
          expect({ spelling, seen: words.filter(word => shown.includes(word)) }).toEqual({
            spelling,
            seen: [],
          });
        }
      }),
      { numRuns: 2_000, seed: 14 },
    );
    expect(count).toBeGreaterThan(300);
  });
});

/** What secrets are made of, whole and broken off, so that many a text is nearly one. */
const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...crumbs,
        ...names,
        ...headers,
        'mysql -p',
        '"redis-cli", "-a", "',
        ' curl -u a:b',
        'mysql -p',
        ' redis-cli ',
        ' -a ',
        'curl -u me:',
        '--user=a:',
        'docker login ',
        'Pat',
        'path',
        'paß',
        '密码',
        '密',
        '.eyJ',
        '?sig=',
        '&',
        'signature=',
        'OPENAIKEY=',
        'creds=',
        'salt',
        'BEARER=',
        'user_code ',
        'code ABCD-1234',
        ' rejected',
        '://aB3dE5fG7hJ9kL1m@',
        'curl -b a=',
        'open-apis/bot/v2/hook/',
        'hc-ping.com/',
        '123456:',
      ),
      fc.tuple(known, fc.nat(20)).map(([secret, length]) => secret.slice(0, length)),
      fc.tuple(known, fc.nat(20)).map(([secret, length]) => secret.slice(-length)),
      written.map(([text]) => text.slice(0, 300)),
      letters(1, 40),
    ),
    { maxLength: 12 },
  )
  .map(parts => parts.join(''));

describe('a first look at a text', () => {
  it('misses nothing that is found by going through it', { timeout: 60_000 }, () => {
    let passed = 0;
    fc.assert(
      fc.property(pieces, text => {
        const found = fullSearch(text);
        expect(secretSpans(text)).toEqual(found);
        if (found.length === 0) passed += 1;
      }),
      { numRuns: 5_000, seed: 14 },
    );
    expect(passed).toBeGreaterThan(300);
  });

  it('judges the same names that are judged word by word', { timeout: 60_000 }, () => {
    const words = /[\w-]+|密码|口令|密钥|密匙|私钥|令牌|凭据|凭证|授权码|密碼|金鑰|權杖|憑據/g;
    fc.assert(
      fc.property(pieces, text => {
        const each = [...text.matchAll(words)].flatMap(({ 0: name, index }) => {
          const suspicion = suspicionOf(name, text.slice(Math.max(0, index - 12), index));
          return suspicion === undefined ? [] : [{ name, start: index, end: index + name.length, suspicion }];
        });
        expect([...suspectedNames(text)]).toEqual(each);
      }),
      { numRuns: 5_000, seed: 14 },
    );
  });

  it('leaves data with secrets as each of its texts is left', () => {
    const data = fc.array(fc.record({ a: pieces, b: fc.array(pieces, { maxLength: 2 }), c: fc.integer() }), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(data, each => {
        expect(dataWithoutSecrets(each)).toEqual(
          each.map(({ a, b, c }) => ({ a: withoutSecrets(a), b: b.map(withoutSecrets), c })),
        );
      }),
      { seed: 14 },
    );
  });
});

describe('a text without secrets', () => {
  it('stays as it is, whatever else is in it', () => {
    const unit = fc.constantFrom(
      ...crumbs.filter(
        each => !/mysql|curl|key|token|auth|pass|secret|bearer|:\/\/a:|eyJ|PRIVATE|sk-|-----/i.test(each),
      ),
    );
    const text = fc.oneof(fc.string({ unit, maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 400 }));
    fc.assert(
      fc.property(text, each => {
        expect(withoutSecrets(each)).toBe(each);
        expect(inShort(each, each.length)).toBe(each);
      }),
      { numRuns: 2_000, seed: 14 },
    );
  });

  it('is cut in the middle where it is too long, which is said', () => {
    expect(inShort(`first ${'x'.repeat(900)} last`, 200)).toMatch(/^first x+ … x+ last$/);
    expect(inShort(`first ${'x'.repeat(900)} last`, 200)).toHaveLength(200);
    const long = `first ${'word '.repeat(1_000_000)}last`;
    expect(inShort(long, 200)).toMatch(/^first .* … .*last$/);
    expect(inShort('😀'.repeat(200), 200).isWellFormed()).toBe(true);
  });
});

describe('a text that is made to keep its reader busy', () => {
  it.each([
    'key',
    'api-key',
    'key=',
    'key="',
    "key='a",
    'key=`',
    'key: ',
    'key:\n',
    'key: |\n ',
    'key=[',
    'key:["',
    'key=""',
    '"key=',
    'key=\\',
    'TOKEN=\\\n',
    'TOKEN=a\\\n',
    '--key ',
    '--key "',
    'key : ',
    'key\t',
    'auth: digest ',
    '_pat',
    'x_pat_',
    '://',
    '://a:',
    '://:a@',
    'eyJ',
    '-eyJ',
    'eyJ.',
    '.eyJaaaaaaaaaa',
    'sk-',
    'xoxb-',
    '1',
    '1:',
    'hooks.slack.com/a/',
    '%',
    '%25',
    '%5C',
    '\\',
    '\\u005c',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '\n-----BEGIN PRIVATE KEY-----\n',
    '-----END PRIVATE KEY-----',
    'A\n-----END PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----A\n',
    ' ',
    '\n',
    '\t\n',
    '- ',
    '*',
    'key=***',
    'token=',
    'token "',
    "token 'a",
    'token is ',
    'token is "',
    'token (',
    'token (a',
    '"token":a,',
    '"token":a,"b',
    '{token:',
    '{token:a,',
    '{token: a}b',
    '?token=a&',
    '密码',
    '密码：',
    '密码是',
    'bearer ',
    'bearer\t',
    'KeyError: a',
    'tokentoken1',
    'TOKEN_1',
    '\u001B',
    '\u001B[',
    '\u001B[0',
    '\u001B]',
    '\u001B]a',
    '\u001B ',
    '\u0090a',
    '\u200B',
    '[0',
    '[0m',
    '^[',
    '#033[',
    '\\e[',
    'k\u200Be\u200By\u200B=',
    'code ',
    'device code ',
    'device code a',
    'code ABCD-',
    'user_code',
    'token a1',
    'token abcdefgh1 ',
    'api key a',
    '://a@',
    '://aaaaaaaaaaaaaaaaaaaa1@',
    'curl -b a=',
    '?sig=',
    '&sig',
    '/open-apis/bot/v2/hook/',
    'office.com/webhook/',
    'maker.ifttt.com/trigger/',
    'maker.ifttt.com/trigger/a',
    'hc-ping.com/aaaaaaaaaaaaaaaaaaaa',
    '/ping/',
    'salt',
    'bearer=',
    'SG.',
    'SG.aaaaaaaaaaaaaaaaaaaaaa.',
  ])('takes no longer for it: %j', { timeout: 20_000 }, unit => {
    const text = unit.repeat(300_000 / unit.length);
    expect(inShort(text, 200).length).toBeLessThanOrEqual(200);
  });
});

it('leaves out values that are known, in each spelling, the longer ones first', () => {
  const secrets = ['pa"ss word', 'pa', ''];
  expect(withoutValues(String.raw`pa"ss word pa\"ss word pa%22ss%20word x`, secrets)).toBe('*** *** *** x');
});

describe('a known value is hidden in the forms in which programs write values', () => {
  const passphrase = "correct horse's battery+staple";
  const bytes = [...Buffer.from(passphrase)].map(byte => byte.toString(16).padStart(2, '0'));
  const octal = [...Buffer.from(passphrase)].map(byte => byte.toString(8).padStart(3, '0'));
  const forms: Readonly<Record<string, string>> = {
    'as it is': passphrase,
    'in a form': new URLSearchParams({ p: passphrase }).toString().slice(2),
    'in a URL': encodeURIComponent(passphrase),
    'for a shell': passphrase.replaceAll("'", String.raw`'\''`),
    'word by word': JSON.stringify(passphrase.split(' ')).slice(2, -2),
    'over two lines': passphrase.replace(' ', '\n  '),
    'in octal escapes': octal.join('\\'),
    'in octal escapes of printf': octal.join('\\0'),
    'as od prints it': octal.join(' '),
    'as a list of numbers': [...Buffer.from(passphrase)].join(', '),
    'in HTML, by numbers': [...Buffer.from(passphrase)].map(each => `&#${each};`).join(''),
    'in HTML, by one hexadecimal number': `&#x${passphrase.codePointAt(0)?.toString(16)};${passphrase.slice(1)}`,
    'in escapes of Rust': [...Buffer.from(passphrase)].map(each => `\\u{${each.toString(16)}}`).join(''),
    'in long escapes of Python': `\\U${passphrase.codePointAt(0)?.toString(16).padStart(8, '0')}${passphrase.slice(1)}`,
    'in hexadecimal digits': Buffer.from(passphrase).toString('hex'),
    'in capital hexadecimal digits': bytes.join('').toUpperCase(),
    'in bytes with spaces': bytes.join(' '),
    'in bytes with colons': bytes.join(':'),
    'in bytes as C writes them': bytes
      .map(byte => `0x${byte}`)
      .join(', ')
      .slice(2),
    'in bytes of a string of C': bytes
      .map(byte => String.raw`\x${byte}`)
      .join('')
      .slice(2),
    'in words of two bytes': bytes
      .join('')
      .replaceAll(/(....)/g, '$1 ')
      .trim(),
    'in base64': Buffer.from(passphrase).toString('base64'),
    'in base64 of URLs': Buffer.from(passphrase).toString('base64url'),
  };
  it.each(Object.entries(forms))('%s', (_, form) => {
    const shown = withoutValues(`the word: ${form} was refused`, [passphrase]);
    expect(shown.replace(/\n\s*\*\*\*/, '')).toBe('the word: *** was refused');
  });

  it.each(['u:', 'us:', 'use:'])('in base64 behind a user (%s)', user => {
    const header = Buffer.from(`${user}${passphrase}!`).toString('base64');
    const shown = withoutValues(`Authorization: Basic ${header}`, [passphrase]);
    const left = /[A-Za-z0-9+/]{5,}$/.exec(shown.replaceAll('***', ' '))?.[0] ?? '';
    expect(shown).toContain('***');
    expect(left).toBe('');
  });

  it('in bytes over many lines, in a time that grows with the text alone', () => {
    const dump = bytes.join('\n');
    expect(withoutValues(dump, [passphrase])).toBe(bytes.map(() => '***').join('\n'));
    const long = `${'63 6f '.repeat(200_000)}x`;
    expect(withoutValues(long, [passphrase])).toBe(long);
  });

  it('and no other word of it alone, which nobody knows to be a part', () => {
    expect(withoutValues('a horse is a horse', [passphrase])).toBe('a horse is a horse');
  });
});

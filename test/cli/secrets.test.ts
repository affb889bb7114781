/** Whatever is told of a unit is told without its secrets, and what is made of it is for nobody else to read. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const secret = 'sk-THISISASECRET1234567890abcd';

const unit = `[Service]
Envrionment=OPENAI_API_KEY=${secret}
RestartSec=${secret}
Restart=${secret}
no sign ${secret}
ExecStart=/bin/true
ExecStartPost=/usr/bin/curl -H "Authorization: Bearer ${secret}" http://x
[Install]
WantedBy=default.target
`;

function machine(): { readonly root: string; readonly folder: string } {
  const folder = 'home/kuma/.config/systemd/user';
  const root = unpackedRoot({
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/sh\n',
    'bin/true': '',
    'usr/bin/curl': '',
    [`${folder}/p.service`]: unit,
  });
  for (const program of ['bin/true', 'usr/bin/curl']) fs.chmodSync(path.join(root, program), 0o755);
  fs.chmodSync(path.join(root, folder, 'p.service'), 0o600);
  return { root, folder };
}

describe('a secret in a unit', () => {
  it.each([
    ...['human', 'json', 'sarif', 'github', 'markdown'].map(format => ['check', '--format', format]),
    ['explain'],
    ['explain', '--json'],
    ['status'],
    ['fix', '--dry-run'],
    ['fix', '--dry-run', '--json'],
    ['fix', '--yes'],
  ])('is not said by %s %s %s', async (...words) => {
    const { root } = machine();
    const { stdout, stderr } = await daruma([...words, '--root', root]);
    expect(stdout).toMatch(/\bp\b/);
    expect(stdout + stderr).not.toContain('THISISASECRET');
  });

  it('is in a drop-in that is for its owner alone, as the unit is', async () => {
    const { root, folder } = machine();
    expect((await daruma(['fix', '--yes', '--root', root])).code).toBe(0);
    const dropIn = path.join(root, folder, 'p.service.d/zz-daruma.conf');
    expect(fs.readFileSync(dropIn, 'utf8')).toContain(`Bearer ${secret}`);
    expect(fs.statSync(dropIn).mode & 0o777).toBe(0o600);
  });
});

/** Variables without `Environment=` before them, so that only the key of the line makes the secret known. */
const asDirectives = `[Service]
OPENAI_API_KEY=word-one1
DB_PASSWORD=word-two2
export API_TOKEN=word-three3
"apiKey"=word-four4
Environment API_KEY=word-five5
API_KEY word-six6abcdefgh = x
REDIS_PASSWORD="word-seven7 and word-eight8"
TOKEN=word-nine9 \\
  word-ten10
ExecStart=/bin/true
SetCredential=token word-eleven11
Environment=API_KEY = word-fourteen14
Environment=API_KEY= word-fifteen15abcdefgh16
Environment=API_KEY: word-sixteen16
Environment=API_KEY word-seventeen17abcdefgh18
PassEnvironment=DB_PASSWORD=word-eighteen18
[DB_PASSWORD=word-twelve12]
a=b
[Install]
SMTP_PASS=word-thirteen13
WantedBy=default.target
`;

describe('a secret that is written as a setting', () => {
  it.each([
    ...['human', 'json', 'sarif', 'github', 'markdown'].map(format => ['check', '--format', format]),
    ['explain'],
    ['explain', '--json'],
    ['fix', '--dry-run'],
    ['fix', '--dry-run', '--json'],
  ])('is not said by %s %s %s', async (...words) => {
    const { root, folder } = machine();
    fs.writeFileSync(path.join(root, folder, 'p.service'), asDirectives);
    const { stdout, stderr } = await daruma([...words, '--root', root]);
    expect(stdout).toMatch(/OPENAI_API_KEY=\*\*\*/);
    expect(stdout + stderr).not.toMatch(/word-/);
  });

  it('leaves harmless settings as they are', async () => {
    const { root, folder } = machine();
    const lines = ['Keyboard=us1234567890', 'Monkey=banana', 'MAX_TOKENS=4096', 'USE_TOKEN=true'];
    fs.writeFileSync(
      path.join(root, folder, 'p.service'),
      `[Service]\nExecStart=/bin/true\n${lines.join('\n')}\n`,
    );
    const { stdout } = await daruma(['explain', '--root', root]);
    for (const line of lines) expect(stdout).toContain(line);
  });
});

/** Passwords that nothing but the program beside them makes known. */
const byProgram = `[Service]
ExecStart=/bin/true
ExecStartPre=/usr/bin/curl -u me:word-one http://127.0.0.1/
Restrat=/usr/bin/mysql -pword-two
ExecStartPost=/usr/bin/redis-cli -a word-three ping
WorkingDirectory=sshpass -p word-four ssh -p 22 db
Restart=sometimes mysqldump -u root -p word-five
`;

const configuration = `units:
  p:
    probe: {command: [redis-cli, -a, word-six, ping]}
  q:
    probe: {http: "http://127.0.0.1/health?token=word-seven", body: "password: word-eight"}
notify:
  channels:
    - {type: command, command: [curl, --user, "me:word-nine", --api-key, "word \\"ten"]}
    - {type: ntfy, topic: falls, server: "https://ntfy.example.com/?access_token=word-eleven", token: "env:NTFY_TOKEN"}
    - {type: telegram, chat: 1, token: "openclaw:channels.telegram.botToken"}
  templates: {fell: "secret=word-twelve"}
nodes:
  - {name: kuma, url: "https://kuma.example.com/litellm?key=word-thirteen"}
`;

describe('a secret that is known by what takes it', () => {
  it.each([
    ...['human', 'json', 'sarif', 'github', 'markdown'].map(format => ['check', '--format', format]),
    ['explain'],
    ['explain', '--json'],
    ['status'],
    ['status', '--json'],
    ['fix', '--dry-run'],
    ['config', 'show'],
    ['config', 'show', '--json'],
    ['failover', 'status'],
    ['failover', 'status', '--json'],
  ])('is not said by %s %s %s %s', async (...words) => {
    const { root, folder } = machine();
    fs.writeFileSync(path.join(root, folder, 'p.service'), byProgram);
    fs.mkdirSync(path.join(root, 'home/kuma/.config/daruma'));
    fs.writeFileSync(path.join(root, 'home/kuma/.config/daruma/config.yaml'), configuration);
    const { stdout, stderr } = await daruma([...words, '--root', root]);
    expect(stdout).toMatch(/\bkuma\b|\bp\b/);
    expect(stdout + stderr).not.toMatch(/word-|ten\b.*line 8/);
  });

  it('leaves the rest of the configuration as it is, and where secrets stand', async () => {
    const { root } = machine();
    fs.mkdirSync(path.join(root, 'home/kuma/.config/daruma'));
    fs.writeFileSync(path.join(root, 'home/kuma/.config/daruma/config.yaml'), configuration);
    const { stdout } = await daruma(['config', '--root', root]);
    for (const text of [
      '[redis-cli, -a, ***, ping]',
      '[curl, --user, me:***, --api-key, ***]',
      'http://127.0.0.1/health?token=***',
      'env:NTFY_TOKEN',
      'openclaw:channels.telegram.botToken',
    ])
      expect(stdout).toContain(text);
  });

  it('is not said of a key that the configuration does not know', async () => {
    const root = unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/sh\n',
      'home/kuma/.config/daruma/config.yaml': `${secret}: 1\n`,
    });
    const { code, stdout, stderr } = await daruma(['config', 'validate', '--root', root]);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('THISISASECRET');
  });
});

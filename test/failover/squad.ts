/** The seed's two machines, seen from neko: files of an unpacked system, or of a home. */
import os from 'node:os';

type Files = Readonly<Record<string, string>>;

/** Of the note that all this began with, to the letter. */
export const seed = `{
  "models": {
    "providers": {
      "litellm": {
        "baseUrl": "http://127.0.0.1:4000/v1",
        "apiKey": "sk-local-key"
      },
      "remote-litellm": {
        "baseUrl": "https://remote-host.example.com/litellm/v1",
        "apiKey": "sk-remote-key"
      }
    }
  },
  "agents": {
    "defaults": {
      "model": {
        "primary": "litellm/claude-opus-4.6",
        "fallbacks": [
          "remote-litellm/claude-opus-4.6",
          "remote-litellm/claude-sonnet-4"
        ]
      }
    }
  }
}
`;

/** Without a second machine yet: comments, single quotes, keys without quotes, trailing commas. */
export const alone = `{ // neko
  gateway: { mode: 'local' },
  models: {
    providers: {
      litellm: {
        baseUrl: 'http://127.0.0.1:4000/v1',
        apiKey: '\${LITELLM_MASTER_KEY}', // of LiteLLM
        api: 'openai-completions',
        models: [
          { id: 'claude-opus-4.6', name: 'Claude Opus 4.6', contextWindow: 0x30d40 },
          { id: 'claude-sonnet-4', name: 'Claude Sonnet 4' },
        ],
      },
    },
  },
  agents: {
    defaults: { model: { primary: 'litellm/claude-opus-4.6' } },
    entries: {
      writer: { model: 'litellm/claude-sonnet-4' },
      own: { model: { primary: 'litellm/claude-opus-4.6', fallbacks: ['litellm/claude-sonnet-4'] } },
      cloud: { model: 'anthropic/claude-opus-4.6' },
    },
    ownership: 'explicit',
  },
}
`;

export function nodesOf(
  names: readonly string[],
  key = (name: string) => `, key: "file:~/${name}.key"`,
): string {
  const nodes = names.map(
    name => `  - {name: "${name}", url: "https://${name}.example.com/litellm"${key(name)}}\n`,
  );
  return `nodes:\n${nodes.join('')}`;
}

/**
 * @param openclaw its openclaw.json, or files below `~/.openclaw`
 * @param version the version of OpenClaw that its gateway runs
 */
export function squad(
  openclaw: string | Files = alone,
  configuration = nodesOf(['neko', 'kuma']),
  version = '2026.9.6',
): Files {
  const files = typeof openclaw === 'string' ? { 'openclaw.json': openclaw } : openclaw;
  const unit = (command: string) =>
    `[Service]\nExecStart=${command}\nRestart=always\n[Install]\nWantedBy=default.target\n`;
  return {
    'etc/hostname': 'neko\n',
    'etc/passwd': 'neko:x:1000:1000::/home/neko:/bin/bash\n',
    'home/neko/.config/daruma/config.yaml': configuration,
    'home/neko/.config/systemd/user/litellm.service': unit('/usr/bin/litellm --port 4000'),
    'home/neko/.config/systemd/user/openclaw-gateway.service': unit(
      '/usr/bin/node /usr/lib/node_modules/openclaw/dist/index.js gateway',
    ),
    'usr/lib/node_modules/openclaw/package.json': JSON.stringify({ name: 'openclaw', version }),
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`home/neko/.openclaw/${name}`, text])),
  };
}

const configurationFile = '.config/daruma/config.yaml';

/** The home of whoever runs a test, with the seed's snippet: the other machine is one that there is not. */
export function seedHome(openclaw = seed): Files {
  const nodes = `nodes:\n- {name: "${os.hostname()}", url: "https://own.invalid/litellm", key: "file:~/own.key"}\n- {name: kuma, url: "https://remote-host.example.com/litellm", key: "file:~/kuma.key"}\n`;
  return {
    [configurationFile]: nodes,
    '.openclaw/openclaw.json': openclaw,
    'own.key': 'sk-the-key-of-own\n',
    'kuma.key': 'sk-the-key-of-kuma\n',
  };
}

/** The same, whose configuration has a channel that nobody listens on. */
export function seedHomeWithChannel(): Files {
  const files = seedHome();
  const channel = 'notify:\n  channels:\n  - {type: webhook, url: "http://127.0.0.1:9/"}\n';
  return { ...files, [configurationFile]: `${files[configurationFile]}${channel}` };
}

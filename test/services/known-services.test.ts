/** Command lines as people write them: which service it is, and where it listens. */
import { describe, expect, it } from 'vitest';
import { recogniseService } from '../../src/services/index.ts';
import { programInUnitFolder, programOf } from './program.ts';

type Case = Parameters<typeof programOf>;

/** `litellm 0.0.0.0:4000`; without a port where that is not known. */
function seen(...[lines, options]: Case): string {
  const known = recogniseService(programOf(lines, options));
  if (known === undefined) return 'nothing';
  const listeners = known.service.listens(known.program);
  return [known.service.id, ...listeners.map(({ address, port }) => `${address}:${port}`)].join(' ');
}

function openTo(...[lines, options]: Case) {
  const known = recogniseService(programOf(lines, options));
  return known?.service.pitfalls.openTo?.(known.program);
}

const openclawConfig = (text: string) => ({
  files: { 'home/kuma/.openclaw/openclaw.json': text },
});

describe('LiteLLM', () => {
  it.each<[string, string | readonly string[]]>([
    ['litellm 0.0.0.0:4000', '/home/kuma/.local/bin/litellm --config /home/kuma/litellm/config.yaml'],
    ['litellm 127.0.0.1:4001', '/usr/bin/litellm --config c.yaml --host 127.0.0.1 --port 4001'],
    ['litellm 0.0.0.0:4000', '/srv/venv/bin/python -m litellm.proxy.proxy_cli --config c.yaml'],
    ['litellm 0.0.0.0:8080', ['Environment=PORT=8080', 'ExecStart=/usr/bin/litellm']],
    ['litellm 127.0.0.1:4000', ['Environment=HOST=127.0.0.1', 'ExecStart=/usr/bin/litellm']],
    ['litellm ::1:9', ['Environment=HOST=1 PORT=8', 'ExecStart=/bin/litellm --host ::1 --port 9']],
    ['litellm 0.0.0.0:4000', "/usr/bin/uv tool run --from 'litellm[proxy]' litellm -c c.yaml"],
    ['litellm undefined:4000', '/usr/bin/litellm --port 4000 $OPTIONS'],
    ['litellm', '/usr/bin/litellm --port ${LITELLM_PORT}'],
    ['litellm', '/usr/bin/litellm $OPTIONS'],
  ])('%s: %s', (expected, lines) => {
    expect(seen(lines)).toBe(expected);
  });

  it.each([
    '/usr/bin/litellm --version',
    '/usr/bin/litellm --health',
    '/usr/bin/litellm xai-oauth login',
    '/usr/bin/litellm --config c.yaml --validate_config',
    '/usr/bin/litellm-proxy models list',
    '/usr/bin/uv pip install litellm',
    '/usr/bin/tail -f /var/log/litellm',
  ])('is not %s', line => {
    expect(seen(line)).toBe('nothing');
  });

  const config = (text: string) => ({ files: { 'home/kuma/c.yaml': text } });

  it.each<['use' | undefined, ...Case]>([
    ['use', '/usr/bin/litellm'],
    ['use', ['Environment=LITELLM_MASTER_KEY=sk-1234', 'ExecStart=/usr/bin/litellm']],
    ['use', ['Environment=LITELLM_MASTER_KEY=', 'ExecStart=/usr/bin/litellm']],
    ['use', '/usr/bin/litellm --config c.yaml', config('model_list: []\n')],
    ['use', '/usr/bin/litellm -c c.yaml', config('general_settings:\n  master_key: null\n')],
    [undefined, '/usr/bin/litellm -c c.yaml', config('general_settings:\n  master_key: os.environ/KEY\n')],
    [undefined, '/usr/bin/litellm -c c.yaml', config('general_settings:\n  custom_auth: a.b\n')],
    [undefined, '/usr/bin/litellm -c c.yaml', config('include:\n  - keys.yaml\n')],
    [undefined, '/usr/bin/litellm -c c.yaml', config('a: [\n')],
    [undefined, '/usr/bin/litellm -c missing.yaml'],
    [undefined, ['Environment=LITELLM_MASTER_KEY=sk-own', 'ExecStart=/usr/bin/litellm']],
    [undefined, ['EnvironmentFile=/etc', 'ExecStart=/usr/bin/litellm']],
  ])('is open to %s: %s', (expected, ...unit) => {
    expect(openTo(...unit)).toBe(expected);
  });

  it('says nothing of what it may be given by files that are not at hand', () => {
    const program = programInUnitFolder(['EnvironmentFile=-/etc/litellm', 'ExecStart=/bin/litellm']);
    const known = recogniseService(program);
    expect(known?.service.id).toBe('litellm');
    expect(known?.service.listens(program)).toEqual([]);
    expect(known?.service.pitfalls.openTo?.(program)).toBeUndefined();
  });
});

describe('copilot-api', () => {
  it.each<[string, string | readonly string[]]>([
    ['copilot-api :::4141', '/home/kuma/.local/bin/copilot-api start'],
    ['copilot-api :::4142', '/usr/bin/npx -y copilot-api@latest start -p 4142'],
    ['copilot-api :::4142', '/usr/bin/node /usr/lib/node_modules/copilot-api/dist/main.js start --port=4142'],
    ['copilot-api :::4141', '/home/kuma/.bun/bin/bun run /srv/copilot-api/src/main.ts start'],
    ['copilot-api 127.0.0.1:4141', ['Environment=HOST=127.0.0.1', 'ExecStart=/bin/copilot-api start']],
    ['copilot-api 127.0.0.1:4141', '/usr/bin/env HOST=127.0.0.1 copilot-api start'],
  ])('%s: %s', (expected, lines) => {
    expect(seen(lines)).toBe(expected);
  });

  it.each(['/bin/copilot-api auth', '/bin/copilot-api check-usage', '/bin/copilot-api'])(
    'is not %s',
    line => {
      expect(seen(line)).toBe('nothing');
    },
  );
});

describe('the OpenClaw gateway', () => {
  const node = '/usr/bin/node /usr/lib/node_modules/openclaw/dist/index.js';

  it.each<[string, ...Case]>([
    ['openclaw-gateway 127.0.0.1:18789', `${node} gateway --port 18789`],
    ['openclaw-gateway 127.0.0.1:18789', `${node} gateway`],
    ['openclaw-gateway 127.0.0.1:19000', '/usr/bin/openclaw gateway run --port 19000'],
    ['openclaw-gateway 0.0.0.0:18789', '/usr/bin/openclaw gateway --bind lan'],
    ['openclaw-gateway undefined:18789', '/usr/bin/openclaw gateway --bind tailnet'],
    ['openclaw-gateway 127.0.0.1:18789', '/usr/bin/openclaw --profile work gateway run'],
    ['openclaw-gateway 127.0.0.1:19001', '/usr/bin/openclaw --dev gateway'],
    ['openclaw-gateway 127.0.0.1:7', ['Environment=OPENCLAW_GATEWAY_PORT=7', `ExecStart=${node} gateway`]],
    [
      'openclaw-gateway 0.0.0.0:8',
      `${node} gateway`,
      openclawConfig('{ gateway: {\n  // a comment\n  port: 8,\n  bind: "lan" } }'),
    ],
    ['openclaw-gateway', `${node} gateway`, openclawConfig('{ $include: "./base.json" }')],
    ['openclaw-gateway', `${node} gateway`, openclawConfig('{ gateway: ')],
    ['openclaw-gateway undefined:5', `${node} gateway --port 5`, openclawConfig('{ gateway: ')],
    [
      'openclaw-gateway 127.0.0.1:9',
      ['Environment=OPENCLAW_PROFILE=work', `ExecStart=${node} gateway`],
      { files: { 'home/kuma/.openclaw-work/openclaw.json': '{"gateway":{"port":9}}' } },
    ],
    ['openclaw-gateway', '/bin/bash /home/kuma/gateway.sh', { unit: 'openclaw-gateway-work.service' }],
  ])('%s: %s', (expected, ...unit) => {
    expect(seen(...unit)).toBe(expected);
  });

  it('names its configuration where that says so, and no line of it', () => {
    const text = '{\n  "gateway": {\n    "port": 8\n  }\n}\n';
    const program = programOf(`${node} gateway`, openclawConfig(text));
    const [listener] = recogniseService(program)?.service.listens(program) ?? [];
    const file = '/home/kuma/.openclaw/openclaw.json';
    expect(listener?.portOrigin).toEqual({ kind: 'file', file, source: null });
  });

  it.each<[...Case]>([
    ['/usr/bin/openclaw agent --local --message ping'],
    ['/usr/bin/openclaw gateway status'],
    ['/usr/bin/openclaw gateway --help'],
    ['/usr/bin/openclaw node run'],
    ['/usr/bin/openclaw status gateway'],
    ['/usr/bin/podman run openclaw gateway', { unit: 'openclaw-gateway.service' }],
    ['/bin/bash /home/kuma/gateway.sh', { unit: 'openclaw-gateway-watch.timer.service' }],
    ['/bin/bash /home/kuma/gateway.sh', { unit: 'my-openclaw-gateway.service' }],
  ])('is not %s', (...unit) => {
    expect(seen(...unit)).toBe('nothing');
  });
});

describe('other servers', () => {
  it.each<[string, ...Case]>([
    ['ollama 127.0.0.1:11434', '/usr/local/bin/ollama serve'],
    ['ollama 0.0.0.0:11434', ['Environment=OLLAMA_HOST=0.0.0.0', 'ExecStart=/bin/ollama serve']],
    ['ollama 0.0.0.0:1', ['Environment=OLLAMA_HOST=:1', 'ExecStart=/bin/ollama serve']],
    ['ollama ::1:2', ['Environment="OLLAMA_HOST=[::1]:2"', 'ExecStart=/bin/ollama serve']],
    ['ollama ai.lan:80', ['Environment=OLLAMA_HOST=http://ai.lan/', 'ExecStart=/bin/ollama serve']],
    ['vllm 0.0.0.0:8000', '/srv/venv/bin/vllm serve Qwen/Qwen3-8B'],
    ['vllm 127.0.0.1:8001', '/srv/venv/bin/vllm serve m --host 127.0.0.1 --port 8001'],
    ['vllm 0.0.0.0:8000', '/usr/bin/python3 -m vllm.entrypoints.openai.api_server --model m'],
    ['vllm', '/srv/venv/bin/vllm serve m --uds /run/vllm.sock'],
    ['vllm', '/srv/venv/bin/vllm serve --config vllm.yaml'],
    ['llama-server 127.0.0.1:8080', '/usr/local/bin/llama-server -m model.gguf -c 4096'],
    [
      'llama-server 0.0.0.0:9',
      ['Environment=LLAMA_ARG_PORT=9', 'ExecStart=/bin/llama-server --host 0.0.0.0'],
    ],
    ['llama-server', '/usr/local/bin/llama-server -m m.gguf --host /run/llama.sock'],
    ['open-webui 0.0.0.0:8080', '/home/kuma/.local/bin/open-webui serve'],
    [
      'open-webui 127.0.0.1:3000',
      '/usr/bin/uvx --python 3.11 open-webui@latest serve --host 127.0.0.1 --port 3000',
    ],
    ['n8n :::5678', '/usr/bin/n8n'],
    [
      'n8n 127.0.0.1:80',
      ['Environment=N8N_PORT=80 N8N_LISTEN_ADDRESS=127.0.0.1', 'ExecStart=/usr/bin/n8n start'],
    ],
    ['n8n', ['Environment=N8N_CONFIG_FILES=/etc/n8n.json', 'ExecStart=/usr/bin/n8n start']],
    ['hermes-gateway', '/home/kuma/.local/bin/hermes gateway run'],
    [
      'hermes-gateway',
      '/srv/hermes/venv/bin/python -m hermes_cli.main --profile coder gateway run --replace',
    ],
    ['python-web 0.0.0.0:8080', '/srv/venv/bin/uvicorn app:app --host 0.0.0.0 --port 8080'],
    ['python-web 127.0.0.1:8000', '/srv/venv/bin/python -m uvicorn app:app'],
    ['python-web', '/srv/venv/bin/uvicorn app:app --fd 0'],
    ['python-web 0.0.0.0:9000', '/srv/venv/bin/gunicorn -w 4 -b 0.0.0.0:9000 app:app'],
    ['python-web', '/srv/venv/bin/gunicorn --bind unix:/run/app.sock app:app'],
    ['python-web', '/srv/venv/bin/gunicorn app:app'],
    ['python-web 127.0.0.1:8000', '/srv/venv/bin/hypercorn app:app'],
    ['python-web 127.0.0.1:5000', '/srv/venv/bin/flask --app bot run'],
    ['python-web 0.0.0.0:5001', '/srv/venv/bin/flask run -h 0.0.0.0 -p 5001'],
    ['python-web 0.0.0.0:8000', '/srv/venv/bin/fastapi run main.py'],
    ['python-web', '/srv/venv/bin/streamlit run app.py'],
    ['node-service 0.0.0.0:3001', '/usr/bin/npx next start -p 3001'],
    ['node-service undefined:3000', ['Environment=PORT=3000', 'ExecStart=/usr/bin/node /srv/app/server.js']],
    ['node-service', '/usr/bin/node /srv/app/worker.js'],
    ['node-service', '/usr/bin/bun run bot.ts'],
  ])('%s: %s', (expected, ...unit) => {
    expect(seen(...unit)).toBe(expected);
  });

  it.each([
    '/usr/local/bin/ollama pull llama3',
    '/usr/local/bin/ollama run llama3',
    '/srv/venv/bin/vllm bench serve',
    '/srv/venv/bin/vllm chat',
    '/usr/local/bin/llama-server --version',
    '/usr/local/bin/llama-cli -m model.gguf',
    '/usr/bin/n8n worker',
    '/usr/bin/n8n export:workflow --all',
    '/home/kuma/.local/bin/hermes gateway status',
    '/home/kuma/.local/bin/hermes chat',
    '/srv/venv/bin/flask db upgrade',
    '/srv/venv/bin/gunicorn --version',
    '/usr/bin/next build',
    '/usr/bin/node --version',
    '/usr/bin/python3 bot.py',
  ])('are not %s', line => {
    expect(seen(line)).toBe('nothing');
  });

  it.each<['use' | 'control' | undefined, string | readonly string[]]>([
    ['use', '/usr/local/bin/ollama serve'],
    ['use', '/srv/venv/bin/vllm serve m'],
    [undefined, '/srv/venv/bin/vllm serve m --api-key k'],
    [undefined, ['Environment=VLLM_API_KEY=k', 'ExecStart=/srv/venv/bin/vllm serve m']],
    ['use', '/usr/local/bin/llama-server -m m.gguf'],
    [undefined, '/usr/local/bin/llama-server -m m.gguf --api-key-file /etc/keys'],
    [undefined, '/usr/local/bin/llama-server -m m.gguf $LLAMA_OPTIONS'],
    ['control', ['Environment=WEBUI_AUTH=False', 'ExecStart=/usr/bin/open-webui serve']],
    [undefined, '/usr/bin/open-webui serve'],
    [undefined, '/usr/bin/n8n start'],
  ])('are open to %s: %s', (expected, lines) => {
    expect(openTo(lines)).toBe(expected);
  });
});

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
    ['use', '/usr/bin/litellm --config c.yaml', config('model_list: []\n')],
    ['use', '/usr/bin/litellm -c c.yaml', config('general_settings:\n  master_key: null\n')],
    [undefined, '/usr/bin/litellm -c c.yaml', config('general_settings:\n  master_key: os.environ/KEY\n')],
    [undefined, '/usr/bin/litellm -c c.yaml', config('general_settings:\n  custom_auth: a.b\n')],
    [undefined, '/usr/bin/litellm -c c.yaml', config('include:\n  - keys.yaml\n')],
    [undefined, '/usr/bin/litellm -c c.yaml', config('a: [\n')],
    [undefined, '/usr/bin/litellm -c missing.yaml'],
    [undefined, ['Environment=LITELLM_MASTER_KEY=sk-1', 'ExecStart=/usr/bin/litellm']],
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

  it('names the line of its configuration', () => {
    const text = '{\n  "gateway": {\n    "port": 8\n  }\n}\n';
    const program = programOf(`${node} gateway`, openclawConfig(text));
    const [listener] = recogniseService(program)?.service.listens(program) ?? [];
    expect(listener?.source).toEqual({ file: '/home/kuma/.openclaw/openclaw.json', line: 3 });
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

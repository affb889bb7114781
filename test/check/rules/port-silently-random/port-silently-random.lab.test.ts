/** A process that listens elsewhere than it is configured to, on a real host. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Host } from '../../../../lab/host.ts';
import { describeLab } from '../../../../lab/vitest.ts';

/** Stands in for LiteLLM in this one thing: it does with its port what `proxy_cli.py` does. */
const litellm = `#!/usr/bin/env node
const net = require('node:net');
const listen = port => net.createServer().listen(port, '127.0.0.1');
net.connect(4000, '127.0.0.1').once('connect', () => listen(23817)).once('error', () => listen(4000));
`;
const unit = '[Service]\nExecStart=/usr/local/bin/litellm --host 127.0.0.1\n';
const other = `[Service]
ExecStart=/usr/bin/env node -e "require('net').createServer().listen(4000)"
`;

const findings = z.object({ findings: z.array(z.object({ rule: z.string(), details: z.unknown() })) });

async function found(host: Host): Promise<readonly unknown[]> {
  const argv = ['node', '/opt/daruma/bin/daruma.cjs', 'check', '--system', '--json'];
  const { stdout } = await host.exec(argv);
  return findings
    .parse(JSON.parse(stdout))
    .findings.filter(({ rule }) => rule === 'port-silently-random')
    .map(({ details }) => details);
}

async function isListening(host: Host, port: number): Promise<void> {
  const probe = `until (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; do sleep 0.1; done`;
  await host.exec(['timeout', '10', 'bash', '-c', probe]);
}

describeLab('a LiteLLM that runs', { name: 'silent', systemd: 257 }, lab => {
  test('is found where it listens elsewhere, and left alone where it listens on its own port', async () => {
    const host = await lab.host();
    await host.writeFile('/usr/local/bin/litellm', litellm, { mode: 0o755 });
    await host.writeFile('/etc/systemd/system/litellm.service', unit);
    await host.writeFile('/etc/systemd/system/other.service', other);
    await host.exec(['systemctl', 'daemon-reload']);

    await host.exec(['systemctl', 'start', 'litellm']);
    await isListening(host, 4000);
    expect(await found(host)).toEqual([]);

    await host.exec(['systemctl', 'stop', 'litellm']);
    await host.exec(['systemctl', 'start', 'other']);
    await isListening(host, 4000);
    await host.exec(['systemctl', 'start', 'litellm']);
    await isListening(host, 23_817);
    const now = { kind: 'elsewhere', ports: [23_817] };
    expect(await found(host)).toEqual([{ service: 'LiteLLM', port: 4000, now }]);
  });
});

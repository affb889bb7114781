/** What two LiteLLMs do that fall back to each other. The figures are in docs/failover-loops.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority } from '../../lab/authority.ts';
import { bootHost, type Host } from '../../lab/host.ts';
import { createNetwork } from '../../lab/network.ts';
import { describeLab } from '../../lab/vitest.ts';
import {
  addLitellm,
  addNodes,
  addUpstream,
  addWebServer,
  completionsAsked,
  deploymentOf,
  failoverFindings,
  keyOf,
  setUpstream,
  startLitellm,
  systemctl,
  units,
  user,
} from './machine.ts';

/** How long somebody waits for the answer, and how long the loop is watched after that. */
const waitSeconds = 60;

describeLab(
  'two LiteLLMs that fall back to each other',
  { software: ['litellm'], commands: ['nginx', 'openssl', 'curl'], slow: true },
  () => {
    const stack = new AsyncDisposableStack();
    let neko: Host;
    let kuma: Host;

    beforeAll(async () => {
      const authority = stack.use(await createAuthority());
      const network = stack.use(await createNetwork());
      const boot = (name: string) => bootHost({ name, network, users: [user], software: ['litellm'] });
      neko = stack.use(await boot('neko'));
      kuma = stack.use(await boot('kuma'));
      for (const [host, other] of [
        [neko, 'kuma'],
        [kuma, 'neko'],
      ] as const) {
        await addNodes(host);
        await addUpstream(host);
        await addWebServer(host, authority, 'nginx', site(host.name));
        await addLitellm(host, {
          settings: 'litellm_settings:\n  fallbacks: [{"claude-opus-4.6": ["remote"]}]\n',
          deployments: [
            deploymentOf('remote', 'claude-opus-4.6', `https://${other}/litellm/v1`, keyOf(other)),
          ],
        });
        // Whatever becomes of this process, the loop has an end.
        const limit = '[Service]\nRuntimeMaxSec=600\nRestart=no\n';
        await host.writeFile(`${units}/litellm.service.d/limit.conf`, limit, { user });
        await systemctl(host, 'daemon-reload');
      }
      await Promise.all([startLitellm(neko), startLitellm(kuma)]);
    }, 300_000);

    afterAll(() => stack.disposeAsync(), 60_000);

    test('are found before', { timeout: 120_000 }, async () => {
      expect(await failoverFindings(neko, kuma)).toContain('critical failover-loop');
    });

    test('answer for each other while one upstream answers, and ask each other without an end when none does', {
      timeout: 400_000,
    }, async () => {
      await setUpstream(neko, 'down');
      expect(await ask()).toMatch(/answered by kuma.* 200 /);

      await setUpstream(kuma, 'down');
      const before = counts();
      const measured = () => counts().map((count, index) => count - (before[index] ?? 0));
      expect(await ask()).toMatch(/^ 000 /);
      const waited = measured();
      await sleep(waitSeconds * 1000);
      const later = measured();
      // Nothing else ends it. What nginx has not logged until then was still without an answer.
      for (const host of [neko, kuma]) {
        await systemctl(host, 'kill', '--signal=KILL', 'litellm');
        await systemctl(host, 'stop', 'litellm');
      }
      await sleep(1000);
      const ended = measured();
      const names = ['upstream of neko', 'upstream of kuma', 'LiteLLM of neko', 'LiteLLM of kuma'];
      console.info(
        ['requests', ...names].join(' | '),
        ...[waited, later, ended].map(row => `\n${row.join(' | ')}`),
      );
      for (const upstream of [0, 1]) {
        expect(waited[upstream]).toBeGreaterThan(6);
        expect(later[upstream]).toBeGreaterThan((waited[upstream] ?? 0) + 6);
      }
    });

    /** What somebody gets who asks neko's LiteLLM, with the HTTP status (000: nothing) and the seconds. */
    async function ask(): Promise<string> {
      const question = '{"model":"claude-opus-4.6","messages":[{"role":"user","content":"ping"}]}';
      const curl = `curl -s --max-time ${waitSeconds} -w ' %{http_code} %{time_total}' \
        -H 'Authorization: Bearer ${keyOf('neko')}' -H 'content-type: application/json' -d '${question}' \
        http://127.0.0.1:4000/v1/chat/completions`;
      const { stdout } = await neko.exec(['sh', '-c', curl], { timeoutMs: 2 * waitSeconds * 1000 });
      return stdout;
    }

    /** Requests at the upstreams and, answered or given up, at the LiteLLMs from each other. */
    function counts(): readonly number[] {
      const passed = [neko, kuma].map(host => {
        const log = readFileSync(join(host.rootDir, accessLog), 'utf8');
        return log.split('\n').filter(line => line.includes('POST /litellm/v1/chat/completions')).length;
      });
      return [completionsAsked(neko), completionsAsked(kuma), ...passed];
    }
  },
);

const accessLog = '/srv/asked';

function site(name: string): string {
  return `server {
  listen 443 ssl;
  server_name ${name};
  access_log ${accessLog};
  ssl_certificate /etc/lab/host.pem;
  ssl_certificate_key /etc/lab/host.key;
  location /litellm/v1/ {
    proxy_pass http://127.0.0.1:4000/v1/;
    proxy_http_version 1.1;
    proxy_read_timeout 300s;
  }
}`;
}

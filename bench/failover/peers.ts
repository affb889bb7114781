/** What stands in the place of the front for a comparison: Caddy, and LiteLLM's own router. */
import type { Host } from '../../lab/host.ts';
import {
  addLitellm,
  answers,
  deploymentOf,
  keyOf,
  must,
  startLitellm,
  systemctl,
} from '../../test/failover/machine.ts';

export const caddyPort = 4020;
const caddyToOther = 4021;

/**
 * As good as it gets with what Caddy 2.6 offers: requests are buffered and asked again whatever their method, both sides are asked
 * for a sign of life twice a second. The second port has the path and the key of the other machine.
 */
const caddyfile = `{
	auto_https off
	admin off
}
http://127.0.0.1:${caddyPort} {
	reverse_proxy 127.0.0.1:4000 127.0.0.1:${caddyToOther} {
		lb_policy first
		lb_try_duration 20s
		lb_try_interval 100ms
		lb_retries 2
		lb_retry_match {
			method POST
		}
		health_uri /health/liveliness
		health_interval 500ms
		health_timeout 1s
		fail_duration 2s
		buffer_requests
		transport http {
			dial_timeout 1s
		}
	}
}
http://127.0.0.1:${caddyToOther} {
	rewrite * /litellm{uri}
	reverse_proxy https://kuma {
		header_up Host kuma
		header_up Authorization "Bearer ${keyOf('kuma')}"
		transport http {
			tls_trusted_ca_certs /etc/lab/authority.pem
		}
	}
}
`;

/** A Caddy of its own beside the machine's web server. */
export async function addCaddy(host: Host): Promise<void> {
  await host.writeFile('/etc/lab/front.Caddyfile', caddyfile);
  await host.writeFile(
    '/etc/systemd/system/caddy-front.service',
    '[Service]\nExecStart=/usr/bin/caddy run --adapter caddyfile --config /etc/lab/front.Caddyfile\nRestart=always\n',
  );
  await must(host, ['systemctl', 'start', 'caddy-front']);
  await leadsToLiving(host, caddyPort);
}

/** From now on the LiteLLM of each machine has the other's models as deployments of its own. */
export async function makeRouters(hosts: readonly Host[]): Promise<void> {
  const names = hosts.map(({ name }) => name);
  for (const host of hosts) {
    const deployments = names
      .filter(name => name !== host.name)
      .map(name =>
        deploymentOf('claude-opus-4.6', 'claude-opus-4.6', `https://${name}/litellm/v1`, keyOf(name)),
      );
    await addLitellm(host, { deployments });
    await systemctl(host, 'restart', 'litellm');
    await startLitellm(host);
  }
}

/** Until a port leads to a LiteLLM that is alive. */
export function leadsToLiving(host: Host, port: number): Promise<void> {
  return answers(host, `http://127.0.0.1:${port}/health/liveliness`);
}

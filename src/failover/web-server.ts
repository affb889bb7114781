/**
 * Configuration for the web server of a machine, so that other machines reach its LiteLLM under the address in the list of nodes.
 * It passes on only the `/v1` that OpenClaw asks and the liveness probe. LiteLLM's keys, its pages and `/health`, which makes
 * paid calls, are not reachable.
 *
 * Sources: caddyserver.com/docs/caddyfile/directives/reverse_proxy, nginx.org/en/docs/http/ngx_http_proxy_module.html.
 */

export interface WebServerSnippets {
  readonly caddy: string;
  readonly nginx: string;
}

/** Texts of the comments, in the reader's language. */
export interface SnippetTexts {
  /** Names the file to put the snippet into. */
  readonly caddyFile: string;
  readonly nginxFile: string;
  readonly onlyThese: string;
  readonly streaming: string;
  readonly waits: string;
  readonly size: string;
  /** Says that the key is passed on and not logged. */
  readonly key: string;
}

/** Longer than OpenClaw waits: OpenClaw should give up first, since it has the fallbacks. */
const answerSeconds = 300;
const connectSeconds = 3;
/** Enough for a conversation with pictures; LiteLLM's own limit is much higher. */
const largestRequestMegabytes = 32;

/**
 * @param url address of the node: `https://kuma.example.com/litellm`
 * @param port on which its LiteLLM listens on loopback
 */
export function webServerSnippets(url: string, port: number, texts: SnippetTexts): WebServerSnippets {
  const { hostname, port: publicPort, pathname } = new URL(url);
  const prefix = pathname.replace(/\/$/, '');
  const place = { hostname, publicPort, prefix, port };
  return { caddy: caddyfile(place, texts), nginx: nginxConfig(place, texts) };
}

interface Place {
  readonly hostname: string;
  /** Empty for port 443. */
  readonly publicPort: string;
  /** Path prefix without a slash at the end; empty when LiteLLM has the whole host. */
  readonly prefix: string;
  readonly port: number;
}

function caddyfile({ hostname, publicPort, prefix, port }: Place, texts: SnippetTexts): string {
  const site = publicPort === '' ? hostname : `${hostname}:${publicPort}`;
  const strip = prefix === '' ? '' : `\t\turi strip_prefix ${prefix}\n`;
  return `# ${texts.caddyFile}
${site} {
	# ${texts.onlyThese}
	@litellm path ${prefix}/v1/* ${prefix}/health/liveliness
	handle @litellm {
${strip}		# ${texts.size}
		request_body {
			max_size ${largestRequestMegabytes}MB
		}
		# ${texts.key}
		reverse_proxy 127.0.0.1:${port} {
			# ${texts.streaming}
			flush_interval -1
			# ${texts.waits}
			transport http {
				dial_timeout ${connectSeconds}s
				response_header_timeout ${answerSeconds}s
			}
		}
	}
}
`;
}

function nginxConfig({ hostname, publicPort, prefix, port }: Place, texts: SnippetTexts): string {
  const listen = publicPort === '' ? '443' : publicPort;
  return `# ${texts.nginxFile}
server {
    listen ${listen} ssl;
    listen [::]:${listen} ssl;
    server_name ${hostname};
    ssl_certificate /etc/letsencrypt/live/${hostname}/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/${hostname}/privkey.pem;

    # ${texts.onlyThese}
    location ${prefix}/v1/ {
        # ${texts.key}
        proxy_pass http://127.0.0.1:${port}/v1/;
        proxy_set_header Host $host;
        # ${texts.streaming}
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_buffering off;
        # ${texts.waits}
        proxy_connect_timeout ${connectSeconds}s;
        proxy_read_timeout ${answerSeconds}s;
        # ${texts.size}
        client_max_body_size ${largestRequestMegabytes}m;
    }
    location = ${prefix}/health/liveliness {
        proxy_pass http://127.0.0.1:${port}/health/liveliness;
    }
}
`;
}

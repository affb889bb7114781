/** Runs a real proxy (a package) that records its requests. */
import type dns from 'node:dns';
import { Server } from 'proxy-chain';
import { onTestFinished, vi } from 'vitest';

/** What the proxy learns from one request. */
interface Told {
  /** URL of the request, or target of the requested tunnel: `kuma.example.com:443`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * Starts the proxy and sets it in the environment until the test is over. The proxy resolves every name to 127.0.0.1.
 *
 * @param variables names of the variables to set; `no_proxy` is set to an empty value
 */
export async function recordingProxy(...variables: readonly string[]): Promise<readonly Told[]> {
  const told: Told[] = [];
  const server = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction: ({ request: { url = '', headers } }) => {
      told.push({ url, headers });
      return { requestAuthentication: false, dnsLookup: toThisMachine };
    },
  });
  await server.listen();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await server.close(true);
  });
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'])
    vi.stubEnv(name, undefined);
  for (const name of variables) vi.stubEnv(name, `http://127.0.0.1:${server.port}`);
  return told;
}

function answerLoopback(
  _: string,
  { all }: dns.LookupOptions,
  found: (error: null, address: string | readonly dns.LookupAddress[], family?: number) => void,
): void {
  if (all === true) found(null, [{ address: '127.0.0.1', family: 4 }]);
  else found(null, '127.0.0.1', 4);
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- in the one way that net.connect() calls it
const toThisMachine = answerLoopback as unknown as typeof dns.lookup;

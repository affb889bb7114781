/** Probes: ask a service whether it answers. A service that systemd calls active may still be starting, or hang. */
import net from 'node:net';
import { isPage } from '../http/content.ts';
import { sendRequest } from '../http/request.ts';
import { givenCommandLine } from '../programs/command.ts';
import { runProgram } from '../programs/run.ts';

export type Probe =
  | {
      readonly kind: 'http';
      readonly url: string;
      /** Statuses that count as success; undefined means 200 to 299. */
      readonly statuses: readonly number[] | undefined;
      /** Text that the answer must contain. */
      readonly body: string | undefined;
      /** Whether a web page counts. It does not where it is known that the service answers something else. */
      readonly takesPage: boolean;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'command';
      readonly argv: readonly string[];
      readonly environment: Readonly<Record<string, string | undefined>>;
    };

/** Asks once. Any error counts as not ready, since the service could not be reached. */
export async function isReady(probe: Probe, timeoutMs: number): Promise<boolean> {
  try {
    return await isWell(probe, timeoutMs);
  } catch {
    return false;
  }
}

function isWell(probe: Probe, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  switch (probe.kind) {
    case 'http':
      return askOverHttp(probe, signal);
    case 'tcp':
      return connects({ host: probe.host, port: probe.port }, signal);
    case 'unix':
      return connects({ path: probe.path }, signal);
    case 'command':
      return succeeds(probe, timeoutMs);
    default:
      return probe satisfies never;
  }
}

async function askOverHttp(
  { url, statuses, body, takesPage }: Extract<Probe, { readonly kind: 'http' }>,
  signal: AbortSignal,
): Promise<boolean> {
  const { status, text } = await sendRequest({ method: 'GET', url, json: undefined, secrets: [] }, signal);
  const isMeant = statuses === undefined ? status >= 200 && status < 300 : statuses.includes(status);
  return isMeant && (body === undefined || text.includes(body)) && (takesPage || !isPage(text));
}

function connects(to: net.NetConnectOpts, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ ...to, signal });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function succeeds(
  { argv, environment }: Extract<Probe, { readonly kind: 'command' }>,
  timeoutMs: number,
): Promise<boolean> {
  const { failure } = await runProgram(givenCommandLine(argv), {
    environment,
    timeoutMs,
    outputBytes: 2 ** 20,
  });
  return failure === undefined;
}

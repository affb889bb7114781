/** Asks a service whether it answers. What systemd calls active may still be warming up, or hang. */
import { execFile } from 'node:child_process';
import net from 'node:net';
import { promisify } from 'node:util';
import { ask } from '../http/ask.ts';

export type Probe =
  | {
      readonly kind: 'http';
      readonly url: string;
      /** Statuses that mean well; undefined for 200 to 299. */
      readonly statuses: readonly number[] | undefined;
      /** Text that the answer must hold. */
      readonly body: string | undefined;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] };

/** Asks once. What goes wrong on the way is a no: a service that cannot be asked is not ready. */
export async function isReady(probe: Probe, timeoutMs: number): Promise<boolean> {
  try {
    return await isWell(probe, AbortSignal.timeout(timeoutMs));
  } catch {
    return false;
  }
}

function isWell(probe: Probe, signal: AbortSignal): Promise<boolean> {
  switch (probe.kind) {
    case 'http':
      return askOverHttp(probe, signal);
    case 'tcp':
      return connects({ host: probe.host, port: probe.port }, signal);
    case 'unix':
      return connects({ path: probe.path }, signal);
    case 'command':
      return succeeds(probe.argv, signal);
    default:
      return probe satisfies never;
  }
}

async function askOverHttp(
  { url, statuses, body }: Extract<Probe, { readonly kind: 'http' }>,
  signal: AbortSignal,
): Promise<boolean> {
  const { status, text } = await ask({ method: 'GET', url, json: undefined, secrets: [] }, signal);
  const isMeant = statuses === undefined ? status >= 200 && status < 300 : statuses.includes(status);
  return isMeant && (body === undefined || text.includes(body));
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

async function succeeds([file = '', ...args]: readonly string[], signal: AbortSignal): Promise<boolean> {
  await promisify(execFile)(file, args, { signal, killSignal: 'SIGKILL' });
  return true;
}

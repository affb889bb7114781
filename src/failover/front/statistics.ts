/**
 * What a running front says of itself, through its own socket: who answers, and how many requests went where.
 *
 * Source: the management guide of HAProxy 2.6, 9.1 (the CSV format) and 9.3 (`show stat`).
 */
import net from 'node:net';
import path from 'node:path';
import type { Host } from '../../systemd/host/host.ts';
import { managerRuntimeFolder } from '../../systemd/search-path.ts';
import { choosingBackend, statisticsSocket } from './haproxy-config.ts';
import { runtimeFolder } from './units.ts';

/** One of the places that a front passes requests on to, since it was started or has read its configuration again. */
export interface FrontServer {
  readonly isUp: boolean;
  /** For how long that has been so; undefined when it has never changed. */
  readonly forSeconds: number | undefined;
  /** Requests that were sent there. */
  readonly requests: number;
  /** Those of them that got no answer, or a 5xx. */
  readonly failed: number;
}

/**
 * Asks the front of this machine.
 *
 * @returns its places in their order; undefined when it does not answer as one does
 */
export async function askFront({ scope, environment }: Host): Promise<readonly FrontServer[] | undefined> {
  const folder = managerRuntimeFolder(scope, environment);
  if (folder === undefined) return undefined;
  const text = await answerTo('show stat', path.join(folder, runtimeFolder, statisticsSocket));
  return text === undefined ? undefined : readStatistics(text);
}

/** The places in the text that `show stat` prints. */
export function readStatistics(text: string): readonly FrontServer[] {
  const [head = '', ...lines] = text.split('\n');
  const names = head.replace(/^# /, '').split(',');
  const rows = lines.map(line => new Map(line.split(',').map((value, index) => [names[index] ?? '', value])));
  return rows
    .filter(row => row.get('pxname') === choosingBackend && row.get('svname') !== 'BACKEND')
    .map(row => {
      const number = (name: string) => Number(row.get(name) ?? '');
      const changed = row.get('lastchg') ?? '';
      return {
        isUp: /^(?:UP|no check)\b/.test(row.get('status') ?? ''),
        forSeconds: changed === '' ? undefined : Number(changed),
        requests: number('stot'),
        failed: number('econ') + number('eresp') + number('hrsp_5xx'),
      };
    });
}

/** @returns undefined without an answer in time, or with one that is too long */
function answerTo(question: string, socket: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const connection = net.connect(socket);
    let text = '';
    const give = (answer: string | undefined) => {
      clearTimeout(limit);
      connection.destroy();
      resolve(answer);
    };
    const limit = setTimeout(() => give(undefined), limitMs);
    connection.setEncoding('utf8');
    connection.on('connect', () => connection.write(`${question}\n`));
    connection.on('data', (piece: string) => {
      text += piece;
      if (text.length > mostCharacters) give(undefined);
    });
    connection.on('end', () => give(text));
    connection.on('error', () => give(undefined));
  });
}

const limitMs = 2_000;
/** A line has some 500, and each place four lines. */
const mostCharacters = 2 ** 18;

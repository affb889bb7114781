/**
 * What a running front says of itself, through its own socket: who answers, and how many requests went where.
 *
 * Source: the management guide of HAProxy 2.6, 9.1 (the CSV format) and 9.3 (`show stat`).
 */
import net from 'node:net';
import path from 'node:path';
import { choosingBackend } from '../../services/front-log.ts';
import type { Host } from '../../systemd/host/host.ts';
import { managerRuntimeFolder } from '../../systemd/search-path.ts';
import { lastOf, statisticsSocket, watchOf } from './haproxy-config.ts';
import { runtimeFolder } from './units.ts';

/** What a front says of itself. It forgets all of it when it is started, and when it reads its configuration again. */
export interface FrontNow {
  /** Since when. */
  readonly forSeconds: number;
  /** The places that it passes requests on to, in its order. */
  readonly servers: readonly FrontServer[];
}

export interface FrontServer {
  readonly isUp: boolean;
  /** What HAProxy has against it, in its own words; undefined while it is up. */
  readonly said: string | undefined;
  /** For how long that has been so; undefined when it was so when the front began. */
  readonly forSeconds: number | undefined;
  /** Requests that were sent there. */
  readonly requests: number;
  /** Those of them that got no answer, or one that says no (4xx, 5xx). */
  readonly failed: number;
  /** Those of them that were answered well (2xx). */
  readonly answered: number;
}

/** Whether a file of a front was changed after HAProxy had read it, which is known to the second, or is gone since. */
export function isChangedSince(file: string | undefined, { forSeconds }: FrontNow, { files }: Host): boolean {
  if (file === undefined) return false;
  const changed = files.status(file)?.modifiedMs;
  return changed === undefined || changed > Date.now() - (forSeconds - 1) * 1000;
}

/** Asks the front of this machine; undefined when it does not answer as one does. */
export async function askFront({ scope, environment }: Host): Promise<FrontNow | undefined> {
  const folder = managerRuntimeFolder(scope, environment);
  if (folder === undefined) return undefined;
  const text = await answerTo('show stat;show info', path.join(folder, runtimeFolder, statisticsSocket));
  return text === undefined ? undefined : readStatistics(text);
}

/** Reads what `show stat` and `show info` print, one after the other. */
export function readStatistics(text: string): FrontNow | undefined {
  const uptime = /^Uptime_sec: (\d+)$/m.exec(text)?.[1];
  if (uptime === undefined) return undefined;
  const [head = '', ...lines] = text.split('\n');
  const names = head.replace(/^# /, '').split(',');
  const rows = lines
    .map(line => new Map(fieldsOf(line).map((value, index) => [names[index] ?? '', value])))
    .filter(row => row.get('svname') !== 'BACKEND' && row.get('svname') !== 'FRONTEND');
  const forSeconds = Number(uptime);
  const find = (section: string, server: string) =>
    rows.find(row => row.get('pxname') === section && row.get('svname') === server);
  const servers = rows
    .filter(row => row.get('pxname') === choosingBackend && row.get('bck') !== '1')
    .map(row => {
      const name = row.get('svname') ?? '';
      const count = (of: ReadonlyMap<string, string> | undefined, ...columns: readonly string[]) =>
        columns.reduce((sum, each) => sum + Number(of?.get(each) ?? ''), 0);
      const changed = count(row, 'lastchg');
      const isUp = /^(?:UP|no check)\b/.test(row.get('status') ?? '');
      return {
        isUp,
        said: isUp ? undefined : saidBy(find(watchOf(name), name) ?? row),
        forSeconds: changed + firstChecksSeconds < forSeconds ? changed : undefined,
        requests: count(row, 'stot') + count(find(choosingBackend, lastOf(name)), 'stot'),
        // Its section has one server, of the same name: that is asked over the network.
        failed: count(find(name, name), 'econ', 'eresp', 'hrsp_4xx', 'hrsp_5xx'),
        answered: count(find(name, name), 'hrsp_2xx'),
      };
    });
  return { forSeconds, servers };
}

/** What the last check of a server said: its kind, its status and its words. */
function saidBy(row: ReadonlyMap<string, string>): string | undefined {
  const parts = ['check_desc', 'check_code', 'last_chk'].map(column => row.get(column) ?? '');
  return parts.filter(part => part !== '').join(': ') || undefined;
}

/** A field with a comma, as in what a server answers a check with, is in quotes. */
function fieldsOf(line: string): readonly string[] {
  return Array.from(
    line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g),
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain,
  );
}

/** A front begins with all of its places up, and knows better after its first checks. */
const firstChecksSeconds = 5;

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

/** The TCP ports that processes listen on, according to the kernel. */
import type { HostFiles } from '../systemd/host/host.ts';

/**
 * Reads the ports from /proc: the sockets among the descriptors of the process that are in state LISTEN.
 *
 * @returns undefined when the process may not be inspected, or does not exist any more
 *
 * Source: proc_pid_fd(5), proc_pid_net(5).
 */
export function listeningPorts(files: HostFiles, pid: number): ReadonlySet<number> | undefined {
  try {
    const sockets = socketsOf(files, pid);
    const listening = listenersAround(files, pid) ?? [];
    return new Set(listening.filter(({ inode }) => sockets.has(inode)).map(({ port }) => port));
  } catch {
    return undefined;
  }
}

/** A socket in state LISTEN. */
interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
}

/**
 * All sockets that listen in the network that a process is in, whosever they are.
 *
 * @returns undefined when they cannot be read, or are too many
 */
export function listenersAround(files: HostFiles, pid: number): readonly ListeningSocket[] | undefined {
  try {
    const tables = ['tcp', 'tcp6'].map(table => listeningIn(files, `/proc/${pid}/net/${table}`));
    return tables.some(table => table === undefined) ? undefined : tables.flatMap(table => table ?? []);
  } catch {
    return undefined;
  }
}

/** The inodes of the sockets that a process has open; throws when it may not be inspected. */
function socketsOf(files: HostFiles, pid: number): ReadonlySet<string> {
  const folder = `/proc/${pid}/fd`;
  return new Set(
    (files.list(folder) ?? [])
      .map(({ name }) => linkOf(files, `${folder}/${name}`))
      .flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []),
  );
}

/** Reads where a descriptor leads; the process may close it at any time. */
function linkOf(files: HostFiles, file: string): string {
  try {
    return files.readLink(file);
  } catch {
    return '';
  }
}

/**
 * The listening sockets of one table. A kernel without IPv6 has no table for it.
 *
 * @returns undefined when there are more than are read
 */
function listeningIn(files: HostFiles, table: string): readonly ListeningSocket[] | undefined {
  if (files.status(table) === undefined) return [];
  const text = files.read(table, mostBytes).toString('latin1');
  const sockets: ListeningSocket[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    // The kernel writes those that listen before all others (`tcp_seek_last_pos()`), of which a busy machine has very many.
    if (state !== LISTEN) return sockets;
    sockets.push({ port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), inode });
  }
  return text.length < mostBytes ? sockets : undefined;
}

const LISTEN = '0A';
/** Some seventeen hundred lines. */
const mostBytes = 2 ** 18;

/** A service that its manager calls active, and that does not do what it is for all the same. */
import type { HostFiles, LiveUnit } from '../systemd/host/host.ts';
import { listeningPorts, listenersAround } from './listening-ports.ts';
import { type Halt, processesOf, type ServiceProcess } from './service-processes.ts';

/**
 * `halted`: its process is there and cannot go on, though others of its processes may (`othersRun`); `not-listening`: it does not listen on its port; `not-listening-yet`: so too, but it
 * may still be starting.
 */
export type HalfUp =
  | { readonly how: 'halted'; readonly halt: Halt; readonly othersRun: boolean }
  | {
      readonly how: 'not-listening' | 'not-listening-yet';
      readonly port: number;
      /** The ports that it listens on; empty where there are none, or they are not known. */
      readonly listensOn: readonly number[];
      /** Whether another program listens on its port. */
      readonly isPortTaken: boolean;
    };

/** Where a service should listen, as far as that is certain. */
export interface ExpectedListener {
  readonly port: number;
  /** The longest time that it may take from its start. */
  readonly warmUpSeconds: number;
}

/**
 * Looks at the processes of a service, and asks nobody over the network. What they do while they go on is not seen: whether a process
 * that listens also answers only a request tells.
 *
 * @returns undefined where nothing is seen to be wrong
 */
export function halfUpOf(
  live: LiveUnit,
  expected: ExpectedListener | undefined,
  files: HostFiles,
  nowSeconds: number,
): HalfUp | undefined {
  const { mainPid, activeState, mainStartedSeconds } = live;
  if (mainPid === 0 || activeState === 'deactivating') return undefined;
  const processes = processesOf(files, mainPid);
  const halt = haltOf(processes, expected?.port, files);
  if (halt !== undefined) return { how: 'halted', halt, othersRun: othersRun(processes) };
  if (expected === undefined || activeState !== 'active' || processes.length === 0) return undefined;
  const { port, warmUpSeconds } = expected;
  const isPortTaken = mayListen(processes, port, files);
  // Usually the main process has it, and no other is looked at.
  if (isPortTaken && processes.some(({ pid }) => listeningPorts(files, pid)?.has(port) !== false))
    return undefined;
  const listensOn = [...new Set(processes.flatMap(({ pid }) => [...(listeningPorts(files, pid) ?? [])]))];
  // Who listens nowhere may have handed its port to another process, as a client of containers does.
  if (isPortTaken && listensOn.length === 0) return undefined;
  const isStarting = mainStartedSeconds !== null && nowSeconds - mainStartedSeconds < warmUpSeconds;
  return {
    how: isStarting && listensOn.length === 0 ? 'not-listening-yet' : 'not-listening',
    port,
    listensOn: listensOn.toSorted((a, b) => a - b),
    isPortTaken,
  };
}

/** What keeps the service from going on: its main process, the processes that listen, or all that a shell waits for. */
function haltOf(
  [main, ...others]: readonly ServiceProcess[],
  port: number | undefined,
  files: HostFiles,
): Halt | undefined {
  if (main === undefined || main.halt !== undefined) return main?.halt;
  // A stopped process of many is a matter of its own, such as a command that an agent runs.
  const halted = others.find(({ halt }) => halt !== undefined);
  if (halted === undefined) return undefined;
  const waited = others.every(({ halt }) => halt !== undefined) && shells.has(main.command);
  if (waited || port === undefined) return waited ? halted.halt : undefined;
  const servers = [main, ...others].filter(({ pid }) => listeningPorts(files, pid)?.has(port) === true);
  return servers.every(({ halt }) => halt !== undefined) ? servers[0]?.halt : undefined;
}

/** Of a main process that is halted, its workers may serve on: HAProxy has them with `-Ws`. */
function othersRun([main, ...others]: readonly ServiceProcess[]): boolean {
  return main?.halt !== undefined && others.some(({ halt }) => halt === undefined);
}

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'busybox']);

/** Whether somebody listens on a port in the network of one of the processes, also where that cannot be seen. */
function mayListen(processes: readonly ServiceProcess[], port: number, files: HostFiles): boolean {
  return processes.some(({ pid }) => {
    const sockets = listenersAround(files, pid);
    return sockets === undefined || sockets.some(socket => socket.port === port);
  });
}

/** What daruma knows of one program that people run as a service: facts with their sources, no judgement. */
import type { Source } from '../systemd/service-settings.ts';
import type { HostFiles } from '../systemd/host/host.ts';
import type { Program } from './program.ts';

/** One file of this folder describes one of these. */
export interface KnownService {
  /** Stable, in kebab-case: `litellm`, `openclaw-gateway`. */
  readonly id: string;
  /** As its makers write it. */
  readonly name: string;
  /** Where the facts come from: pages, source files, or that it was run. */
  readonly sources: readonly string[];
  /** Whether a command line is this program's server (and not one of its other commands). */
  recognises(program: Program): boolean;
  /** Where it listens with these arguments, this environment and these files; empty where that is not known. */
  listens(program: Program, files: HostFiles): readonly Listener[];
  readonly probes: Probes;
  /** Whether it tells systemd that it is alive (`WATCHDOG=1`), as `WatchdogSec=` asks for. */
  readonly sendsKeepAlive: boolean;
  /** Whether it tells systemd when it is ready (`READY=1`), as `Type=notify` asks for. */
  readonly sendsReady: boolean;
  readonly memory: MemoryBehaviour;
  readonly pitfalls: Pitfalls;
  /** What a complete unit of it sets, by directive; sections and [Install] follow from the directives. */
  readonly recommended: RecommendedSettings;
  /** The command line of that unit; `%h` is the user's home. */
  readonly command: string;
}

export interface Listener {
  /** As it is bound: `127.0.0.1`, `0.0.0.0`, `::`, or a unix socket's path. */
  readonly address: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** The line that says so; null for the program's own default. */
  readonly source: Source | null;
}

export interface Probes {
  /** Says whether it still lives; a failure is a reason to restart it. Undefined where it has none that is safe. */
  readonly liveness: HttpProbe | undefined;
  /** Says whether it can do its work; a failure is a reason to tell somebody. */
  readonly readiness: HttpProbe | undefined;
  /** From its start to its first good answer on a slow machine, generously. */
  readonly warmUpSeconds: number;
}

export interface HttpProbe {
  readonly path: string;
  /** Statuses that mean well. */
  readonly statuses: readonly number[];
  /** What the body must hold where the status alone says nothing. */
  readonly bodyIncludes?: string;
}

/** `grows`: known to take more and more until the machine suffers; then the reports that say so stand in `sources`. */
export interface MemoryBehaviour {
  readonly grows: boolean;
  /** Resident size in normal work, in MiB; undefined where it depends on what is loaded (models). */
  readonly usualMebibytes: number | undefined;
  readonly sources: readonly string[];
}

export interface Pitfalls {
  /** On a taken port it listens on another one and says nothing to systemd. */
  readonly takesRandomPort?: boolean;
  /**
   * What anyone who can connect may do or read with these arguments, this environment and these files; undefined where
   * it asks for a key.
   */
  readonly openTo?: (program: Program, files: HostFiles) => Exposure | undefined;
  /** Exit statuses after which a restart cannot help, since its configuration is at fault. */
  readonly hopelessStatuses?: readonly number[];
  /** The longest that a stop was seen to take, in seconds. */
  readonly slowStopSeconds?: number;
}

/** `token`: it hands out a credential; `use`: anyone may use it at the owner's expense; `control`: anyone may command it. */
export type Exposure = 'token' | 'use' | 'control';

/** Directives of [Unit] and [Service] with their values, as a unit file has them. */
export type RecommendedSettings = Readonly<Record<string, string>>;

/** What daruma knows of one program that people run as a service: facts with their sources, no judgement. */
import type { SearchedFiles } from '../systemd/host/search.ts';
import type { Origin } from './origin.ts';
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
  listens(program: Program): readonly Listener[];
  readonly probes: Probes;
  /** Whether it tells systemd that it is alive (`WATCHDOG=1`), as `WatchdogSec=` asks for; undefined where not known. */
  readonly sendsKeepAlive: boolean | undefined;
  /** Whether it tells systemd when it is ready (`READY=1`), as `Type=notify` asks for; undefined where not known. */
  readonly sendsReady: boolean | undefined;
  readonly memory: MemoryBehaviour;
  readonly pitfalls: Pitfalls;
  /** The unit that is recommended; undefined for what has no command line of its own, such as any Node program. */
  readonly recommended: RecommendedUnit | undefined;
}

export interface Listener {
  /** As it is bound: `127.0.0.1`, `0.0.0.0`, `::`; undefined where it is not known. */
  readonly address: string | undefined;
  readonly port: number;
  /** Whether `::` leaves IPv4 to others, as asyncio and uvloop have it. */
  readonly ipv6Only: boolean;
  readonly portOrigin: Origin;
  readonly addressOrigin: Origin;
}

interface Probes {
  /** Says whether it still lives; a failure is a reason to restart it. Undefined where it has none that is safe. */
  readonly liveness: HttpProbe | undefined;
  /** Says whether it can do its work; a failure is a reason to tell somebody. */
  readonly readiness: HttpProbe | undefined;
  /** From its start to its first good answer on a slow machine, generously. */
  readonly warmUpSeconds: number;
}

interface HttpProbe {
  readonly path: string;
  /** Statuses that mean well. */
  readonly statuses: readonly number[];
  /** What the body must hold where the status alone says nothing. */
  readonly bodyIncludes?: string;
}

/** `grows`: known to take more and more until the machine suffers; `sources` are the reports that say so. */
type MemoryBehaviour = {
  /** Resident size in normal work, in MiB; undefined where it depends on what is loaded (models) or is not known. */
  readonly usualMebibytes: number | undefined;
} & ({ readonly grows: true; readonly sources: readonly [string, ...string[]] } | { readonly grows: false });

interface Pitfalls {
  /** When this port is taken it listens on another one, and systemd sees nothing of it. */
  readonly takesRandomPort?: number;
  /**
   * What anyone who can connect may do or read with these arguments, this environment and these files; undefined where
   * it asks for a key, and where that is not known.
   */
  readonly openTo?: (program: Program) => Exposure | undefined;
  /** How it is told to listen on loopback alone. */
  readonly bindLoopback?: LoopbackSetting;
  /** The variable that makes it ask for a key. */
  readonly keyVariable?: string;
  /** Without a key its newer versions do not start at all. */
  readonly newerRefuseWithoutKey?: true;
  /** Commands and programs that others asked for run as its children: what they take is not its own need. */
  readonly runsCommands?: true;
  /** Exit statuses after which a restart cannot help, since its configuration is at fault. */
  readonly hopelessStatuses?: readonly number[];
  /** The longest that a stop was seen to take, in seconds. */
  readonly slowStopSeconds?: number;
}

/** `token`: it hands out a credential; `use`: anyone may use it at the owner's expense; `control`: anyone may command it. */
export type Exposure = 'token' | 'use' | 'control';

export type LoopbackSetting =
  | { readonly kind: 'option'; readonly option: string }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string };

interface RecommendedUnit {
  readonly description: string;
  /** The value of `ExecStart=`; `%h` is the user's home. */
  readonly command: string;
  /** Words of the command that are another on each machine. */
  readonly machineWords?: readonly MachineWord[];
  /** Directives of [Unit] with their values, as a unit file has them. */
  readonly unit: RecommendedSettings;
  /** Those of [Service], `ExecStart=` left out; a list's values are lines of their own. */
  readonly service: RecommendedSettings;
}

export interface MachineWord {
  /** As it stands in the command. */
  readonly word: string;
  /** What it can be on a machine, the best first; `%h` is the user's home. */
  candidates(files: SearchedFiles, home: string): readonly string[];
  /** `first`: any of them will do, and may come later. `only`: there is no choosing among several, and none is none. */
  readonly takes: 'first' | 'only';
}

type RecommendedSettings = Readonly<Record<string, string | readonly string[]>>;

/** What daruma knows about one program that people run as a service: facts with their sources, without a judgement. */
import type { SearchedFiles } from '../systemd/host/search.ts';
import type { Origin } from './origin.ts';
import type { Program } from './program.ts';

/** A known service. Each file of this folder describes one. */
export interface KnownService {
  /** Its id, which never changes, in kebab-case: `litellm`, `openclaw-gateway`. */
  readonly id: string;
  /** The name as its makers write it. */
  readonly name: string;
  /** The sources of the facts: pages, source files, or a test run. */
  readonly sources: readonly string[];
  /** Whether a command line is this program's server (and not one of its other commands). */
  recognises(program: Program): boolean;
  /**
   * The addresses and ports on which it listens with these arguments, this environment and these files; empty when they
   * are not known.
   */
  listens(program: Program): readonly Listener[];
  readonly probes: Probes;
  /** Whether it sends keep-alives to systemd (`WATCHDOG=1`), as `WatchdogSec=` requires; undefined when not known. */
  readonly sendsKeepAlive: boolean | undefined;
  /** Whether it tells systemd when it is ready (`READY=1`), as `Type=notify` requires; undefined when not known. */
  readonly sendsReady: boolean | undefined;
  readonly memory: MemoryBehaviour;
  readonly pitfalls: Pitfalls;
  /** The recommended unit; undefined for programs without a command line of their own, such as any Node program. */
  readonly recommended: RecommendedUnit | undefined;
}

export interface Listener {
  /** The address that it binds: `127.0.0.1`, `0.0.0.0`, `::`; undefined when it is not known. */
  readonly address: string | undefined;
  readonly port: number;
  /** Whether a socket on `::` does not accept IPv4, as with asyncio and uvloop. */
  readonly ipv6Only: boolean;
  readonly portOrigin: Origin;
  readonly addressOrigin: Origin;
}

interface Probes {
  /** The probe that shows whether it is alive; when it fails, a restart is justified. Undefined when no probe is safe. */
  readonly liveness: HttpProbe | undefined;
  /** The probe that shows whether it can do its work; when it fails, the user should be told. */
  readonly readiness: HttpProbe | undefined;
  /**
   * The probe that shows whether those that it asks still accept its credentials, at no cost; for a service that answers
   * the other probes from memory. It asks others each time, so that it is not for waiting.
   */
  readonly credentials?: HttpProbe;
  /** The longest time from its start to its first good answer on a slow machine, in seconds, with some reserve. */
  readonly warmUpSeconds: number;
}

/** A web page is never a good answer: none of them answers with one, and a login page has any status for any path. */
export interface HttpProbe {
  readonly path: string;
  /** The statuses of a good answer. */
  readonly statuses: readonly number[];
  /** A text that the body must contain, where the status alone proves nothing. */
  readonly bodyIncludes?: string;
}

/** `grows`: it is known to use more and more memory until the machine suffers; `sources` are the reports of this. */
type MemoryBehaviour = {
  /** Resident size in normal work, in MiB; undefined when it is not known or depends on what is loaded (models). */
  readonly usualMebibytes: number | undefined;
} & ({ readonly grows: true; readonly sources: readonly [string, ...string[]] } | { readonly grows: false });

interface Pitfalls {
  /** The port that it replaces by another one when it is taken, which systemd does not notice. */
  readonly takesRandomPort?: number;
  /**
   * What anyone who can connect may do or read with these arguments, this environment and these files; undefined when
   * it asks for a key, or when that is not known.
   */
  readonly openTo?: (program: Program) => Exposure | undefined;
  /** The setting that makes it listen on the loopback interface alone. */
  readonly bindLoopback?: LoopbackSetting;
  /** The variable that makes it ask for a key. */
  readonly keyVariable?: string;
  /** Whether newer versions refuse to start without a key. */
  readonly newerRefuseWithoutKey?: true;
  /** Whether it runs commands and programs of others as its children: what these need is not its own need. */
  readonly runsCommands?: true;
  /** Exit statuses after which a restart cannot help because the configuration is wrong. */
  readonly hopelessStatuses?: readonly number[];
  /** The longest stop that was observed, in seconds. */
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
  /** Words of the command that differ from machine to machine. */
  readonly machineWords?: readonly MachineWord[];
  /** Directives of [Unit] with their values, as a unit file contains them. */
  readonly unit: RecommendedSettings;
  /** Directives of [Service] without `ExecStart=`; each value of a list becomes a line. */
  readonly service: RecommendedSettings;
}

export interface MachineWord {
  /** The word as it is written in the command. */
  readonly word: string;
  /** The words that can replace it on a machine, the best first; `%h` is the user's home. */
  candidates(files: SearchedFiles, home: string): readonly string[];
  /**
   * `first`: any candidate will do, so that the best one is taken; it may also be created later. `only`: the candidate is
   * taken if there is exactly one, since daruma cannot choose among several.
   */
  readonly takes: 'first' | 'only';
}

type RecommendedSettings = Readonly<Record<string, string | readonly string[]>>;

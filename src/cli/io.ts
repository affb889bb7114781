/** The streams and settings that a run receives. Only main.ts uses the process itself. */
import type { EventEmitter } from 'node:events';
import type { Catalogue } from '../i18n/catalogue.ts';

/** Streams, working directory and script of a run. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Relative paths in arguments start here. */
  readonly workingDirectory: string;
  /** The script that Node was started with. */
  readonly script: string;
  /** Emits the names of signals that the process receives, as `process` does. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>;
}

interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
}

export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** One run of the command line, before its options are read. */
export interface Run {
  readonly catalogue: Catalogue;
  readonly io: Io;
  readonly environment: Environment;
}

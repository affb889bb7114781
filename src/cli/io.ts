/** What one run of the command line is given, in place of what belongs to the process: main.ts alone knows that. */
import type { EventEmitter } from 'node:events';
import type { Catalogue } from '../i18n/catalogue.ts';

/** Where a run reads and writes, where it stands, and how it is called. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Paths that are given by arguments begin here. */
  readonly workingDirectory: string;
  /** The script that Node was started with. */
  readonly script: string;
  /** Emits the names of the signals that the process is sent, as `process` does. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>;
}

interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
}

export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** One run of the command line, before its options are read. */
export interface Run {
  readonly catalogue: Catalogue;
  readonly io: Io;
  readonly environment: Environment;
}

/**
 * Keeps daruma's code, compiled, from one run to the next: a third of the time of a short command. Node's own cache
 * (module.enableCompileCache()) has what is compiled while a file is loaded. The thousand functions that a short command then
 * calls are compiled at their first call, so this one is made when the command has ended, and has them.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import zlib from 'node:zlib';
import { cacheFolder, writeWhole } from './cache-folder.ts';
import type { Environment } from './io.ts';

/**
 * Has the files of the build that are loaded from now on run from compiled code, which is kept in `$XDG_CACHE_HOME/daruma`, else
 * `~/.cache/daruma`. `NODE_DISABLE_COMPILE_CACHE=1` turns it off, as it does Node's own.
 *
 * @param command has a file of its own, with the functions that it calls, since what another one calls would be loaded for
 *   nothing
 * @returns what writes it, to be called when the process ends
 */
export function keepCompiledCode(command: string, environment: Environment): () => void {
  const folder = environment['NODE_DISABLE_COMPILE_CACHE'] ? undefined : cacheFolder(environment);
  if (folder === undefined) return () => undefined;
  const code = new CompiledCode(`${folder}/${command}.code`);
  // oxlint-disable-next-line typescript/no-deprecated -- no other documented way lets a program compile what it requires
  createRequire(import.meta.url).extensions['.cjs'] = (loaded, file) => code.run(loaded, file);
  return () => code.keep();
}

/**
 * The compiled code of a command: a line of JSON with how often the same was renewed, and the path, the length and the checksum of each
 * part, then the parts. The path
 * of a file of the build has a hash of its content in it, so that no part is taken for another version's. V8 refuses those of
 * another V8. It does not notice that one is damaged, and dies of it (run: Node 24.21, 20 bytes changed, 25 of 25).
 */
export class CompiledCode {
  readonly #file: string;
  readonly #kept: Kept | undefined;
  readonly #scripts = new Map<string, vm.Script>();
  /** Whether this run compiles a file that is not kept. */
  #isLacking: boolean;

  constructor(file: string) {
    this.#file = file;
    this.#kept = openKept(file);
    this.#isLacking = this.#kept === undefined;
  }

  /** Runs a file as `require()` does, which has made the module. */
  run(loaded: NodeJS.Module, file: string): void {
    const text = fs.readFileSync(file, 'utf8');
    const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
      filename: file,
      cachedData: this.#kept?.read(file),
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    this.#scripts.set(file, script);
    if (script.cachedDataRejected !== false) this.#isLacking = true;
    const { exports } = loaded;
    script.runInThisContext().call(exports, exports, createRequire(file), loaded, file, path.dirname(file));
  }

  /** Writes what has been compiled by now, if some of it was not kept or may not be. Where that fails, daruma is slower, and nothing else. */
  keep(): void {
    const { madeAt = 0, renewals = 0 } = this.#kept ?? {};
    const isDue = Date.now() - madeAt >= renewalMs(renewals);
    if (!this.#isLacking && !isDue) return;
    try {
      this.#write(this.#isLacking ? 0 : renewals + 1);
    } catch {
      // A full disk, a folder that is gone, a limit.
    }
  }

  #write(renewals: number): void {
    const parts = new Map<string, Buffer>();
    for (const file of this.#kept?.files ?? []) {
      const part = fs.existsSync(file) ? this.#kept?.read(file) : undefined;
      if (part !== undefined) parts.set(file, part);
    }
    for (const [file, script] of this.#scripts) parts.set(file, script.createCachedData());
    const places = Array.from(parts, ([file, part]): Place => [file, part.length, zlib.crc32(part)]);
    const head = JSON.stringify({ renewals, parts: places } satisfies Head);
    writeWhole(this.#file, Buffer.concat([Buffer.from(`${head}\n`), ...parts.values()]));
  }
}

type Place = readonly [file: string, length: number, checksum: number];

interface Head {
  readonly renewals: number;
  readonly parts: readonly Place[];
}

interface Kept extends Pick<Head, 'renewals'> {
  readonly madeAt: number;
  readonly files: Iterable<string>;
  /** Undefined for a file whose code is not kept. */
  read(file: string): Buffer | undefined;
}

/** Undefined for anything but a file that was written whole. It stays open, since each part is read when it is needed. */
function openKept(file: string): Kept | undefined {
  try {
    const opened = fs.openSync(file, 'r');
    const { size, mtimeMs } = fs.fstatSync(opened);
    const beginning = Buffer.alloc(Math.min(size, mostHeadBytes));
    fs.readSync(opened, beginning, 0, beginning.length, 0);
    let end = beginning.indexOf('\n') + 1;
    const { renewals, parts }: Head = JSON.parse(beginning.toString('utf8', 0, end));
    const places = new Map(
      parts.map(([each, length, checksum]) => [each, { length, checksum, end: (end += length) }]),
    );
    if (end !== size) return undefined;
    const read = (part: string) => {
      const place = places.get(part);
      const bytes = place && readPart(opened, place.end - place.length, place.length);
      return bytes !== undefined && zlib.crc32(bytes) === place?.checksum ? bytes : undefined;
    };
    return { renewals, madeAt: mtimeMs, files: places.keys(), read };
  } catch {
    return undefined;
  }
}

const mostHeadBytes = 16 * 1024;

function readPart(opened: number, start: number, length: number): Buffer | undefined {
  try {
    const bytes = Buffer.allocUnsafe(length);
    return fs.readSync(opened, bytes, 0, length, start) === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * After how long code that was renewed so often is renewed again. A run only compiles what it comes to, and the first ones come to little:
 * of what tells of falls the first has none to tell. So it is collected at once in the second, and then ever more seldom, in the end daily.
 */
function renewalMs(renewals: number): number {
  return renewals === 0 ? 0 : Math.min(24 * 60 * 60 * 1000, 1_000 * 10 ** renewals);
}

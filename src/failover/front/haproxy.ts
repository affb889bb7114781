/** HAProxy as this machine has it: where it is, its version, and what it says of a configuration. */
import fs from 'node:fs';
import path from 'node:path';
import { failureText } from '../../programs/failure.ts';
import { runProgram } from '../../programs/run.ts';
import { inPrivateFolder, writePrivately } from '../private-folder.ts';
import { authoritiesVariable, authorityBundles, namesVariable, socketVariable } from './haproxy-config.ts';
import type { FrontConfiguration } from './plan.ts';

export interface Haproxy {
  readonly path: string;
  /** As it says itself: `2.6.12-1+deb12u4`; undefined when it says none. */
  readonly version: string | undefined;
  /** Whether it knows all that a front needs. */
  readonly isNewEnough: boolean;
}

/**
 * The first HAProxy on the search path, or where distributions put it. The search path of a user often lacks the folders for
 * administrators.
 *
 * @param own environment of daruma
 */
export async function findHaproxy(own: NodeJS.ProcessEnv): Promise<Haproxy | undefined> {
  const folders = [...(own['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  const found = folders
    .filter(folder => folder.startsWith('/'))
    .map(folder => path.join(folder, 'haproxy'))
    .find(isExecutable);
  if (found === undefined) return undefined;
  const { stdout } = await runProgram({ program: found, options: ['-v'], operands: [] }, limitsWith(own));
  const [, version, major = '0', minor = '0'] = /^HA-?Proxy version ((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
  const isNewEnough = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 6);
  return { path: found, version, isNewEnough };
}

/** The first that was run. 2.2.9 refuses `wait-for-body` (run). */
export const oldestHaproxy = '2.6';

/**
 * Lets HAProxy judge a configuration, from copies in a private folder.
 *
 * @param own environment of daruma
 * @returns what it says against it; undefined when it takes it
 */
export function objectionTo(
  { folder, files }: FrontConfiguration,
  { path: program }: Haproxy,
  own: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  return inPrivateFolder(own, 'front', async copies => {
    const copyOf = (file: string) => path.join(copies, path.relative(folder, file));
    for (const { file, text } of files) writePrivately(copyOf(file), text.replaceAll(folder, copies));
    const said = await judged(
      program,
      files.map(({ file }) => copyOf(file)),
      copies,
      own,
    );
    return said?.replaceAll(copies, folder);
  });
}

/**
 * Lets HAProxy judge files: it opens no socket and changes nothing. Source: its management guide, 3 (`-c`).
 *
 * @param runtime the folder of its sockets
 * @param own environment of daruma
 * @returns what it says against them; undefined when it takes them
 */
export async function judged(
  program: string,
  files: readonly string[],
  runtime: string,
  own: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const environment = {
    ...own,
    RUNTIME_DIRECTORY: runtime,
    // It is not bound while a configuration is only judged.
    [socketVariable]: '127.0.0.1:1',
    // Which authorities it trusts makes no difference while it is only judged.
    [authoritiesVariable]: authorityBundles.find(file => fs.existsSync(file)),
    ...(fs.existsSync('/etc/resolv.conf') ? { [namesVariable]: '1' } : {}),
  };
  const options = ['-c', ...files.flatMap(file => ['-f', file])];
  const { stderr, failure } = await runProgram(
    { program, options, operands: [] },
    { ...limitsWith(own), environment },
  );
  if (failure === undefined) return undefined;
  const alert = stderr.split('\n').find(line => line.startsWith('[ALERT]'));
  const said = alert?.split(' : ').filter((part, index) => index > 0 && part !== 'config');
  return said?.join(' : ') ?? failureText(program, failure);
}

/** It looks up the names of the other machines, which takes long where no name server answers. */
function limitsWith(environment: NodeJS.ProcessEnv) {
  return { environment, timeoutMs: 60_000, outputBytes: 2 ** 16 } as const;
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

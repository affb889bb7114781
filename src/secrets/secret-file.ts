/** Reads a file that contains one secret and nothing else. */
import fs from 'node:fs';
import path from 'node:path';

/**
 * The secret without the newline that editors add at the end.
 *
 * @throws the errno error of a file that cannot be read; EFBIG for one that is no file or too large to be a secret
 */
export function readSecretFile(file: string, home: string | undefined): string {
  const place = file.startsWith('~/') && home !== undefined ? path.join(home, file.slice(2)) : file;
  // The opening of a pipe that nobody writes to would wait for ever (fifo(7)).
  const descriptor = fs.openSync(place, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const status = fs.fstatSync(descriptor);
    if (!status.isFile() || status.size > longestSecretFile)
      throw Object.assign(new Error(`EFBIG: ${place} holds no secret`), { code: 'EFBIG', path: place });
    return fs.readFileSync(descriptor, 'utf8').trim();
  } finally {
    fs.closeSync(descriptor);
  }
}

/** In bytes. Keys of certificates have some kilobytes; OpenClaw's own file of several secrets is one of these files, too. */
const longestSecretFile = 1024 * 1024;

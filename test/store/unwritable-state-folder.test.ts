import { describe, expect, it } from 'vitest';
import { errnoError } from '../../src/kernel/errno.ts';
import { firstWrite, UnwritableStateFolder } from '../../src/store/unwritable-state-folder.ts';

/** As node:sqlite throws it: extended codes have more in their upper bits. */
function sqliteError(errcode: number): Error {
  return Object.assign(new Error('of SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });
}

function faultOf(error: Error): unknown {
  try {
    return firstWrite('/state', () => {
      throw error;
    });
  } catch (thrown) {
    return thrown;
  }
}

describe('what the disk refuses to the first write', () => {
  it.each([
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EROFS', 'not-writable'],
    ['EACCES', 'not-writable'],
    ['EPERM', 'not-writable'],
    ['ENOTDIR', 'not-writable'],
  ])('%s: the state folder is %s', (code, reason) => {
    const cause = errnoError(code, 'refused', 'open', '/state/file');
    expect(faultOf(cause)).toMatchObject({ folder: '/state', reason, cause });
  });

  it.each([
    ['SQLITE_FULL', 13, 'full'],
    ['SQLITE_IOERR_WRITE', 778, 'not-writable'],
    ['SQLITE_READONLY_DIRECTORY', 1544, 'not-writable'],
    ['SQLITE_CANTOPEN', 14, 'not-writable'],
  ])('%s: the state folder is %s', (_, code, reason) => {
    expect(faultOf(sqliteError(code))).toMatchObject({ folder: '/state', reason });
  });

  it('is told of the folder where it was found out', () => {
    const inner = new UnwritableStateFolder('/inner', 'full', { cause: undefined });
    expect(faultOf(inner)).toBe(inner);
  });

  it.each([new Error('else'), sqliteError(5), errnoError('EMFILE', 'too many', 'open', '/x')])(
    'is nothing else: %s',
    error => {
      expect(faultOf(error)).toBe(error);
    },
  );
});

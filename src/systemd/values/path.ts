import { nameMax, pathMax } from '../../kernel/limits.ts';

/** Whether systemd accepts a text as the name of one file: not empty, not `.` or `..`, no slash, at most 255 bytes. Source: `filename_is_valid()`. */
export function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && byteLength(name) <= nameMax;
}

/** Whether systemd accepts a text as an absolute path: it starts with a slash, is shorter than 4096 bytes, no part is longer than 255 bytes. Source: `path_is_valid()`. */
export function isAbsolutePath(path: string): boolean {
  if (!path.startsWith('/')) return false;
  if (path.length * 3 < nameMax) return true;
  return byteLength(path) < pathMax && path.split('/').every(part => byteLength(part) <= nameMax);
}

/** Whether a path has a part `..`, which most settings for paths refuse. Source: `path_is_normalized()`, `PATH_CHECK_*` of `path_simplify_and_warn()`. */
export function hasDotDot(path: string): boolean {
  return path.split('/').includes('..');
}

/**
 * Removes doubled slashes, `.` parts and a slash at the end; `..` stays. Source: `path_simplify()`.
 *
 * @example
 * simplifyPath('/usr//bin/./env'); // '/usr/bin/env'
 */
export function simplifyPath(path: string): string {
  if (!/\/\/|(^|\/)\.(\/|$)|.\/$/.test(path)) return path;
  const parts = path.split('/').filter(part => part !== '' && part !== '.');
  if (path.startsWith('/')) return `/${parts.join('/')}`;
  return parts.length === 0 ? '.' : parts.join('/');
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

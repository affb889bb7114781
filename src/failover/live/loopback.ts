/** @param hostName of a URL */
export function isLoopback(hostName: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0|\[::\])$/.test(hostName);
}

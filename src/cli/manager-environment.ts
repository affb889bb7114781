/** What a command that is printed needs to find the user's manager where it is pasted. */
import type { Host } from '../systemd/host/host.ts';

/** After ssh, su or sudo the variable may be missing; without it, `systemctl --user` finds no manager. */
export function environmentPrefix(
  { kind, scope, user }: Host,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (kind !== 'live' || scope !== 'user' || user === undefined || environment['XDG_RUNTIME_DIR']) return '';
  return `XDG_RUNTIME_DIR=/run/user/${user.uid} `;
}

/** Who else on this machine has user services. */
import { filesFrom } from '../systemd/host/files.ts';
import type { Host, HostUser } from '../systemd/host/host.ts';
import { isRegularUser, readPasswd } from '../systemd/host/passwd.ts';

/** For root on the running machine, the people of /etc/passwd who have services in their home; for anybody else nobody. */
export function othersWithServices({ kind, files, user }: Host): readonly HostUser[] {
  if (kind !== 'live' || user?.uid !== 0) return [];
  return readPasswd(files).filter(other => isRegularUser(other) && hasServices(other));
}

function hasServices({ home }: HostUser): boolean {
  const folder = `${home}/.config/systemd/user`;
  try {
    const entries = filesFrom(home, folder).list(folder) ?? [];
    return entries.some(({ name }) => name.endsWith('.service'));
  } catch {
    return false;
  }
}

/** Settings of user units that need privileges which a user manager does not have: the service fails before its program runs. */
import type { Assigned } from '../systemd/assignments.ts';
import type { Host, HostFiles } from '../systemd/host/host.ts';
import { readPasswd } from '../systemd/host/passwd.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import { parseBoolean } from '../systemd/values/boolean.ts';
import { extractWords } from '../systemd/values/words.ts';

export interface PrivilegedAssignment {
  readonly directive: string;
  readonly value: string;
  /** The end of every start as `systemctl status` shows it: `216/GROUP`; two of them where it is not known which. */
  readonly status: string;
  readonly source: SourceLine;
}

/**
 * The settings of a unit that a user manager cannot carry out; none for a system unit. Ran on user managers of 247, 252, 257
 * and 262; for the versions in between, only what is the same on both sides is returned.
 */
export function* privilegedAssignments(unit: Unit, host: Host): Iterable<PrivilegedAssignment> {
  if (host.scope !== 'user') return;
  for (const { directive, statusOf, fails } of settings) {
    const assigned = unit.assignments.get('Service', directive).at(-1);
    if (assigned === undefined || !fails(assigned, host)) continue;
    yield { ...assigned, directive, status: statusOf(assigned, host) };
  }
}

interface PrivilegedSetting {
  readonly directive: string;
  readonly statusOf: (assigned: Assigned, host: Host) => string;
  readonly fails: (assigned: Assigned, host: Host) => boolean;
}

const always = () => true;
const upTo252 = (host: Host) => host.systemd.version <= 252;

/** The settings with the statuses of systemd.exec(5), "Process Exit Codes". */
const settings: readonly PrivilegedSetting[] = [
  {
    directive: 'User',
    // A user is looked up first; what takes the privileges are the groups of one that there is.
    statusOf: ({ value }, host) => {
      const isThere = isKnownUser(value, host);
      return isThere === undefined ? '216/GROUP | 217/USER' : isThere ? '216/GROUP' : '217/USER';
    },
    // For the user's own name, it fails up to 252 and has no effect from 257 on.
    fails: ({ value }, host) => upTo252(host) || isOther(value, host, ({ name, uid }) => [name, String(uid)]),
  },
  {
    directive: 'Group',
    statusOf: () => '216/GROUP',
    // A group with the user's name is the user's own group.
    fails: ({ value }, host) => isOther(value, host, ({ name, gid }) => [name, String(gid)]),
  },
  {
    directive: 'SupplementaryGroups',
    statusOf: () => '216/GROUP',
    fails: ({ value }) => extractWords(value).words.length > 0,
  },
  {
    directive: 'DynamicUser',
    statusOf: () => '217/USER',
    // Later versions refuse the unit, which `unit-load-error` reports.
    fails: ({ value }, host) => upTo252(host) && parseBoolean(value) === true,
  },
  { directive: 'AmbientCapabilities', statusOf: () => '218/CAPABILITIES', fails: always },
  { directive: 'CapabilityBoundingSet', statusOf: () => '218/CAPABILITIES', fails: always },
  {
    directive: 'PrivateDevices',
    statusOf: () => '218/CAPABILITIES',
    fails: ({ value }, host) => upTo252(host) && parseBoolean(value) === true,
  },
  { directive: 'RootDirectory', statusOf: () => '210/CHROOT', fails: (_, host) => upTo252(host) },
  { directive: 'LogNamespace', statusOf: () => '226/NAMESPACE', fails: always },
];

/** Whether a name or number is one of a user; undefined where others than /etc/passwd may know it (nsswitch.conf(5)), or none is known. */
function isKnownUser(value: string, { user, reach, files }: Host): boolean | undefined {
  const known = [...(user === undefined ? [] : [user]), ...(reach === 'machine' ? readPasswd(files) : [])];
  if (value === 'root' || value === '0') return true;
  if (known.some(({ name, uid }) => value === name || value === String(uid))) return true;
  return reach === 'machine' && known.length > 0 && !hasOtherSources(files) ? false : undefined;
}

/** `systemd` knows users that live only as long as a service. */
const ownSources: ReadonlySet<string> = new Set(['files', 'compat', 'systemd']);

function hasOtherSources(files: HostFiles): boolean {
  try {
    if (files.status('/etc/nsswitch.conf')?.kind !== 'file') return false;
    const text = files.read('/etc/nsswitch.conf', mostOfSwitch).toString('utf8');
    const sources = /^passwd:([^#\n]*)/m.exec(text)?.[1] ?? 'files';
    return sources.split(/\s+/).some(word => /^\w/.test(word) && !ownSources.has(word));
  } catch {
    return true;
  }
}

/** In bytes: it has some twenty lines. */
const mostOfSwitch = 64 * 1024;

/** Whether a name certainly belongs to another user. For a folder of units alone, it is not known whose they are. */
function isOther(
  value: string,
  { user, reach }: Host,
  own: (user: NonNullable<Host['user']>) => readonly string[],
): boolean {
  if (value === 'root' || value === '0') return reach === 'units' || user?.uid !== 0;
  return user !== undefined && reach !== 'units' && !own(user).includes(value) && !value.includes('%');
}

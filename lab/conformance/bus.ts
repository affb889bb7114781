/** The names that actors own on a bus. */
import type { Host } from '../host.ts';

/** The prefix of all these names. */
const prefix = 'org.daruma';

/** The `BusName=` line of the lab's units. */
export const busNameLine = `BusName=${prefix}.%p`;

/** The name of a unit that has {@link busNameLine}. */
export function busNameOf(unit: string): string {
  return `${prefix}.${unit.replace(/\.service$/, '')}`;
}

/** Allows root's services to own names on the system bus, which forbids it by default (dbus-daemon(1)); a user's bus allows it. */
export async function allowNames(host: Host): Promise<void> {
  await host.writeFile('/etc/dbus-1/system.d/conformance.conf', policy);
  await host.exec(['systemctl', 'reload', 'dbus.service']);
}

const policy = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy user="root">
    <allow own_prefix="${prefix}"/>
  </policy>
</busconfig>
`;

/** The names that actors own on a bus. */
import type { Host } from '../host.ts';

/** What they all begin with. */
const prefix = 'org.daruma';

/** `BusName=` as units of the lab have it. */
export const busNameLine = `BusName=${prefix}.%p`;

/** The name of a unit that has {@link busNameLine}. */
export function busNameOf(unit: string): string {
  return `${prefix}.${unit.replace(/\.service$/, '')}`;
}

/** Lets root's services own names on the system's bus, which forbids it (dbus-daemon(1)); a user's own bus does not. */
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

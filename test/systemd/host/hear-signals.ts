/** Run inside a host: starts a unit over each socket of the user's manager and prints the signals that tell of it. */
import { openManagerSocket, waysIn } from '../../../src/systemd/host/connect-manager.ts';
import type { DBusSignal } from '../../../src/systemd/host/dbus.ts';
import { unitObjectPath } from '../../../src/systemd/host/manager-over-dbus.ts';

const [unit = ''] = process.argv.slice(2);
const managerPath = '/org/freedesktop/systemd1';
const managerInterface = 'org.freedesktop.systemd1.Manager';

for (const way of waysIn({ scope: 'user', runtimeDirectory: process.env['XDG_RUNTIME_DIR'] })) {
  const connection = await openManagerSocket(way);
  const heard: DBusSignal[] = [];
  const done = Promise.withResolvers<void>();
  await connection.call(managerPath, managerInterface, 'Subscribe');
  await connection.subscribe(
    { interfaceName: 'org.freedesktop.DBus.Properties', path: unitObjectPath(unit) },
    signal => heard.push(signal),
  );
  const removed = { interfaceName: managerInterface, member: 'JobRemoved' };
  const stop = await connection.subscribe(removed, signal => {
    if (signal.args[2] === unit) done.resolve();
  });
  await connection.call(managerPath, managerInterface, 'RestartUnit', 'ss', [unit, 'replace']);
  await done.promise;
  await stop();
  console.log(`${way.transport} ${heard.some(signal => signal.member === 'PropertiesChanged')}`);
  await connection[Symbol.asyncDispose]();
  await connection.closed;
}

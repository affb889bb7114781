/** Run inside a host: opens the private socket of the user's manager again and again, each time for one call. */
import { openManagerSocket, waysIn } from '../../../src/systemd/host/connect-manager.ts';

const times = Number(process.argv[2]);
const [way] = waysIn({ scope: 'user', runtimeDirectory: process.env['XDG_RUNTIME_DIR'] });
if (way?.transport !== 'private-socket') throw new Error('the private socket comes first');
for (let time = 0; time < times; time += 1) {
  const connection = await openManagerSocket(way);
  await connection.call('/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager', 'Subscribe');
  await connection[Symbol.asyncDispose]();
}
console.log(`${times} answered`);

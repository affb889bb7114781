/** Run inside a host: opens it as daruma does and prints all it says, about the units named in the arguments too. */
import { openLiveHost } from '../../../src/systemd/host/live-host.ts';

const [scope, ...names] = process.argv.slice(2);
const before = performance.now();
const host = await openLiveHost({ scope: scope === 'system' ? 'system' : 'user' });
const opened = performance.now();
const units = await host.manager?.units(names);
const asked = performance.now();
const { manager, managerProblem, unitPath, systemd, cgroups, user, environment } = host;
const facts = {
  transport: manager?.transport,
  managerProblem,
  unitPath,
  systemd,
  cgroups,
  user,
  environment,
  linger: await host.linger(),
  loaded: (await manager?.loadedUnits())?.map(({ name }) => name),
  units: units && Object.fromEntries(units),
  openMs: opened - before,
  unitsMs: asked - opened,
};
await host[Symbol.asyncDispose]();
console.log(JSON.stringify(facts));

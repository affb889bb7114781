/** A process that takes signs from the spool until it is killed: `node killed-taker.ts FOLDER`. */
import type { Incident } from '../../src/notify/incident.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { takeSigns } from '../../src/notify/take-signs.ts';
import { openStore } from '../../src/store/database.ts';
import { Incidents } from '../../src/store/incidents.ts';

const [folder = ''] = process.argv.slice(2);
const database = openStore(folder);
const taken = await takeSigns({
  folder,
  database,
  incidents: new Incidents<Sign, Incident>(database),
  look: () => Promise.resolve({ live: new Map(), manager: undefined, journal: undefined, bootMs: null }),
  discarded: count => process.stdout.write(`discarded ${count}\n`),
});
process.stdout.write(`taken ${taken.size}\n`);

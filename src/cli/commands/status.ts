/** `daruma status`: shows the survival table. */
import path from 'node:path';
import type { Catalogue } from '../../i18n/catalogue.ts';
import type { ServiceEntry } from '../../inventory/inventory.ts';
import { downToJson } from '../../report/down.ts';
import { documentHead, managerToJson, statusRowToJson } from '../../report/json.ts';
import { wrapText } from '../../report/terminal.ts';
import { type StatusRow, statusRow } from '../../report/status-table.ts';
import type { Linger } from '../../systemd/host/host.ts';
import { type ConfiguredTarget, configureTargets, tellNotes } from '../configuration.ts';
import { type Context, readContext } from '../context.ts';
import { downIn, presentTable } from '../present-table.ts';
import { Failure } from '../failure.ts';
import type { Run } from '../io.ts';
import { managerDownToJson } from '../manager-down.ts';
import { tell, write, writeDocument } from '../output.ts';
import type { CommonOptions } from '../options.ts';
import { fixOffer } from '../offer-fix.ts';
import { noServices, openTargets, type Target, tellLimits, tellNewer, whoHasServices } from '../targets.ts';
import { version } from '../version.ts';

/** @returns the exit code: always 0 */
export async function status(given: readonly string[], options: CommonOptions, run: Run): Promise<number> {
  const context = readContext(options, run);
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets(given, context.targets, run, hosts);
  const configured = await configureTargets(opened, options.config, run);
  const targets = given.length === 0 ? await orExample(configured, context, hosts) : configured;
  tellNewer(targets, context);
  if (!context.quiet) for (const target of targets) tellNotes(target.configured.notes, run);
  await (context.format === 'json' ? showJson(targets, run) : showTables(targets, context));
  if (context.format === 'human') await write(context.io, await fixOffer(given, targets, options, context));
  tellLimits(targets, context);
  return 0;
}

/** The targets, or in a checkout the example of a user's services when there is no manager and no unit to show. */
async function orExample(
  targets: readonly ConfiguredTarget[],
  context: Context,
  hosts: AsyncDisposableStack,
): Promise<readonly ConfiguredTarget[]> {
  const [target] = targets;
  const { catalogue, io } = context;
  if (target === undefined || target.names.length > 0) return targets;
  const { host } = target.inventory;
  if (host.kind !== 'live' || host.manager !== undefined || host.managerProblem === undefined) return targets;
  if (checkoutExample === undefined || host.scope === 'system') {
    const problem = catalogue.managerProblem(host.managerProblem);
    const hint = whoHasServices(host, catalogue, 'status');
    throw new Failure(3, 'nothing-to-show', catalogue.errors.nothingToShow(problem), { hint });
  }
  const { exampleHeadline } = catalogue.status;
  if (context.format === 'human')
    await write(io, `${wrapText(context.terminal, exampleHeadline, [0, 0])}\n\n`);
  else if (!context.quiet) tell(io, exampleHeadline);
  const example = await openTargets([checkoutExample], context.targets, context, hosts);
  return configureTargets(example, undefined, context);
}

/**
 * The example that a checkout shows when the machine has no services to show; undefined in the installed package, which runs
 * from JavaScript.
 */
const checkoutExample: string | undefined = import.meta.filename.endsWith('.ts')
  ? path.join(import.meta.dirname, '../../../examples/neko')
  : undefined;

async function showTables(targets: readonly ConfiguredTarget[], context: Context): Promise<void> {
  let separator = '';
  const { catalogue, io } = context;
  for (const target of targets) {
    const { inventory, names, configured } = target;
    const rows: StatusRow[] = [];
    for await (const entry of inventory.services(names)) rows.push(statusRow(entry, inventory));
    const linger = await lingerOf(inventory.host);
    const nothing = noServices(target, catalogue, 'status');
    const table = await presentTable(inventory, rows, linger, nothing, configured.policy, context);
    await write(io, separator + table);
    separator = '\n';
  }
}

/** The services of a host. Those of a tree are read one by one, since there may be very many. */
interface Listed {
  readonly inventory: Target['inventory'];
  readonly services: readonly ServiceEntry[] | AsyncIterable<ServiceEntry>;
}

async function showJson(targets: readonly ConfiguredTarget[], run: Run): Promise<void> {
  const { catalogue, io } = run;
  const host = targets[0]?.inventory.host;
  const linger = host && (await lingerOf(host));
  const down: object[] = [];
  const listed: Listed[] = [];
  for (const { inventory, names, configured } of targets) {
    const services = inventory.services(names);
    if (inventory.host.manager === undefined) {
      listed.push({ inventory, services });
      continue;
    }
    // The manager is asked once for both lists of the document.
    const entries: ServiceEntry[] = [];
    for await (const entry of services) entries.push(entry);
    listed.push({ inventory, services: entries });
    const found = await downIn(entries, inventory, configured.policy, run);
    down.push(...found.map(service => downToJson(service, inventory.host, catalogue)));
  }
  const head = {
    ...documentHead(version, host),
    linger: linger?.enabled ?? null,
    manager: host === undefined ? null : managerToJson(host, catalogue),
    managerDown: host === undefined ? null : await managerDownToJson(host, catalogue),
    down,
  };
  await writeDocument(io, head, 'units', rowsToJson(listed, catalogue));
}

async function* rowsToJson(listed: readonly Listed[], catalogue: Catalogue): AsyncIterable<object> {
  for (const { inventory, services } of listed) {
    for await (const entry of services) {
      yield statusRowToJson(statusRow(entry, inventory), inventory, catalogue);
    }
  }
}

async function lingerOf(host: Target['inventory']['host']): Promise<Linger | undefined> {
  return host.scope === 'user' ? host.linger() : undefined;
}

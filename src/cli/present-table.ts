/** The table of services with what is down now before it. */
import type { Finding } from '../check/finding.ts';
import type { CheckPolicy } from '../check/policy.ts';
import { secretValuesOf } from '../check/secret-files.ts';
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import { lastLogLines, programNames } from '../notify/last-lines.ts';
import { downManager } from '../inventory/down-manager.ts';
import { type DownService, renderDown } from '../report/down.ts';
import { renderStatus, type StatusRow } from '../report/status-table.ts';
import type { Linger } from '../systemd/host/host.ts';
import type { Context } from './context.ts';
import type { Run } from './io.ts';

/** @param nothing the text for a table without services */
export async function presentTable(
  inventory: Inventory,
  rows: readonly StatusRow[],
  linger: Linger | undefined,
  nothing: string,
  policy: CheckPolicy,
  context: Context,
): Promise<string> {
  const { host } = inventory;
  const { catalogue, terminal, viewpoint } = context;
  const entries = rows.map(({ entry }) => entry);
  const down = await downIn(entries, inventory, policy, context);
  const now = renderDown(downManager(host), linger, down, host, catalogue, terminal, viewpoint);
  return now + renderStatus(inventory, rows, linger, nothing, catalogue, terminal);
}

/** The services that are down, with the ends of their logs and what keeps them down. */
export async function downIn(
  entries: readonly ServiceEntry[],
  inventory: Inventory,
  policy: CheckPolicy,
  { environment }: Run,
): Promise<readonly DownService[]> {
  const down: DownService[] = [];
  for (const entry of entries) {
    const downfall = entry.downfallNow;
    if (downfall === undefined) continue;
    const unit = entry.service.unit.name;
    const isLogged = down.length < mostLogs && downfall.how !== 'never-started';
    const log = isLogged ? await lastLinesOf(entry, inventory, environment) : [];
    down.push({ unit, downfall, log, findings: await findingsOf(entry, inventory, policy) });
  }
  return down;
}

async function findingsOf(
  entry: ServiceEntry,
  inventory: Inventory,
  policy: CheckPolicy,
): Promise<readonly Finding[]> {
  // The rules are loaded only where something is down.
  const { keptDownBy } = await import('../check/engine.ts');
  return keptDownBy(entry, inventory, policy);
}

function lastLinesOf(
  entry: ServiceEntry,
  { host, loader }: Inventory,
  environment: Run['environment'],
): Promise<readonly string[]> {
  const { service, endedRun } = entry;
  const wanted = {
    count: logLines,
    secrets: secretValuesOf(entry, host),
    identifierOf: programNames(loader),
  };
  return lastLogLines(service.unit.name, host.scope, endedRun, wanted, environment);
}

/** Each log takes a command: of very many services that are down, the first ones are enough. */
const mostLogs = 20;
const logLines = 10;

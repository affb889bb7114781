/** Looks after services that have ended or started, as far as that is not done already. */
import { serviceName } from '../config/schema.ts';
import { type Inventory, openInventory } from '../inventory/inventory.ts';
import { follow } from '../notify/follow.ts';
import { lastLines } from '../notify/last-lines.ts';
import { followedService } from '../notify/readiness.ts';
import { runProgram } from '../programs/run.ts';
import { withLock } from '../store/lock.ts';
import { journalCommand } from '../systemd/commands.ts';
import { ManagerError } from '../systemd/host/host.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import type { Environment } from './io.ts';
import type { Notification } from './notification.ts';

/**
 * @param patienceMs how long to wait for somebody else who follows it
 * @param limitMs how long to follow it
 */
export async function followUnits(
  units: readonly string[],
  notification: Notification,
  patienceMs: number,
  limitMs: number,
): Promise<void> {
  if (units.length === 0) return;
  const inventory = await openInventory(notification.host);
  await Promise.all(
    units.map(unit =>
      withLock(notification.folder, `await-${unit}`, patienceMs, () =>
        followUnit(unit, inventory, notification, limitMs),
      ),
    ),
  );
}

async function followUnit(
  unit: string,
  inventory: Inventory,
  { host, configuration, settings, desk, environment }: Notification,
  limitMs: number,
): Promise<void> {
  const written = Object.entries(configuration?.written.units ?? {}).find(
    ([name]) => serviceName(name) === unit,
  )?.[1];
  const { readiness, purpose } = await readService(from =>
    followedService(unit, from, written?.probe, environment),
  );
  const watch = {
    look: async () => {
      try {
        return (await host.manager?.units([unit]))?.get(unit);
      } catch (error) {
        // It is being reloaded, or ends; what became of the service is seen later.
        if (error instanceof ManagerError) return undefined;
        throw error;
      }
    },
    readiness,
    purpose,
    now: Date.now,
    log: () => lastLogLines(unit, host.scope, settings.logLines, environment),
  };
  await follow(unit, watch, desk, Date.now() + limitMs);

  /** What a service is for is written in files; a manager knows besides which triggers are active, unless it is just reloading. */
  async function readService<T>(read: (from: Inventory) => Promise<T>): Promise<T> {
    try {
      return await read(inventory);
    } catch (error) {
      if (!(error instanceof ManagerError)) throw error;
      return read(await openInventory({ ...host, manager: undefined }));
    }
  }
}

/** Of its journal, without secrets; none where that cannot be read: a message is worth more than the lines that go with it. */
export async function lastLogLines(
  unit: string,
  scope: ManagerScope,
  count: number,
  environment: Environment,
): Promise<readonly string[]> {
  if (count === 0) return [];
  const { stdout, failure } = await runProgram(journalCommand(scope, unit, count + linesBefore), {
    environment,
    timeoutMs: 3_000,
    outputBytes: mostKept,
    keepsEnd: true,
  });
  if (failure !== undefined) return [];
  try {
    return lastLines({ text: stdout, isWhole: stdout.length < mostKept }, count);
  } catch {
    return [];
  }
}

/** A secret may have begun in a line that is not shown. */
const linesBefore = 60;

/** However much there is, no more of it is kept than may be looked through. */
const mostKept = 1024 * 1024;

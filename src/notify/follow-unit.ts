/** Follows a service that has ended or started, unless another process already follows it. */
import { secretValuesOf } from '../check/secret-files.ts';
import type { WrittenConfiguration } from '../config/schema.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { presentBoot } from '../kernel/process-identity.ts';
import { withLock } from '../store/lock.ts';
import { type Host, ManagerError } from '../systemd/host/host.ts';
import { statesOf } from '../systemd/host/states.ts';
import { follow } from './follow.ts';
import { lastLogLines, programNames } from './last-lines.ts';
import { followedService, writtenProbeOf } from './readiness.ts';
import type { NotifySettings } from './settings.ts';
import type { Desk } from './settle.ts';

/** What is needed to follow services of a host. */
export interface FollowContext {
  readonly host: Host;
  readonly configuration: WrittenConfiguration | undefined;
  readonly settings: NotifySettings;
  readonly desk: Desk;
  /** The state folder. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether the configuration was edited since it was read: then whoever reads it anew goes on. */
  readonly isEdited: () => boolean;
}

/**
 * @param patienceMs how long to wait for another process that follows the unit
 * @param limitMs how long to follow it
 */
export async function followUnit(
  unit: string,
  inventory: Inventory,
  context: FollowContext,
  patienceMs: number,
  limitMs: number,
): Promise<void> {
  await withLock(context.folder, `await-${unit}`, patienceMs, () =>
    followAlone(unit, inventory, context, limitMs),
  );
}

async function followAlone(
  unit: string,
  inventory: Inventory,
  { host, configuration, settings, desk, environment, isEdited }: FollowContext,
  limitMs: number,
): Promise<void> {
  const probe = writtenProbeOf(unit, configuration);
  const { readiness, purpose, triggers, asserts, isStartedAtBoot } = await readService(from =>
    followedService(unit, from, probe, environment),
  );
  const watch = {
    look: async () => {
      try {
        return (await host.manager?.units([unit]))?.get(unit);
      } catch (error) {
        // The manager is reloading or ending. A later look shows the state of the service.
        if (error instanceof ManagerError) return undefined;
        throw error;
      }
    },
    failedTrigger: async () => {
      if (triggers.length === 0) return undefined;
      const states = await statesOf(triggers, host.manager);
      return triggers.find(name => states.get(name)?.activeState === 'failed');
    },
    bootMs: presentBoot()?.startedMs ?? null,
    isStartedAtBoot,
    asserts,
    readiness,
    purpose,
    now: Date.now,
    isEdited,
    wasStopped: async (run: string) => (await host.journal?.jobsOfRuns([run]))?.get(run)?.hasStopJob === true,
    log: async (run: string) => {
      const { logLines } = settings;
      if (logLines === 0) return [];
      const entry = inventory.service(unit);
      const wanted = {
        count: logLines,
        secrets: secretValuesOf(entry, host),
        identifierOf: programNames(inventory.loader),
      };
      return lastLogLines(unit, host.scope, run, wanted, environment);
    },
    journal: host.journal,
  };
  await follow(unit, watch, desk, Date.now() + limitMs);

  /** Reads from files and manager which units trigger the service; while the manager reloads, from files only. */
  async function readService<T>(read: (from: Inventory) => Promise<T>): Promise<T> {
    try {
      return await read(inventory);
    } catch (error) {
      if (!(error instanceof ManagerError)) throw error;
      return read(await takeInventory({ ...host, manager: undefined }));
    }
  }
}

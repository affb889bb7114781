/** Turns errors of a fix, of its continuation or of an undo into failures with text. */
import { ChangedMeanwhile, UnwritableLink } from '../transaction/apply.ts';
import { FixFailed } from '../transaction/carry-out.ts';
import { UnitRefused } from '../transaction/load-states.ts';
import { DamagedRecord, FixInTheWay, type Journal, UntrustedRecord } from '../transaction/journal.ts';
import { LaterFixStands } from '../transaction/later-fix.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { utcTime } from '../i18n/parts.ts';
import { commandFor, type HostOptions } from './options.ts';
import { UnwritableStateFolder } from '../store/unwritable-state-folder.ts';
import type { Host } from '../systemd/host/host.ts';
import { LeadsOut } from '../systemd/host/tree.ts';
import { Failure } from './failure.ts';
import { waysOut } from './interrupted-fix.ts';
import { stateFailure, storeFaultText } from './store-fault.ts';

/** Runs work. @throws Failure in place of the errors of the journal and of a fix */
export async function withFixFailures<T>(
  options: HostOptions,
  catalogue: Catalogue,
  work: () => Promise<T>,
): Promise<T> {
  const { fix } = catalogue;
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnwritableStateFolder) throw stateFailure(error, catalogue);
    if (error instanceof FixFailed) {
      const { at: where, isTakenBack } = error;
      const cause =
        error.cause instanceof UnitRefused
          ? fix.noLongerLoaded(error.cause.loadState)
          : storeFaultText(error.cause, catalogue);
      throw isTakenBack
        ? new Failure(3, 'fix-failed', fix.failedAndTakenBack(where, cause), { where, cause: error })
        : new Failure(3, 'fix-failed', fix.failed(where, cause), {
            where,
            cause: error,
            hint: fix.undoHint(commandFor('undo', options)),
          });
    }
    if (error instanceof ChangedMeanwhile) {
      throw new Failure(3, 'changed-meanwhile', fix.changedMeanwhile(error.file), {
        where: error.file,
        hint: fix.planAgain,
      });
    }
    if (error instanceof FixInTheWay) {
      if (error.begun === undefined) throw new Failure(3, 'fix-under-way', fix.underWaySomewhere);
      const { id, isUndo, pid, since } = error.begun;
      throw pid === undefined
        ? new Failure(3, 'fix-interrupted', fix.stillInterrupted(id, isUndo), {
            where: id,
            hint: waysOut(error.begun, options, fix),
          })
        : new Failure(3, 'fix-under-way', fix.underWay(id, pid, utcTime(since.getTime())), { where: id });
    }
    if (error instanceof LaterFixStands) {
      const { id: where, laterId, file } = error;
      throw new Failure(3, 'later-fix-stands', fix.laterFixStands(where, laterId, file), {
        where,
        hint: fix.comesFirst(commandFor(`undo ${laterId}`, options)),
      });
    }
    if (error instanceof UnwritableLink) {
      throw new Failure(3, 'unwritable-link', fix.unwritableLink(error.file), { where: error.file });
    }
    if (error instanceof LeadsOut) {
      throw new Failure(3, 'leads-out', fix.leadsOut(error.file), { where: error.file });
    }
    if (error instanceof UntrustedRecord) {
      const { file: where, reason } = error;
      throw reason.kind === 'owner'
        ? new Failure(3, 'untrusted-record', fix.recordOfAnother(where, reason.uid), {
            where,
            ...(reason.isForThem
              ? { hint: fix.undoAsThem(reason.uid, commandFor(`undo ${reason.id}`, options)) }
              : {}),
          })
        : new Failure(3, 'untrusted-record', fix.recordLeadsOut(where, reason.path), {
            where,
            hint: fix.moveAway,
          });
    }
    if (error instanceof DamagedRecord) {
      throw new Failure(3, 'damaged-record', fix.damagedRecord(error.file), {
        where: error.file,
        cause: error,
        hint: fix.moveAway,
      });
    }
    throw error;
  }
}

/** @throws Failure while another fix is under way or was interrupted */
export function expectFree(journal: Journal, options: HostOptions, catalogue: Catalogue): Promise<void> {
  return withFixFailures(options, catalogue, async () => {
    const begun = journal.begun();
    if (begun !== undefined) throw new FixInTheWay(begun);
  });
}

/**
 * A manager that is there and does not answer would go on with the units as they were, without a word of it afterwards.
 *
 * @throws Failure before anything is done
 */
export function expectAnswer({ managerProblem }: Host, catalogue: Catalogue): void {
  if (managerProblem?.code !== 'timeout') return;
  const text = catalogue.errors.nothingWasDone(catalogue.managerProblem(managerProblem));
  throw new Failure(3, 'manager-silent', text, { where: managerProblem.tried });
}

/** @throws Failure when the system manager of this machine is to be changed by a user who is not root */
export function expectRoot(options: HostOptions, { fix }: Catalogue): void {
  if (!options.system || options.root !== undefined || process.getuid?.() === 0) return;
  throw new Failure(3, 'needs-root', fix.needsRoot, { hint: fix.asRoot });
}

/** What `check` knows to keep services down, for the messages about these. */
import type { CheckPolicy } from '../check/policy.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import type { Notice } from '../notify/notice.ts';
import { findingWords } from '../report/findings/words.ts';
import { printable } from '../report/printable.ts';
import type { Host } from '../systemd/host/host.ts';

/**
 * @param messages the texts of messages
 * @param policyOf reads it, once it is known to be needed
 * @returns places and messages by unit; only of what stays down, or did not become ready
 */
export async function keptDownIn(
  notices: readonly Notice[],
  { journal: _journal, ...host }: Host,
  messages: Catalogue,
  policyOf: (inventory: Inventory) => Promise<CheckPolicy>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const down = notices.flatMap(notice =>
    notice.kind === 'stays-down' || notice.kind === 'not-ready' ? [notice.unit] : [],
  );
  // A digest names no causes, and the rules are loaded only where something is down.
  if (notices.length > 1 || down.length === 0) return new Map();
  const { keptDownBy } = await import('../check/engine.ts');
  const inventory = await takeInventory({ ...host, manager: undefined });
  const policy = await policyOf(inventory);
  return new Map(
    down.map(unit => [
      unit,
      keptDownBy(inventory.service(unit), inventory, policy).map(finding => {
        const { source } = finding;
        const { message } = findingWords(finding, host, messages);
        const place = source && `${printable(`${source.file}:${source.line}`)}${messages.punctuation.colon}`;
        return `${place ?? ''}${message}`;
      }),
    ]),
  );
}

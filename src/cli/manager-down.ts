/** What a command says before anything else where the manager of the user's services does not run: so none of them does. */
import type { Catalogue } from '../i18n/catalogue.ts';
import { downManager } from '../inventory/down-manager.ts';
import { downManagerToJson, renderDown } from '../report/down.ts';
import { documentHead } from '../report/json.ts';
import type { Host } from '../systemd/host/host.ts';
import type { Context } from './context.ts';
import { version } from './version.ts';

/** @returns the lines with an empty one behind them; empty where the manager runs, or this is not known */
export async function managerDownLead(
  host: Host,
  { catalogue, terminal, viewpoint }: Pick<Context, 'catalogue' | 'terminal' | 'viewpoint'>,
): Promise<string> {
  const manager = downManager(host);
  if (manager === undefined) return '';
  return renderDown(manager, await host.linger(), [], host, catalogue, terminal, viewpoint);
}

/** The head of a document about a host that says, as the text does, whether the user's manager is down. */
export async function headOf(host: Host | undefined, catalogue: Catalogue): Promise<object> {
  return {
    ...documentHead(version, host),
    managerDown: host === undefined ? null : await managerDownToJson(host, catalogue),
  };
}

/** `managerDown` of a document. */
export async function managerDownToJson(host: Host, catalogue: Catalogue): Promise<object | null> {
  const manager = downManager(host);
  if (manager === undefined) return null;
  return downManagerToJson(manager, await host.linger(), host, catalogue);
}

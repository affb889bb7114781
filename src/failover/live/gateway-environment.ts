/** The environment of a gateway, which determines its keys and the certificate authorities that it trusts. */
import fs from 'node:fs';
import tls from 'node:tls';
import { certificatesIn } from '../../http/trust.ts';
import { processEnvironment } from '../../services/process-environment.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Gateway } from '../../routes/picture.ts';
import { environmentFilesOf } from '../../services/environment.ts';
import { ownFilesOf } from '../../services/own-files.ts';
import { localFiles } from '../../systemd/host/files.ts';
import type { Program } from '../../services/program.ts';

export interface GatewayEnvironment {
  readonly variable: (name: string) => string | undefined;
  /** Files of its unit that may define variables. */
  readonly files: readonly string[];
}

/** Reads the environment of the running process, or else the one that the unit defines. */
export async function gatewayEnvironment(
  unit: string,
  inventory: Inventory,
): Promise<GatewayEnvironment | undefined> {
  for await (const { service, program, live } of inventory.services([unit])) {
    const { unit: loaded } = service;
    if (program === undefined) return undefined;
    const running = live === undefined || live.mainPid === 0 ? undefined : environmentOf(live.mainPid);
    const written = environmentFilesOf(loaded, ownFilesOf(inventory.host)).map(({ file }) => file);
    return {
      variable: name => running?.get(name) ?? program.variable(name),
      files: [...written, ...(loaded.fragment === undefined ? [] : [loaded.fragment]), ...loaded.dropIns],
    };
  }
  return undefined;
}

/** See proc_pid_environ(5); undefined for a process of another user. */
function environmentOf(pid: number): ReadonlyMap<string, string> | undefined {
  try {
    return processEnvironment(fs.readFileSync(`/proc/${pid}/environ`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Environments of the gateways of a machine, by unit. */
export async function gatewayEnvironments(
  gateways: readonly Gateway[],
  inventory: Inventory,
): Promise<ReadonlyMap<string, GatewayEnvironment>> {
  const environments = new Map<string, GatewayEnvironment>();
  for (const { unit } of gateways) {
    const environment = unit === null ? undefined : await gatewayEnvironment(unit, inventory);
    if (unit !== null && environment !== undefined) environments.set(unit, environment);
  }
  return environments;
}

/**
 * The certificate authorities that at least one of the gateways trusts; without gateways, those that a Node process with this
 * environment trusts.
 */
export function authoritiesOfGateways(
  environments: Iterable<GatewayEnvironment>,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const variables = [...environments].map(({ variable }) => variable);
  const own = (name: string) => environment[name];
  return [...new Set((variables.length === 0 ? [own] : variables).flatMap(authoritiesOfNode))];
}

/**
 * The certificate authorities that a Node process with this environment trusts, in PEM: Node's own list, unless it is told to
 * use the machine's list.
 *
 * Source: nodejs.org/api/cli.html, `NODE_EXTRA_CA_CERTS`, `NODE_USE_SYSTEM_CA`, `--use-system-ca`, `--use-openssl-ca`.
 */
export function authoritiesOfNode(variable: Program['variable']): readonly string[] {
  const options = variable('NODE_OPTIONS') ?? '';
  const usesMachine = variable('NODE_USE_SYSTEM_CA') === '1' || options.includes('--use-system-ca');
  const own = options.includes('--use-openssl-ca') ? [] : tls.getCACertificates('bundled');
  const machine = usesMachine || own.length === 0 ? tls.getCACertificates('system') : [];
  return [...new Set([...own, ...machine, ...extraAuthorities(variable('NODE_EXTRA_CA_CERTS'))])];
}

/** Node ignores a file that it cannot read, and logs a warning. */
function extraAuthorities(file: string | undefined): readonly string[] {
  if (file === undefined || file === '') return [];
  try {
    return certificatesIn(localFiles().read(file).toString('utf8'));
  } catch {
    return [];
  }
}

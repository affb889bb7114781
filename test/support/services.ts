import type { Host } from '../../src/systemd/host/host.ts';
import { readManagerConfiguration } from '../../src/systemd/manager-defaults.ts';
import { resolveService, type Service } from '../../src/systemd/service.ts';
import type { ServiceSettings } from '../../src/systemd/service-settings.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { hostOf, type RootOptions, type Tree } from './root.ts';

/** A service of a host, with its settings resolved. */
export function serviceOf(host: Host, name: string): Service {
  const { defaults } = readManagerConfiguration(host);
  return resolveService(createUnitLoader(host).load(name), defaults, host.systemd.version);
}

/** The service `a.service` of the user kuma with this text, in a root with further files. */
export function service(text: string | Uint8Array, options: RootOptions = {}, tree: Tree = {}): Service {
  const scope = options.scope ?? 'user';
  return serviceOf(hostOf({ [`etc/systemd/${scope}/a.service`]: text, ...tree }, options), 'a.service');
}

/** The settings of a service that has a command; @throws Error when it is not loaded. */
export function settings(lines: string, options: RootOptions = {}, tree: Tree = {}): ServiceSettings {
  const { unit, settings: found } = service(`[Service]\nExecStart=/bin/true\n${lines}\n`, options, tree);
  if (found === undefined) throw new Error(`not loaded: ${JSON.stringify(unit.problem)}`);
  return found;
}

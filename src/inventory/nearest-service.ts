import { nearest } from '../systemd/nearest.ts';
import type { UnitLoader } from '../systemd/unit.ts';

/** The service of a host that was meant by a mistyped name, if there is one; both with their suffix. */
export function nearestService(name: string, { index }: UnitLoader): string | undefined {
  const services = index.names.filter(known => known.endsWith(suffix));
  const near = nearest(
    name.slice(0, -suffix.length),
    services.map(known => known.slice(0, -suffix.length)),
  );
  return near === undefined ? undefined : near + suffix;
}

const suffix = '.service';

import { nearest } from '../systemd/nearest.ts';
import type { UnitLoader } from '../systemd/unit.ts';

/** Finds the service of a host that a mistyped name probably means; both names have their suffix. */
export function nearestService(name: string, { index }: UnitLoader): string | undefined {
  const services = index.names.filter(known => known.endsWith(suffix));
  const near = nearest(
    name.slice(0, -suffix.length),
    services.map(known => known.slice(0, -suffix.length)),
  );
  return near === undefined ? undefined : near + suffix;
}

const suffix = '.service';

/** Asks all links at once, and holds what their proxies say against each other. */
import { askLink, type Limits, type LinkReport } from './ask-link.ts';
import { type Crossing, crossingFaults } from './crossings.ts';
import type { Link } from './link.ts';
import type { LinkFaultCode } from './link-fault.ts';

/** @returns the machine whose proxy an address leads to; undefined for any other address */
type MachineFinder = (apiBase: string) => Promise<string | undefined>;

export interface LinkContext {
  /** Whom the machine itself believes, in PEM. */
  readonly machineAuthorities: readonly string[];
  /** What the proxies of this machine send on to others, as their files say. */
  readonly ownCrossings: readonly Crossing[];
  readonly machineAt: MachineFinder;
  /** The machine that a link leads to; undefined for one that the list of nodes does not name. */
  readonly machineOf: (link: Link) => Promise<string | undefined>;
}

export async function checkLinks(
  links: readonly Link[],
  { machineAuthorities, ownCrossings, machineAt, machineOf }: LinkContext,
  limits: Limits,
): Promise<readonly LinkReport[]> {
  const reports = await Promise.all(links.map(link => askLink(link, machineAuthorities, limits)));
  const seen = await Promise.all(
    reports.map(async ({ link, deployments }) => {
      const from = await machineOf(link);
      const onward = await Promise.all(
        (deployments ?? []).map(async ({ model, apiBase }): Promise<readonly Crossing[]> => {
          const to = apiBase === undefined ? undefined : await machineAt(apiBase);
          return from === undefined || to === undefined ? [] : [{ from, model, to }];
        }),
      );
      return onward.flat();
    }),
  );
  const all = [...ownCrossings, ...seen.flat()];
  const told = new Set<string>();
  return reports.map((report, index) => ({
    ...report,
    faults: [...report.faults, ...crossingFaults(seen[index] ?? [], all)].filter(fault => {
      if (!isOfAll.has(fault.code)) return true;
      const key = JSON.stringify(fault);
      return !told.has(key) && told.add(key);
    }),
  }));
}

/** Several links may have the same to say, when they lead to one proxy or have one key: it is told with the first. */
const isOfAll: ReadonlySet<LinkFaultCode> = new Set(['key-readable', 'proxy-crosses']);

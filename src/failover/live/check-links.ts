/** Checks all links at the same time, and compares the answers of their proxies to find circles. */
import { askLink, type Limits, type LinkReport } from './ask-link.ts';
import { type Crossing, crossingFaults } from './crossings.ts';
import { withoutVersion } from './api.ts';
import type { Link } from './link.ts';
import type { LinkFaultCode } from './link-fault.ts';

/** Finds the machine whose proxy an address leads to; undefined for any other address. */
type MachineFinder = (apiBase: string) => Promise<string | undefined>;

export interface LinkContext {
  /** The certificate authorities that the machine trusts, in PEM. */
  readonly machineAuthorities: readonly string[];
  /** Models that the proxies of this machine forward to other machines, according to their files. */
  readonly ownCrossings: readonly Crossing[];
  readonly machineAt: MachineFinder;
  /** The machine that a link leads to; undefined when the list of nodes does not contain it. */
  readonly machineOf: (link: Link) => Promise<string | undefined>;
}

export async function checkLinks(
  links: readonly Link[],
  { machineAuthorities, ownCrossings, machineAt, machineOf }: LinkContext,
  limits: Limits,
): Promise<readonly LinkReport[]> {
  const reports = await Promise.all(links.map(link => askLink(link, machineAuthorities, limits)));
  const withNodes = reports.map(report => withAcceptedKey(report, reports));
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
  return withNodes.map((report, index) => ({
    ...report,
    faults: [...report.faults, ...crossingFaults(seen[index] ?? [], all)].filter(fault => {
      if (!isOfAll.has(fault.code)) return true;
      const key = JSON.stringify(fault);
      return !told.has(key) && told.add(key);
    }),
  }));
}

/** Where a machine refuses the key of a provider, and takes the one that the list of nodes has for it, that is the one to use. */
function withAcceptedKey(report: LinkReport, reports: readonly LinkReport[]): LinkReport {
  const { link, faults } = report;
  const accepting = reports.find(
    ({ link: other, modelCount }) =>
      other.kind === 'node' &&
      other.key.kind === 'known' &&
      modelCount !== null &&
      withoutVersion(other.baseUrl) === withoutVersion(link.baseUrl),
  );
  if (link.kind !== 'provider' || link.key.kind !== 'known' || accepting === undefined) return report;
  const accepted = { node: accepting.link.name, files: link.key.files.map(({ file }) => file) };
  return {
    ...report,
    faults: faults.map(fault => (fault.code === 'key-refused' ? { ...fault, accepted } : fault)),
  };
}

/** Faults that several links share, since they lead to one proxy or use one key. They are reported with the first link only. */
const isOfAll: ReadonlySet<LinkFaultCode> = new Set(['key-readable', 'credentials-refused', 'proxy-crosses']);

/** `daruma check`: finds faults that bring services down or keep them down. */
import { checkInventory } from '../../check/engine.ts';
import { severities, type Severity } from '../../check/severity.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import type { Picture } from '../../routes/picture.ts';
import { readPicturesOfSeveral } from '../../routes/read-picture.ts';
import { Counts } from '../../report/findings/counts.ts';
import type { HostResult } from '../../report/findings/report.ts';
import { findingsFormats, type FindingsFormat, loadReport } from '../../report/findings/load-report.ts';
import type { Viewpoint } from '../../report/place.ts';
import { limitText, shortLocation } from '../../report/words.ts';
import { type ConfiguredTarget, configureTargets, tellNotes } from '../configuration.ts';
import { type Context, readContextWith } from '../context.ts';
import { badInput } from '../failure.ts';
import type { Run } from '../io.ts';
import { managerDownToJson } from '../manager-down.ts';
import { fixOffer } from '../offer-fix.ts';
import { tell, write, writeAll } from '../output.ts';
import type { CommonOptions } from '../options.ts';
import { noServices, openTargets, tellNewer } from '../targets.ts';
import { version } from '../version.ts';

interface CheckOptions extends CommonOptions {
  readonly failOn?: string;
}

/** @returns the exit code: 1 when something at or above `--fail-on` was found */
export async function check(given: readonly string[], options: CheckOptions, run: Run): Promise<number> {
  const { catalogue } = run;
  const context = readContextWith(findingsFormats, options, run);
  const failOn = readSeverity(options.failOn ?? 'warning', catalogue);
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets(given, context.targets, run, hosts);
  const targets = await configureTargets(opened, options.config, run);
  const counts = new Counts();
  tellNewer(targets, context);
  const pictures = await readPicturesOfSeveral(
    targets.map(({ inventory, configured }) => ({ inventory, nodes: configured.policy.nodes })),
  );
  const report = await loadReport(context.format);
  const [first] = targets;
  await writeAll(
    run.io,
    report(resultsOf(targets, pictures, counts, context), {
      catalogue,
      version,
      counts,
      terminal: context.terminal,
      verbose: context.verbose,
      viewpoint: viewpointOf(context),
      managerDown:
        context.format === 'json' && first !== undefined
          ? await managerDownToJson(first.inventory.host, catalogue)
          : null,
    }),
    context.format === 'github' ? 'runner' : 'reader',
  );
  if (context.format === 'human') await write(context.io, await fixOffer(given, targets, options, context));
  const isFound = severities.slice(severities.indexOf(failOn)).some(severity => counts[severity] > 0);
  return isFound ? 1 : 0;
}

/** Checks the targets, counts the findings, and reports comments that accept an unknown rule. */
async function* resultsOf(
  targets: readonly ConfiguredTarget[],
  pictures: readonly Picture[],
  counts: Counts,
  context: Context<FindingsFormat>,
): AsyncIterable<HostResult> {
  const { catalogue, quiet, io } = context;
  const note = (text: string) => quiet || tell(io, text);
  for (const target of targets) {
    const { inventory, names, strayDropIns = [], configured } = target;
    if (!quiet) tellNotes(configured.notes, context);
    if (names.length === 0 || strayDropIns.length > 0) note(noServices(target, catalogue, 'check'));
    const others = pictures.filter(({ hostName }) => hostName !== inventory.host.hostName);
    for await (const result of checkInventory(inventory, names, configured.policy, others)) {
      counts.add(result);
      for (const { rule, source } of result.unknownSuppressions) {
        note(`${shortLocation(source)}: ${catalogue.check.unknownRule(rule)}`);
      }
      for (const met of result.limits) note(limitText(met, catalogue));
      yield { result, inventory };
    }
  }
}

/** A CI runner resolves the paths of annotations from the top of the checkout, and does not understand `~`. */
function viewpointOf({ format, viewpoint, environment }: Context<FindingsFormat>): Viewpoint {
  return format === 'github'
    ? { workingDirectory: environment['GITHUB_WORKSPACE'] || viewpoint.workingDirectory, home: undefined }
    : viewpoint;
}

function readSeverity(text: string, { errors }: Catalogue): Severity {
  const severity = severities.find(known => known === text);
  if (severity !== undefined) return severity;
  throw badInput('bad-choice', errors.badChoice('--fail-on', text, severities.join(', ')), '--fail-on');
}

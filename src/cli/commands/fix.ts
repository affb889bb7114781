/** `daruma fix`: shows a plan that fixes findings, asks the user, carries it out, and shows the services afterwards. */
import type { RuleId } from '../../check/finding.ts';
import { allRules } from '../../check/rules/index.ts';
import { planFix, wanted } from '../../fix/plan.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { printable } from '../../report/printable.ts';
import type { Host } from '../../systemd/host/host.ts';
import { openAround } from '../../systemd/host/offline-host.ts';
import { nearest } from '../../systemd/nearest.ts';
import {
  type ConfiguredTarget,
  configureTargets,
  editableConfiguration,
  tellNotes,
} from '../configuration.ts';
import { type Context, readContext } from '../context.ts';
import { badInput, exclusive } from '../failure.ts';
import type { Run } from '../io.ts';
import { tell } from '../output.ts';
import { carryOutPlan } from '../plan-flow.ts';
import { commandFor, type CommonOptions, type PlanOptions, undoOn } from '../options.ts';
import { Progress } from '../progress.ts';
import { noServices, openTargets, tellNewer } from '../targets.ts';
import { version } from '../version.ts';
import { writeElsewhere } from '../write-elsewhere.ts';
import { continueFix } from './continue-fix.ts';

interface FixOptions extends CommonOptions, PlanOptions {
  readonly only?: readonly string[];
  readonly to?: string;
  readonly continue?: true;
}

/** @returns the exit code: 0 when the whole plan was carried out, 3 when a command failed */
export async function fix(given: readonly string[], options: FixOptions, run: Run): Promise<number> {
  const { catalogue } = run;
  if (options.continue) {
    const other = given[0] ?? otherOptions.find(([name]) => options[name] !== undefined)?.[1];
    if (other === undefined) return continueFix(options, run);
    throw exclusive('--continue', other, catalogue);
  }
  // Elsewhere nothing runs that could be restarted.
  if (options.to !== undefined && options.restart) throw exclusive('--to', '--restart', catalogue);
  const context = readContext(options, run);
  const only = options.only?.map(id => readRule(id, catalogue));
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets(given, context.targets, run, hosts);
  const targets = await configureTargets(opened, options.config, run);
  const [target] = targets;
  if (target === undefined) return 0;
  const named = given.find(name => name.includes('/'));
  if (targets.length > 1) throw badInput('not-fixable-here', catalogue.fix.unitsOnly, named);
  // A folder of units does not say to which machine it belongs.
  if (target.inventory.host.reach === 'units') {
    throw badInput('not-fixable-here', folderOnly(target.inventory.host, run), named);
  }
  tellNewer([target], context);
  if (!context.quiet) {
    tellNotes(target.configured.notes, run);
    if (target.names.length === 0) tell(run.io, noServices(target, catalogue, 'fix'));
  }
  return await fixTarget(target, { ...options, only }, context);
}

/** Why units are not put right in a folder, and by which command they are. */
function folderOnly(host: Host, { catalogue, environment }: Run): string {
  const [folder = ''] = host.unitPath;
  const around = openAround(folder, { scope: host.scope, environment });
  if (around === undefined) return catalogue.fix.noManagerReads(printable(folder));
  const { root } = around;
  const system = host.scope === 'system' ? { system: true as const } : {};
  const home = around.host.environment['HOME'];
  const place = {
    ...(root === '' ? {} : { root }),
    ...(home === undefined || (root === '' && home === environment['HOME']) ? {} : { home }),
  };
  return catalogue.fix.partOfHome(printable(folder), printable(commandFor('fix', { ...system, ...place })));
}

/** Options that `--continue` excludes: an interrupted fix is finished as it was planned. */
const otherOptions = [
  ['only', '--only'],
  ['to', '--to'],
  ['restart', '--restart'],
  ['dryRun', '--dry-run'],
] as const;

type Wanted = Omit<FixOptions, 'only'> & { readonly only: readonly RuleId[] | undefined };

async function fixTarget(target: ConfiguredTarget, options: Wanted, context: Context): Promise<number> {
  const { inventory, names, configured } = target;
  const { catalogue } = context;
  const { host } = inventory;
  using progress = new Progress(context.quiet || context.format === 'json', context);
  progress.showOnTerminal(seconds => catalogue.fix.planning(seconds));
  const plan = await planFix(inventory, names, configured.policy, {
    isWanted: wanted(options.only),
    commentOn: ({ rule }) => `${rule}: ${catalogue.rules[rule].title}`,
    head: [catalogue.fix.dropInHead(version, options.to === undefined ? undoOn(host) : null)],
    isForElsewhere: options.to !== undefined,
    configuration: editableConfiguration(host, options.config, context),
  });
  progress.clear();
  if (options.to !== undefined) return writeElsewhere(plan, host, options.to, options, context);
  return carryOutPlan(plan, target, options, context);
}

function readRule(text: string, { errors }: Catalogue): RuleId {
  const rule = allRules.find(({ id }) => id === text);
  if (rule !== undefined) return rule.id;
  const near = nearest(
    text,
    allRules.map(({ id }) => id),
  );
  const hint = near === undefined ? errors.listRules : errors.didYouMean(near);
  throw badInput('unknown-rule', errors.unknownRule(text), text, hint);
}

/** The line under a table or under findings that names the fix, only when that fix would do something. */
import { offeredFix } from '../i18n/shown-commands.ts';
import { wrapText } from '../report/terminal.ts';
import { type ConfiguredTarget, editableConfiguration } from './configuration.ts';
import type { Context } from './context.ts';
import type { CommonOptions } from './options.ts';

/**
 * What `daruma fix` would do is asked of its own planner, so that the line is never an empty promise. It is asked about one
 * machine, which has few services, since each is checked once more. Files and folders that are named are no machine.
 *
 * @returns a line with its newline; empty when there is nothing to offer
 */
export async function fixOffer(
  given: readonly string[],
  targets: readonly ConfiguredTarget[],
  options: CommonOptions,
  context: Context<string>,
): Promise<string> {
  const [target] = targets;
  const { catalogue, terminal } = context;
  if (target === undefined || targets.length > 1 || context.quiet) return '';
  const { inventory, names, configured, folder } = target;
  const { host } = inventory;
  if (folder !== undefined || host.reach === 'units' || names.length > mostServices) return '';
  // The planner and YAML are loaded only where they are asked.
  const { wanted, wouldFix } = await import('../fix/plan.ts');
  const { isAnything, isStarting } = await wouldFix(inventory, names, configured.policy, {
    isWanted: wanted(undefined),
    commentOn: finding => finding.rule,
    head: [],
    configuration: editableConfiguration(host, options.config, context),
  });
  if (!isAnything) return '';
  const command = offeredFix(host.scope, options, isStarting, given);
  return `${wrapText(terminal, catalogue.fix.offer(command, isStarting), [0, 0])}\n`;
}

const mostServices = 100;

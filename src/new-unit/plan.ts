/** Plans a new unit: its file with all settings that a check would ask for, and the links that start it at boot. */
import type { CheckPolicy } from '../check/policy.ts';
import type { DraftOptions } from '../fix/draft.ts';
import type { WantedSetting } from '../fix/drop-in.ts';
import { type Plan, planFix, together } from '../fix/plan.ts';
import { takeInventory } from '../inventory/inventory.ts';
import type { Host } from '../systemd/host/host.ts';
import { type FileState, overlayFiles } from '../systemd/host/overlay-files.ts';
import { installLinks } from '../systemd/install-links.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import { createUnitLoader } from '../systemd/unit.ts';
import { type UnitDraft, unitText } from './unit-draft.ts';

/** Plans what belongs to a unit beside its file, on the host with that file; undefined for nothing. */
export type PlanBeside = (hostWithUnit: Host) => Promise<Plan | undefined>;

/**
 * @param file path of the unit file
 * @param name full name of the unit
 */
export async function planNewUnit(
  host: Host,
  file: string,
  name: string,
  draft: UnitDraft,
  policy: CheckPolicy,
  options: DraftOptions,
  beside: PlanBeside,
): Promise<Plan> {
  let more: readonly WantedSetting[] = [];
  // Each round adds the settings that the check asked for to the text, until only enablement and lingering are left to plan.
  for (let round = 0; ; round += 1) {
    const unit: FileState = { kind: 'file', content: Buffer.from(unitText(draft, more)), mode: 0o644 };
    const hostWith = (files: Plan['files']): Host => ({
      ...host,
      files: overlayFiles(host.files, files),
      manager: undefined,
    });
    const unitFile = new Map([[file, unit]]);
    const hostWithUnit = hostWith(unitFile);
    // What is left is looked for with all that is written, so that no finding asks for what the plan brings along.
    const others = await beside(hostWithUnit);
    const whole = others === undefined ? hostWithUnit : hostWith(new Map([...unitFile, ...others.files]));
    const plan = await planFix(await takeInventory(whole), [name], policy, options);
    const asked = plan.settings.get(name) ?? [];
    if (asked.length === 0 || round === mostRounds) {
      const planned: Plan = {
        ...plan,
        // There was no unit that could have had them.
        settled: [],
        files: new Map([...unitFile, ...plan.files]),
        madeFrom: new Map([...(plan.madeFrom ?? []), [file, { kind: 'absent' }]]),
      };
      const made = enabled(name, planned, hostWithUnit);
      return others === undefined ? made : together(made, others);
    }
    more = [...more.filter(setting => !asked.some(({ key }) => key === setting.key)), ...asked];
  }
}

const mostRounds = 3;

/** The plan with the unit enabled, also when the files of the host do not contain its target. */
function enabled(unit: string, plan: Plan, host: Host): Plan {
  const folder = ownUnitFolder(host.scope, host.environment);
  const links = folder === undefined ? [] : installLinks(createUnitLoader(host).load(unit), folder);
  const files = new Map([
    ...plan.files,
    ...links.map(({ path, target }) => [path, { kind: 'link', target }] as const),
  ]);
  const enable = { kind: 'enable', unit, links: links.map(({ path }) => path) } as const;
  const others = plan.steps.filter(({ kind }) => kind !== 'daemon-reload' && kind !== 'enable');
  return { ...plan, files, made: [unit], steps: [{ kind: 'daemon-reload' }, enable, ...others] };
}

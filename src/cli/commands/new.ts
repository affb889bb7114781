/** `daruma new`: a complete unit for a service that daruma knows, or for any command. */
import path from 'node:path';
import { withInterpreter } from '../../new-unit/env-interpreter.ts';
import { givenCommand } from '../../new-unit/given-command.ts';
import { planNewUnit } from '../../new-unit/plan.ts';
import {
  draftUnit,
  fillMachineWords,
  locateCommand,
  type MissingWord,
  type UnitDraft,
  withHome,
} from '../../new-unit/unit-draft.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { findingWords } from '../../report/findings/words.ts';
import { printable } from '../../report/printable.ts';
import { knownServices } from '../../services/index.ts';
import type { KnownService } from '../../services/known-service.ts';
import type { Host } from '../../systemd/host/host.ts';
import { nearest } from '../../systemd/nearest.ts';
import { ownUnitFolder } from '../../systemd/search-path.ts';
import { parseUnitName } from '../../systemd/unit-name.ts';
import { createUnitLoader } from '../../systemd/unit.ts';
import { configureTargets, editableConfiguration } from '../configuration.ts';
import { type Context, readContext } from '../context.ts';
import { badInput, Failure } from '../failure.ts';
import { withHooks } from '../hooks.ts';
import type { Environment, Run } from '../io.ts';
import { tell } from '../output.ts';
import type { CommonOptions, PlanOptions } from '../options.ts';
import { openTargets } from '../targets.ts';
import { carryOutPlan } from '../plan-flow.ts';

interface NewOptions extends CommonOptions, PlanOptions {}

/** @returns the exit code, as of `daruma fix` */
export async function newUnit(
  service: string,
  command: readonly string[],
  options: NewOptions,
  run: Run,
): Promise<number> {
  const { catalogue } = run;
  const context = readContext(options, run);
  const opened = await openTargets([], context.targets, run);
  const targets = await configureTargets(opened, options.config, run);
  try {
    const [target] = targets;
    if (target === undefined) return 0;
    const { host } = target.inventory;
    const known = knownServices.find(({ id }) => id === service.replace(/\.service$/, ''));
    const name = unitNameOf(service, catalogue);
    const folder = ownUnitFolder(host.scope, host.environment);
    if (folder === undefined) throw new Failure(3, 'no-home', catalogue.fix.noStateFolder);
    expectNew(name, host, catalogue);
    const draft = draftOf(service, known, command, host, context);
    const plan = await planNewUnit(host, `${folder}/${name}`, name, draft, target.configured.policy, {
      isWanted: () => true,
      commentOn: finding => findingWords(finding, host.scope, catalogue).message,
      head: [],
      configuration: editableConfiguration(host, options.config, run),
    });
    const whole = target.configured.hasChannels ? await withHooks(plan, name, host, run) : plan;
    return await carryOutPlan(whole, { ...target, names: [name] }, options, context);
  } finally {
    for (const { inventory } of targets) await inventory.host.close();
  }
}

function draftOf(
  service: string,
  known: KnownService | undefined,
  command: readonly string[],
  host: Host,
  { catalogue, io, environment, quiet }: Context,
): UnitDraft {
  const { fix, errors } = catalogue;
  const searched = programFolders(host, environment);
  const typedIn = host.kind === 'live' ? io.workingDirectory : undefined;
  const given = command.length === 0 ? undefined : givenCommand(command, host, typedIn, searched);
  if (command.length > 0 && given === undefined) throw notInstalled(command[0], service, catalogue);
  const draft = draftUnit(service.replace(/\.service$/, ''), known, given, host);
  if (draft === undefined) {
    const ids = knownServices.flatMap(({ id, recommended }) => (recommended === undefined ? [] : [id]));
    const near = nearest(service, ids);
    const hint = near === undefined ? fix.knownServices(ids.join(', ')) : errors.didYouMean(near);
    throw badInput('unknown-service', fix.unknownService(service), service, hint);
  }
  // Where somebody says what to run, a check says whether it is there.
  const complete = (words: readonly string[]) =>
    withInterpreter(words, host, word => withHome(word, host), searched);
  if (given !== undefined) return { ...draft, command: complete(draft.command) };
  const located = locateCommand(draft.command, host, searched);
  if (located === undefined) throw notInstalled(withHome(draft.command[0] ?? '', host), service, catalogue);
  const { machineWords = [] } = known?.recommended ?? {};
  const missing: MissingWord[] = [];
  const words = fillMachineWords(located, machineWords, host, missing);
  for (const { machineWord, candidates } of missing) {
    const { word, takes } = machineWord;
    if (takes === 'only') {
      const message =
        candidates.length === 0 ? fix.nothingFor(word) : fix.severalFor(word, candidates.join(', '));
      throw badInput('unknown-word', message, word, fix.giveCommand(service));
    }
    if (!quiet) tell(io, printable(`daruma: ${fix.fileToCome(draft.description, withHome(word, host))}`));
  }
  return { ...draft, command: complete(words) };
}

function notInstalled(program = '', service: string, { fix }: Catalogue): Failure {
  return badInput('not-installed', fix.notInstalled(program), program, fix.giveCommand(service));
}

/** Where people's programs lie: what the shell searches, on the live machine, and what installers use. */
function programFolders(host: Host, { PATH = '' }: Environment): readonly string[] {
  const home = host.user?.home;
  const own = home === undefined ? [] : [`${home}/.local/bin`, `${home}/bin`, `${home}/.npm-global/bin`];
  const searched = host.kind === 'live' ? PATH.split(':').filter(Boolean) : [];
  return [...new Set([...own, ...searched, '/usr/local/bin', '/usr/bin', '/bin'])];
}

function unitNameOf(service: string, { errors }: Catalogue): string {
  const name = parseUnitName(service) === undefined ? `${service}.service` : service;
  const parsed = parseUnitName(name);
  if (parsed?.type === 'service' && parsed.kind === 'plain') return name;
  const isOther = parsed !== undefined && parsed.type !== 'service';
  const message = isOther ? errors.notAService(service) : errors.notAUnitName(service);
  throw badInput('bad-unit-name', message, service);
}

function expectNew(name: string, host: Host, { fix }: Catalogue): void {
  const entry = createUnitLoader(host).index.entry(name);
  if (entry === undefined) return;
  throw badInput(
    'already-there',
    fix.alreadyThere(entry.path),
    path.basename(entry.path),
    fix.fixInstead(name, host.scope),
  );
}

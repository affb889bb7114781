/** `daruma new`: writes a complete unit for a service that daruma knows, or for any command. */
import path from 'node:path';
import { planNewUnit } from '../../new-unit/plan.ts';
import { composeUnit, type UnitRefusal } from '../../new-unit/compose.ts';
import type { UnitDraft } from '../../new-unit/unit-draft.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { findingWords } from '../../report/findings/words.ts';
import { printable } from '../../report/printable.ts';
import type { Host } from '../../systemd/host/host.ts';
import { nearest } from '../../systemd/nearest.ts';
import { ownUnitFolder } from '../../systemd/search-path.ts';
import { parseUnitName, serviceName } from '../../systemd/unit-name.ts';
import { createUnitLoader } from '../../systemd/unit.ts';
import { configureTargets, editableConfiguration } from '../configuration.ts';
import { type Context, readContext } from '../context.ts';
import { badInput, Failure } from '../failure.ts';
import { planHooksOfNew } from '../hooks.ts';
import type { Run } from '../io.ts';
import { tell } from '../output.ts';
import { inShell } from '../../programs/command.ts';
import { commandFor, type CommonOptions, type HostOptions, type PlanOptions } from '../options.ts';
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
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets([], context.targets, run, hosts);
  const targets = await configureTargets(opened, options.config, run);
  const [target] = targets;
  if (target === undefined) return 0;
  const { host } = target.inventory;
  const name = unitNameOf(service, catalogue);
  const folder = ownUnitFolder(host.scope, host.environment);
  if (folder === undefined) throw new Failure(3, 'no-home', catalogue.fix.noStateFolder);
  expectNew(name, host, options, catalogue);
  const draft = expectDraft(service, command, host, context);
  const { policy } = target.configured;
  const plan = await planNewUnit(
    host,
    `${folder}/${name}`,
    name,
    draft,
    policy,
    {
      isWanted: () => true,
      commentOn: ({ rule }) => catalogue.rules[rule].title,
      head: [],
      configuration: editableConfiguration(host, options.config, run),
    },
    async hostWithUnit => (policy.hasChannels ? planHooksOfNew(name, hostWithUnit, run) : undefined),
  );
  const refusal = plan.left.find(({ rule }) => rule === 'goes-to-background' || rule === 'shell-syntax');
  if (refusal !== undefined) {
    const { message, remedy } = findingWords(refusal, host, catalogue);
    throw badInput(refusal.rule, message, command[0], remedy);
  }
  return await carryOutPlan(plan, { ...target, names: [name] }, options, context);
}

function expectDraft(
  service: string,
  command: readonly string[],
  host: Host,
  { catalogue, io, environment, quiet }: Context,
): UnitDraft {
  const workingDirectory = host.kind === 'live' ? io.workingDirectory : undefined;
  const searchPath = environment['PATH'] ?? '';
  const composed = composeUnit({ service, command, workingDirectory, searchPath }, host);
  if ('refusal' in composed) throw refused(composed.refusal, service, catalogue);
  const { draft, filesToCome } = composed;
  for (const file of quiet ? [] : filesToCome) {
    tell(io, printable(`daruma: ${catalogue.fix.fileToCome(draft.description, file)}`));
  }
  return draft;
}

function refused(refusal: UnitRefusal, service: string, { fix, errors }: Catalogue): Failure {
  switch (refusal.code) {
    case 'not-installed': {
      const { code, program } = refusal;
      return badInput(code, fix.notInstalled(program), program, fix.giveCommand(service));
    }
    case 'unknown-service': {
      const { code, recommendable } = refusal;
      const near = nearest(service, recommendable);
      const hint = near === undefined ? fix.knownServices(recommendable.join(', ')) : errors.didYouMean(near);
      return badInput(code, fix.unknownService(service), service, hint);
    }
    case 'unknown-word': {
      const { code, word, candidates } = refusal;
      const message =
        candidates.length === 0 ? fix.nothingFor(word) : fix.severalFor(word, candidates.join(', '));
      return badInput(code, message, word, fix.giveCommand(service));
    }
    default:
      return refusal satisfies never;
  }
}

function unitNameOf(service: string, { errors }: Catalogue): string {
  const name = serviceName(service);
  const parsed = parseUnitName(name);
  if (parsed?.type === 'service' && parsed.kind === 'plain') return name;
  const isOther = parsed !== undefined && parsed.type !== 'service';
  const message = isOther ? errors.notAService(service) : errors.notAUnitName(service);
  throw badInput('bad-unit-name', message, service);
}

function expectNew(name: string, host: Host, options: HostOptions, { fix }: Catalogue): void {
  const entry = createUnitLoader(host).index.entry(name);
  if (entry === undefined) return;
  throw badInput(
    'already-there',
    fix.alreadyThere(entry.path),
    path.basename(entry.path),
    fix.fixInstead(commandFor(`fix ${inShell(name)}`, options)),
  );
}

/** `daruma undo`: undoes a fix. */
import { textWithCommands } from '../../report/command-lines.ts';
import path from 'node:path';
import { unitsTouched, type Work, workOf } from '../../fix/work-of-record.ts';
import { areHooksAmong } from '../../check/own-drop-ins.ts';
import { foreseeUndo, isOpen, isWhole, undoFix, type Undone } from '../../transaction/apply.ts';
import type { ForeseenFile } from '../../transaction/carry-out.ts';
import { type FixRecord, type Journal, UntrustedRecord } from '../../transaction/journal.ts';
import { madeAndLeft, runsOn, type RunsOn } from '../../transaction/runs-on.ts';
import { relocated } from '../../transaction/relocated.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { documentHead } from '../../report/json.ts';
import { systemctl } from '../../i18n/shown-commands.ts';
import { shownPath } from '../../report/place.ts';
import { printable } from '../../report/printable.ts';
import { shownManager } from '../../report/shown-manager.ts';
import { wrapText } from '../../report/terminal.ts';
import { shellText } from '../../programs/command.ts';
import { reloadCommand } from '../../systemd/commands.ts';
import { takeInventory } from '../../inventory/inventory.ts';
import { outboxService } from '../../systemd/own-units.ts';
import { neededByOtherHooks } from '../../notify/installation.ts';
import type { Host } from '../../systemd/host/host.ts';
import { type Context, readContext } from '../context.ts';
import { badInput, exclusive } from '../failure.ts';
import { forgettingUnhooked } from '../forget-unhooked.ts';
import { type GripReport, gripsToJson, gripText, mayBeOfGateway, unsettledBy } from '../in-force.ts';
import { settledBy } from '../interrupted-fix.ts';
import type { Io, Run } from '../io.ts';
import { write } from '../output.ts';
import { expectAnswer, expectRoot, withFixFailures } from '../fix-failure.ts';
import { commandFor, type CommonOptions, type HostOptions } from '../options.ts';
import { leftAloneToJson, refusedToJson, writeRemainders } from '../remainders.ts';
import { journalFor } from '../state.ts';
import { openHost } from '../targets.ts';
import { version } from '../version.ts';

interface UndoOptions extends CommonOptions {
  readonly list?: true;
  readonly dryRun?: true;
}

/** @returns the exit code: 3 when a command failed or a file has been changed since */
export async function undo(id: string | undefined, options: UndoOptions, run: Run): Promise<number> {
  const { catalogue, io } = run;
  const context = readContext(options, run);
  if (options.list && id !== undefined) throw exclusive('--list', id, catalogue);
  if (options.list && options.dryRun) throw exclusive('--list', '--dry-run', catalogue);
  expectRoot(options, catalogue);
  await using host = await openHost(
    context.targets,
    run,
    settledBy({ name: 'undo', operands: id === undefined ? [] : [id], options }),
  );
  const journal = journalFor(host, run);
  return await withFixFailures(options, catalogue, async () => {
    if (options.list) return list(journal, host, context);
    const record = chosen(journal, id, host, options, catalogue);
    if (record !== undefined && options.dryRun) return foresee(record, journal, host, context);
    if (record !== undefined) {
      const undone = await undoRecord(record, journal, host, context);
      if (isWhole(undone)) return undone.unloadable.length === 0 ? 0 : 3;
      const isRetried = undone.mayGoOn && record.phase === 'partly-undone';
      if (id === undefined && (isRetried || !undone.mayGoOn))
        await pointBefore(record, undone, journal, host, options, context);
      return 3;
    }
    await (context.format === 'json'
      ? writeJson(io, host, { undone: null, restored: [], untouched: [], refused: [] })
      : write(io, `${catalogue.fix.nothingToUndo}\n`));
    return 0;
  });
}

/** The named record, or else the last one that has not been undone completely and that the caller may undo. */
function chosen(
  journal: Journal,
  id: string | undefined,
  host: Host,
  options: HostOptions,
  { fix }: Catalogue,
): FixRecord | undefined {
  if (id === undefined) {
    for (const each of journal.ids().toReversed()) {
      const known = journal.known(each);
      if (known !== undefined && 'record' in known && isOpen(known.record, host)) return known.record;
    }
    return undefined;
  }
  const record = journal.record(id);
  if (record === undefined) {
    throw badInput('unknown-fix', fix.unknownFix(id), id, commandFor('undo --list', options));
  }
  return record;
}

/** Shows what an undo would do. */
async function foresee(
  record: FixRecord,
  journal: Journal,
  host: Host,
  { catalogue: { fix }, format, io, terminal }: Context,
): Promise<number> {
  const foreseen = await foreseeUndo(record, host, journal, going => neededByOtherHooks(going, host));
  const { files, commands } = foreseen ?? { files: [], commands: [] };
  if (format === 'json') {
    const planned = {
      id: record.id,
      files,
      commands: commands.map(({ program, options, operands }) => [program, ...options, ...operands]),
    };
    await writeJson(io, host, { undone: null, planned, restored: [], untouched: [], refused: [] });
    return 0;
  }
  const lines =
    foreseen === undefined
      ? [fix.undoneAlready(record.id)]
      : [fix.foreseen.undo(record.id), ...files.map(each => foreseenText(each, fix))];
  await write(io, `${lines.map(printable).join('\n')}\n`);
  if (commands.length > 0)
    await write(io, `${textWithCommands(terminal, fix.foreseen.commands, commands.map(shellText))}\n`);
  return 0;
}

function foreseenText(each: ForeseenFile, fix: Catalogue['fix']): string {
  const { file } = each;
  switch (each.becomes) {
    case 'before':
      return fix.restored(file);
    case 'restored':
    case 'removed':
    case 'edited':
      return fix.foreseen[each.becomes](file);
    case 'changed':
      return fix.untouched(file);
    case 'gone':
      return fix.gone(file);
    case 'needed':
      return fix.needed(file, each.by);
    default:
      return each satisfies never;
  }
}

/** Names the command for the fix before one that could not be undone any further. */
async function pointBefore(
  { id }: FixRecord,
  { mayGoOn }: Undone,
  journal: Journal,
  host: Host,
  options: CommonOptions,
  { catalogue, format, io }: Context,
): Promise<void> {
  if (format === 'json') return;
  let isOlder = false;
  for (const record of journal.readable()) {
    if (isOlder && isOpen(record, host)) {
      const command = commandFor(mayGoOn ? `undo ${record.id}` : 'undo', options);
      await write(io, `${printable(catalogue.fix.goOnBefore(command))}\n`);
      return;
    }
    isOlder ||= record.id === id;
  }
}

async function undoRecord(
  record: FixRecord,
  journal: Journal,
  host: Host,
  context: Context,
): Promise<Undone> {
  const { catalogue, format, io, terminal } = context;
  if (record.isReloaded) expectAnswer(host, catalogue);
  if (journal.isCarried(record.id) && format === 'human') {
    const { operations } = relocated(record, host);
    const paths = operations.map(operation => `  ${printable(operation.path)}`);
    await write(io, `${[catalogue.fix.recordFromThere(record.id), ...paths].join('\n')}\n`);
  }
  const files = record.operations.map(operation => operation.path);
  const undone = await forgettingUnhooked(files, host, context.targets, context, () =>
    undoFix(record, host, journal, going => neededByOtherHooks(going, host)),
  );
  const { restored, edited, needed, masked, refused, outcome } = undone;
  const asBefore = [...undone.unchanged, ...restored];
  const runs = (await runsOn(relocated(record, host), undone, host)).filter(
    ({ unit }) => unit !== outboxService,
  );
  const lingerOff = await lingerTurnedOff(record, undone, host);
  const grips = await gripsAfter(undone, host, context);
  if (format === 'json') {
    await writeJson(io, host, {
      undone: outcome === 'nothing' ? null : record.id,
      restored: isWhole(undone) ? restored : asBefore,
      ...(edited.length === 0 ? {} : { edited }),
      ...leftAloneToJson(undone),
      ...(needed.length === 0 ? {} : { needed }),
      ...(masked.length === 0 ? {} : { masked }),
      refused: refusedToJson(refused),
      ...(undone.unloadable.length === 0 ? {} : { unloadable: undone.unloadable }),
      ...(runs.length === 0 ? {} : { runsOn: runs }),
      ...(lingerOff === undefined ? {} : { lingerOff }),
      ...(grips.length === 0 ? {} : { inForce: gripsToJson(grips, { host }, catalogue) }),
    });
  } else {
    const { fix } = catalogue;
    const lines =
      isWhole(undone) && edited.length === 0
        ? []
        : [
            ...(isWhole(undone) ? restored : asBefore).map(file => fix.restored(file)),
            ...edited.map(file => fix.editedSince(file)),
            ...masked.map(file => fix.masked(file)),
          ].map(printable);
    await write(io, `${[headOf(record, undone, catalogue), ...lines].join('\n')}\n`);
    await writeRemainders(undone, context);
    for (const { file, by } of needed) await write(io, `${printable(fix.needed(file, by))}\n`);
    const notes: readonly Note[] = [
      ...unitsLeft(record, undone, host, catalogue),
      ...(areHooksBack(record, undone)
        ? [
            {
              text: fix.hooksAgain(
                commandFor('notify uninstall', host.scope === 'system' ? { system: true } : {}),
              ),
            },
          ]
        : []),
      ...(undone.unloadable.length === 0
        ? []
        : [{ text: fix.unloadable(undone.unloadable.join(catalogue.punctuation.list)) }]),
      ...whatRunsOn(runs, host, catalogue),
      ...(lingerOff === undefined ? [] : [{ text: fix.lingerOffAgain(lingerOff) }]),
      ...grips.map(grip => ({ text: gripText(grip, { host }, catalogue) })),
    ];
    for (const { text, commands = [] } of notes)
      await write(io, `${textWithCommands(terminal, printable(text), commands)}\n`);
  }
  return undone;
}

/** The running gateways that an undo leaves with an older configuration, or may. */
async function gripsAfter(
  { outcome, restored, edited }: Undone,
  { kind }: Host,
  context: Context,
): Promise<readonly GripReport[]> {
  const files = [...restored, ...edited].filter(mayBeOfGateway);
  if (kind !== 'live' || outcome !== 'now' || files.length === 0) return [];
  // The host that was open before has cached what was there then.
  await using host = await openHost(context.targets, context);
  const isQuiet = context.quiet || context.format === 'json' || context.io.stderr.isTTY !== true;
  return await unsettledBy(files, await takeInventory(host), isQuiet, context);
}

/** What an undo says beside the files. */
interface Note {
  readonly text: string;
  readonly commands?: readonly string[];
}

/** Whether what was taken back had taken hooks away. */
function areHooksBack(record: FixRecord, { outcome, restored, edited }: Undone): boolean {
  const isRemoval = workOf(record).some(({ kind }) => kind === 'hooks-removed');
  return isRemoval && outcome === 'now' && areHooksAmong([...restored, ...edited]);
}

/** How to be rid of the units that an undo leaves. */
function unitsLeft(
  record: FixRecord,
  undone: Undone,
  host: Host,
  { fix, punctuation }: Catalogue,
): readonly Note[] {
  const left = host.manager === undefined ? [] : madeAndLeft(relocated(record, host), undone);
  if (left.length === 0) return [];
  const manager = shownManager(host);
  const units = left.map(({ unit }) => unit);
  const commands = [
    systemctl(manager, ['disable', '--now'], ...units),
    shellText({ program: 'rm', options: [], operands: left.map(({ file }) => file) }),
    systemctl(manager, 'daemon-reload'),
  ];
  return [{ text: fix.madeAndLeft(units.join(punctuation.list)), commands }];
}

/** What an undo leaves running, for each kind. */
function whatRunsOn(runs: readonly RunsOn[], host: Host, { fix, punctuation }: Catalogue): readonly Note[] {
  const manager = shownManager(host);
  return [...Map.groupBy(runs, ({ kind }) => kind)].map(([kind, ofKind]) => {
    const units = ofKind.map(({ unit }) => unit);
    const text = fix.runsOn[kind](units.join(punctuation.list));
    // What somebody has started since is theirs.
    if (kind === 'later-run') return { text };
    const command = systemctl(manager, kind === 'with-settings' ? 'restart' : 'stop', ...units);
    return { text, commands: [command] };
  });
}

/** The user whose lingering an undo has turned off. */
async function lingerTurnedOff(
  { lingering }: FixRecord,
  { outcome, refused }: Undone,
  host: Host,
): Promise<string | undefined> {
  if (lingering === null || outcome !== 'now' || host.kind !== 'live') return undefined;
  const isRefused = refused.some(({ command }) => command.program === 'loginctl');
  return !isRefused && (await host.linger())?.enabled === false ? lingering : undefined;
}

function headOf(record: FixRecord, undone: Undone, { fix }: Catalogue): string {
  const { id, restarted } = record;
  if (!isWhole(undone)) return isAnythingBack(record, undone) ? fix.partlyUndone(id) : fix.notUndone(id);
  switch (undone.outcome) {
    case 'already':
      return fix.undoneAlready(id);
    case 'nothing':
      return restarted.length === 0 ? fix.nothingInIt(id) : fix.onlyRestarted(id, restarted.join(', '));
    case 'now':
      return undone.edited.length > 0 ? fix.undoneInEdited(id) : fix.undone(id, undone.restored.length);
    default:
      return undone.outcome satisfies never;
  }
}

/** Whether an undo that is not whole restored something all the same. */
function isAnythingBack(
  { lingering, started, stopped }: FixRecord,
  { restored, edited, unchanged, masked, refused }: Undone,
): boolean {
  // A reload restores nothing by itself.
  const notDone = refused.filter(({ command }) => command.operands.length > 0);
  const commands = started.length + stopped.length + (lingering === null ? 0 : 1);
  return restored.length + edited.length + unchanged.length + masked.length > 0 || notDone.length < commands;
}

type Listed = { readonly id: string } & (FixAsListed | { readonly refusal: Error });

interface FixAsListed extends Pick<FixRecord, 'phase'> {
  readonly units: readonly string[];
  /** Paths on this machine. */
  readonly files: readonly string[];
  readonly work: readonly Work[];
}

function asListed(record: FixRecord, host: Host): FixAsListed {
  const here = relocated(record, host);
  return {
    phase: record.phase,
    units: unitsTouched(here),
    files: here.operations.map(({ path: file }) => file),
    work: workOf(here),
  };
}

async function list(journal: Journal, host: Host, context: Context): Promise<number> {
  const { catalogue, format, io, terminal } = context;
  const listed = journal.ids().flatMap((id): Listed | readonly [] => {
    const known = journal.known(id);
    if (known === undefined) return [];
    if ('refusal' in known) return { id, refusal: known.refusal };
    return { id, ...asListed(known.record, host) };
  });
  if (format === 'json') {
    const fixes = listed.flatMap(each => {
      if (!('phase' in each)) return [];
      return [each];
    });
    await writeJson(io, host, { fixes });
    return 0;
  }
  const begun = journal.begun();
  const undoing = begun?.isUndo ? begun.id : undefined;
  if (listed.length === 0) await write(io, `${catalogue.fix.nothingToUndo}\n`);
  for (const each of listed) {
    const indent = each.id.length + 2;
    const lines =
      'phase' in each
        ? linesOf(each, catalogue.fix.phases[undoing === each.id ? 'undo-begun' : each.phase], host, context)
        : [markOf(each.refusal, catalogue)];
    const [first = '', ...others] = lines.map(line => wrapText(terminal, printable(line), [indent, indent]));
    await write(io, `${[each.id + first.slice(each.id.length), ...others].join('\n')}\n`);
  }
  return 0;
}

/** The phase with the services that a fix was about, and what it did. */
function linesOf(
  { units, work }: FixAsListed,
  phase: string,
  host: Host,
  { catalogue: { fix, punctuation }, viewpoint }: Context,
): readonly string[] {
  const named = (names: readonly string[]) =>
    fix.firstOf(names.slice(0, mostNamed).join(punctuation.list), Math.max(0, names.length - mostNamed));
  // The system itself knows no root above it.
  const onHost = (file: string) => path.posix.join('/', path.posix.relative(host.tree.root, file));
  const shown = (file: string) => shownPath(onHost(file), host, viewpoint);
  const did = work.map(each => workText(each, named, shown, host.scope, fix)).join(punctuation.semicolon);
  return units.length === 0 ? [`${phase}  ${did}`] : [`${phase}  ${named(units)}`, did];
}

/** Further names only say how many there are: a list shows what each fix was, not all that it touched. */
const mostNamed = 4;

function workText(
  work: Work,
  named: (names: readonly string[]) => string,
  shown: (file: string) => string,
  scope: Host['scope'],
  { work: texts }: Catalogue['fix'],
): string {
  switch (work.kind) {
    case 'units-made':
    case 'enabled':
    case 'disabled':
    case 'restarted':
    case 'started':
      return texts[work.kind](named(work.units));
    case 'settings':
      return work.keys.map(key => `${key}=`).join(' ');
    case 'permissions':
    case 'other-files':
      return texts[work.kind](named(work.files.map(shown)));
    case 'lingering':
      return texts.lingering(work.user);
    case 'hooks-added':
    case 'hooks-removed':
      return texts[work.kind];
    case 'reload':
      return shellText(reloadCommand(scope));
    default:
      return work satisfies never;
  }
}

/** The mark in the list for a record that the caller may not undo. */
function markOf(refusal: Error, { fix }: Catalogue): string {
  const isOfAnother = refusal instanceof UntrustedRecord && refusal.reason.kind === 'owner';
  return isOfAnother ? fix.listedOfAnother(refusal.reason.uid) : fix.listedRefused;
}

async function writeJson(io: Io, host: Host, more: object): Promise<void> {
  await write(io, `${JSON.stringify({ ...documentHead(version, host), ...more })}\n`);
}

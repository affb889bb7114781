/** Opens the configuration of a host; YAML and schema are loaded only when there is a file. */
import { defaultPolicy } from '../check/policy.ts';
import {
  configurationPlace,
  configurationPlaces,
  type ConfigurationPlace,
  exists,
} from '../config/lookup.ts';
import type { HostPolicy, PolicyNote } from '../config/host-policy.ts';
import type { ConfigurationProblem, ConfigurationFault } from '../config/problem.ts';
import type { Configuration } from '../config/read.ts';
import type { WrittenConfiguration } from '../config/schema.ts';
import type { EditableConfiguration } from '../fix/draft.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { errorCode } from '../kernel/errno.ts';
import { printable } from '../report/printable.ts';
import { dataWithoutSecrets } from '../secrets/redaction.ts';
import type { Host } from '../systemd/host/host.ts';
import type { Run } from './io.ts';
import { badInput, Failure, type FailureProblem } from './failure.ts';
import { keptConfiguration, placeToKeep } from './kept-configuration.ts';
import { tell } from './output.ts';
import type { Target } from './targets.ts';

/** A target with the policy from the configuration of its host. */
export interface ConfiguredTarget extends Target {
  readonly configured: HostPolicy;
}

/**
 * Reads the configuration of each target's host. When the target means the user's own services, those that the configuration
 * names are included.
 *
 * @param option value of `--config`
 * @throws Failure for a named file that does not exist and for an invalid file
 */
export async function configureTargets(
  targets: readonly Target[],
  option: string | undefined,
  run: Run,
): Promise<readonly ConfiguredTarget[]> {
  const policies: HostPolicy[] = [];
  for (const { inventory } of targets) policies.push(await loadHostPolicy(inventory, option, run));
  return targets.map((target, index) => {
    const configured = policies[index] ?? noHostPolicy;
    const named = target.isOwn ? configured.units : [];
    return {
      ...target,
      names: named.length === 0 ? target.names : [...new Set([...target.names, ...named])].sort(),
      configured,
    };
  });
}

/** What the configuration of a host means for it, see {@link configureTargets}. */
export async function loadHostPolicy(
  inventory: Inventory,
  option: string | undefined,
  run: Run,
): Promise<HostPolicy> {
  const place = configurationPlace(placesOf(inventory.host, option, run));
  if (place === undefined) return noHostPolicy;
  const configuration = await loadConfiguration(place, run.catalogue);
  const { hostPolicy } = await import('../config/host-policy.ts');
  return hostPolicy(configuration, inventory);
}

/** Where the configuration of a host may be, see {@link configurationPlaces}. */
export function placesOf(
  host: Host,
  option: string | undefined,
  { io, environment }: Run,
): readonly ConfigurationPlace[] {
  return configurationPlaces(host, option, environment, io.workingDirectory);
}

/** The policy without a configuration. */
const noHostPolicy: HostPolicy = { policy: defaultPolicy, units: [], notes: [] };

/**
 * The configuration that a fix may edit: the present one, or else a new one of the user. A fix does not edit the machine's
 * configuration for one user, the configuration of another machine, or a link, whose target the user manages elsewhere.
 */
export function editableConfiguration(
  host: Host,
  option: string | undefined,
  run: Run,
): EditableConfiguration | undefined {
  const places = placesOf(host, option, run);
  const place = configurationPlace(places) ?? places.find(({ origin }) => origin === editable[host.scope]);
  if (place === undefined) return undefined;
  const isOwn = place.origin === editable[host.scope];
  const isNamedHere = host.kind === 'live' && (place.origin === 'option' || place.origin === 'environment');
  if ((!isOwn && !isNamedHere) || isLink(place)) return undefined;
  return { path: place.path, text: exists(place) ? place.files.read(place.path).toString('utf8') : '' };
}

const editable = { user: 'user', system: 'machine' } as const;

function isLink({ files, path }: ConfigurationPlace): boolean {
  try {
    files.readLink(path);
    return true;
  } catch {
    return false;
  }
}

/** @throws Failure with all problems of the file */
export async function loadConfiguration(
  place: ConfigurationPlace,
  catalogue: Catalogue,
): Promise<Configuration> {
  return valid(place, readFile(place, catalogue), catalogue);
}

/**
 * What a configuration says, without the lines that say it.
 *
 * @throws Failure with all problems of the file
 */
export function loadWritten(
  place: ConfigurationPlace,
  { catalogue, environment }: Run,
): Promise<WrittenConfiguration> {
  const content = readFile(place, catalogue);
  return keptConfiguration(
    content,
    placeToKeep(environment),
    async () => (await valid(place, content, catalogue)).written,
  );
}

async function valid(
  { files, path }: ConfigurationPlace,
  content: Buffer,
  catalogue: Catalogue,
): Promise<Configuration> {
  const { readConfiguration } = await import('../config/read.ts');
  const read = readConfiguration(content, path);
  if ('written' in read) return read;
  const file = files.physicalPath(path);
  const count = read.reduce((sum, { alike = 0 }) => sum + 1 + alike, 0);
  const problems = read.map(problem => toFailureProblem(problem, file, catalogue));
  const message = catalogue.configuration.problems(file, count);
  throw new Failure(2, 'bad-configuration', message, { where: file, problems });
}

function readFile({ files, path }: ConfigurationPlace, { errors }: Catalogue): Buffer {
  try {
    // The content of a device is never read. That of /dev/null is known: it is empty.
    const status = files.status(path);
    if (status?.kind === 'other' && files.resolve(path) !== '/dev/null')
      throw badInput('not-a-file', errors.notAFile(path), path);
    return files.read(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw badInput('missing-file', errors.missingFile(path), path);
    if (code === 'EISDIR' || code === 'ENXIO') throw badInput('not-a-file', errors.notAFile(path), path);
    throw error;
  }
}

function toFailureProblem(
  { fault, line, column, alike }: ConfigurationProblem,
  file: string,
  catalogue: Catalogue,
): FailureProblem {
  return {
    code: fault.code,
    message: catalogue.configuration.fault(dataWithoutSecrets(fault)),
    hint: hintFor(fault, catalogue) ?? null,
    source: { file, line, column },
    ...(alike !== undefined && { alike }),
  };
}

function hintFor(
  fault: ConfigurationFault,
  { configuration, errors, punctuation }: Catalogue,
): string | undefined {
  if ('suggestion' in fault && fault.suggestion !== undefined) return errors.didYouMean(fault.suggestion);
  if (fault.code === 'unknown-key') return configuration.knownHere(fault.known.join(punctuation.list));
  return fault.code === 'unknown-rule' ? errors.listRules : undefined;
}

/** Reports names in a configuration that the host does not have. */
export function tellNotes(
  notes: readonly PolicyNote[],
  { io, catalogue: { alike, configuration, errors, punctuation } }: Run,
): void {
  for (const note of notes) {
    const { source } = note;
    const where = source === null ? '' : `${source.file}:${source.line}: `;
    const hint =
      note.code === 'no-such-unit' && note.suggestion !== undefined
        ? punctuation.aside(errors.didYouMean(note.suggestion))
        : '';
    tell(io, printable(where + configuration.note(note) + hint + alike(note.alike ?? 0)));
  }
}

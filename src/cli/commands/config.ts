/** `daruma config`: shows what is configured and where, and validates it. */
import { type EffectiveValue, effectiveValues } from '../../config/effective-values.ts';
import { configurationJsonSchema } from '../../config/json-schema.ts';
import {
  type ConfigurationPlace,
  configurationPlace,
  exists,
  isNamedPlace,
  namedPlace,
} from '../../config/lookup.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { renderConfiguration } from '../../report/configuration.ts';
import { documentHead } from '../../report/json.ts';
import { printable } from '../../report/printable.ts';
import { wrapText } from '../../report/terminal.ts';
import type { Host } from '../../systemd/host/host.ts';
import { configActions } from '../actions.ts';
import { loadConfiguration, placesOf } from '../configuration.ts';
import { type Context, readContext } from '../context.ts';
import { badInput, exclusive } from '../failure.ts';
import type { Io, Run } from '../io.ts';
import { tell, write } from '../output.ts';
import { unknownAction } from '../usage-failure.ts';
import type { CommonOptions } from '../options.ts';
import { openHost } from '../targets.ts';
import { version } from '../version.ts';

/** @returns the exit code */
export async function config(
  action: string | undefined,
  file: string | undefined,
  options: CommonOptions,
  run: Run,
): Promise<number> {
  const { catalogue, io } = run;
  const context = readContext(options, run);
  const known = readAction(action, catalogue);
  if (file !== undefined && known !== 'validate') {
    throw badInput('usage', catalogue.errors.excessArguments(), undefined, catalogue.errors.seeHelp);
  }
  if (known === 'schema') {
    await write(io, `${JSON.stringify(configurationJsonSchema(), undefined, 2)}\n`);
    return 0;
  }
  if (file !== undefined && options.config !== undefined) {
    throw exclusive('--config', file, catalogue);
  }
  if (file !== undefined)
    return validate({ host: undefined, places: [namedPlace(file, io.workingDirectory)] }, context);
  await using host = await openHost(context.targets, run);
  const places = placesOf(host, options.config, run);
  return await actionsOnHost[known]({ host, places }, context);
}

/** The places of a configuration and its host; the host is undefined for a named file. */
interface ConfigTarget {
  readonly host: Host | undefined;
  readonly places: readonly ConfigurationPlace[];
}

const actionsOnHost = { show, path: showPath, validate } satisfies Readonly<
  Record<
    Exclude<(typeof configActions)[number], 'schema'>,
    (target: ConfigTarget, context: Context) => Promise<number>
  >
>;

async function show(
  { host, places }: ConfigTarget,
  { catalogue, format, terminal, io }: Context,
): Promise<number> {
  const place = configurationPlace(places);
  const values = effectiveValues(place && (await loadConfiguration(place, catalogue)));
  if (format === 'json') {
    await writeJson(io, {
      ...documentHead(version, host),
      file: place === undefined ? null : physical(place),
      values: values.map(valueToJson),
    });
    return 0;
  }
  const headline = place === undefined ? absence(places, catalogue) : physical(place);
  const head = wrapText(terminal, printable(headline), [0, 2]);
  await write(io, `${head}\n\n${renderConfiguration(values, catalogue, terminal)}`);
  return 0;
}

function valueToJson({ path, value, source }: EffectiveValue): object {
  return { path, value, source };
}

/** Prints only the path on stdout, for `$EDITOR "$(daruma config path)"`, and a note on stderr if the file does not exist. */
async function showPath(
  { host, places }: ConfigTarget,
  { catalogue, format, quiet, io }: Context,
): Promise<number> {
  const place = configurationPlace(places) ?? places[0];
  const isThere = place !== undefined && exists(place);
  if (format === 'json') {
    await writeJson(io, {
      ...documentHead(version, host),
      file: place === undefined ? null : physical(place),
      exists: isThere,
      places: places.map(each => ({ origin: each.origin, file: physical(each), exists: exists(each) })),
    });
    return 0;
  }
  if (place !== undefined) await write(io, `${printable(physical(place))}\n`);
  if (!isThere && !quiet) {
    const { configuration } = catalogue;
    const note =
      place === undefined
        ? configuration.nowhere
        : configuration.notThere(physical(place), isNamedPlace(place));
    tell(io, printable(note));
  }
  return 0;
}

/** @throws Failure with all problems of the file */
async function validate(
  { host, places }: ConfigTarget,
  { catalogue, format, terminal, io }: Context,
): Promise<number> {
  const place = configurationPlace(places);
  if (place !== undefined) await loadConfiguration(place, catalogue);
  if (format === 'json') {
    const file = place === undefined ? null : physical(place);
    await writeJson(io, { ...documentHead(version, host), file, valid: true });
    return 0;
  }
  const text =
    place === undefined ? absence(places, catalogue) : catalogue.configuration.valid(physical(place));
  await write(io, `${wrapText(terminal, printable(text), [0, 2])}\n`);
  return 0;
}

/** The message when there is no file. */
function absence(places: readonly ConfigurationPlace[], { configuration, punctuation }: Catalogue): string {
  if (places.length === 0) return configuration.nowhere;
  return configuration.noFile(places.map(physical).join(punctuation.list));
}

/** The path that the user can open. */
function physical({ files, path }: ConfigurationPlace): string {
  return files.physicalPath(path);
}

async function writeJson(io: Io, document: object): Promise<void> {
  await write(io, `${JSON.stringify(document)}\n`);
}

function readAction(text: string | undefined, catalogue: Catalogue): (typeof configActions)[number] {
  const action = text ?? 'show';
  const known = configActions.find(name => name === action);
  if (known !== undefined) return known;
  throw unknownAction('config', action, catalogue);
}

/** The one drop-in that daruma writes for a unit: its name, which systemd sorts last so that it overrides all others, and its text. */
import path from 'node:path';
import { isOwnDropIn, usualDropInName } from '../check/own-drop-ins.ts';
import { nameMax } from '../kernel/limits.ts';
import type { HostFiles } from '../systemd/host/host.ts';
import type { Unit } from '../systemd/unit.ts';

/** A setting that a drop-in is to make effective. */
export interface WantedSetting {
  readonly section: 'Unit' | 'Service' | 'Install';
  readonly key: string;
  /** One line each; an empty value resets the list. */
  readonly values: readonly string[];
  /** The reason, in the reader's language; a comment line before the setting. */
  readonly comment: string;
}

/**
 * The base name of the drop-in. systemd applies the drop-ins of all folders in the order of their base names (systemd.unit(5);
 * `strcmp()`, so bytes are compared). The name has to sort after all others, and must differ from those in other folders,
 * since systemd reads only one of two drop-ins with the same name.
 *
 * @param folder the folder that will contain it
 */
export function dropInName({ dropIns }: Pick<Unit, 'dropIns'>, folder: string): string {
  const others = dropIns.filter(file => !isOwnDropIn(file, folder)).map(file => path.posix.basename(file));
  const last = others.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).at(-1);
  if (last === undefined || Buffer.compare(Buffer.from(last), Buffer.from(usualDropInName)) < 0)
    return usualDropInName;
  const behind = `${last.slice(0, -'.conf'.length)}.${usualDropInName}`;
  // A name longer than NAME_MAX is impossible, so nothing can sort after the other drop-in: the plan shows that one as the obstacle.
  return Buffer.byteLength(behind) <= nameMax ? behind : usualDropInName;
}

/** The path that systemd shows for a folder: links are resolved in the part that exists. */
export function resolvedFolder(folder: string, files: HostFiles): string {
  if (folder === '/') return folder;
  const { dir, base } = path.posix.parse(folder);
  return files.resolve(folder) ?? path.posix.join(resolvedFolder(dir, files), base);
}

/**
 * The text of the drop-in.
 *
 * @param head comment lines at the top of a new drop-in
 * @param before the present text, from earlier fixes or edited by the user. Of two lines for one setting the later one applies.
 */
export function dropInText(
  settings: readonly WantedSetting[],
  head: readonly string[],
  before: string | undefined,
): string {
  const sections = (['Unit', 'Service', 'Install'] as const).flatMap(section => {
    const own = settings.filter(setting => setting.section === section);
    if (own.length === 0) return [];
    const lines = own.flatMap(({ key, values, comment }, index) => [
      // Settings of one reason have it once, above the first.
      ...(comment === own[index - 1]?.comment ? [] : commentLines(comment)),
      ...values.map(value => `${key}=${value}`),
    ]);
    return [`[${section}]`, ...lines, ''];
  });
  // An empty line ends a continuation, in case the present text ends with a backslash.
  const above =
    before === undefined || before.trim() === ''
      ? head.flatMap(commentLines)
      : [before.replace(/(?<!\n)\n+$/, '')];
  return [...above, '', ...sections].join('\n');
}

/** Puts `# ` before every line, so that a foreign text with line breaks cannot add a setting. */
function commentLines(text: string): readonly string[] {
  return text.split(/\r\n|[\n\r]/).map(line => `# ${line}`.trimEnd());
}

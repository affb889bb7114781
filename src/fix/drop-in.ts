/** The one drop-in that daruma writes for a unit: what it is called so that it has the last word, and what it says. */
import path from 'node:path';
import { nameMax } from '../kernel/limits.ts';
import type { HostFiles } from '../systemd/host/host.ts';
import type { Unit } from '../systemd/unit.ts';

/** A setting that a drop-in is to make effective. */
export interface WantedSetting {
  readonly section: 'Unit' | 'Service' | 'Install';
  readonly key: string;
  /** Each a line of its own; an empty one resets what stands before. */
  readonly values: readonly string[];
  /** Why, in the reader's language; one line in front of the setting. */
  readonly comment: string;
}

/** The drop-in, unless others come behind it. */
export const ownName = 'zz-daruma.conf';

/** The drop-in with the hooks of `daruma notify`; behind the other, which may reset the lists that it adds to. */
export const hooksDropInName = 'zz-daruma.notify.conf';

/** Whether a drop-in is one that daruma has written there. */
function isOwnDropIn(file: string, folder: string): boolean {
  const name = path.posix.basename(file);
  return (
    path.posix.dirname(file) === folder &&
    (name === ownName || name === hooksDropInName || name.endsWith(`.${ownName}`))
  );
}

/**
 * The base name of the drop-in. Drop-ins of all folders are applied in the order of their base names (systemd.unit(5);
 * `strcmp()`, so bytes count): it has to come behind all others, and must not be called as one of another folder is, since
 * of two that are called the same only one is read.
 *
 * @param folder where it is to stand
 */
export function dropInName({ dropIns }: Pick<Unit, 'dropIns'>, folder: string): string {
  const others = dropIns.filter(file => !isOwnDropIn(file, folder)).map(file => path.posix.basename(file));
  const last = others.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).at(-1);
  if (last === undefined || Buffer.compare(Buffer.from(last), Buffer.from(ownName)) < 0) return ownName;
  const behind = `${last.slice(0, -'.conf'.length)}.${ownName}`;
  // With a name that no file can have, nothing comes behind the other: the plan then shows what prevents it.
  return Buffer.byteLength(behind) <= nameMax ? behind : ownName;
}

/** A folder by the name that systemd gives it: without links, as far as it is there. */
export function resolvedFolder(folder: string, files: HostFiles): string {
  if (folder === '/') return folder;
  const { dir, base } = path.posix.parse(folder);
  return files.resolve(folder) ?? path.posix.join(resolvedFolder(dir, files), base);
}

/**
 * The text of the drop-in.
 *
 * @param head lines of comment above everything, in a new one
 * @param before what it says already: of earlier fixes, or by somebody's own hand. Of two lines the later one counts.
 */
export function dropInText(
  settings: readonly WantedSetting[],
  head: readonly string[],
  before: string | undefined,
): string {
  const sections = (['Unit', 'Service', 'Install'] as const).flatMap(section => {
    const own = settings.filter(setting => setting.section === section);
    if (own.length === 0) return [];
    const lines = own.flatMap(({ key, values, comment }) => [
      ...commentLines(comment),
      ...values.map(value => `${key}=${value}`),
    ]);
    return [`[${section}]`, ...lines, ''];
  });
  // An empty line ends whatever a backslash at the end would have gone on with.
  const above =
    before === undefined || before.trim() === ''
      ? head.flatMap(commentLines)
      : [before.replace(/(?<!\n)\n+$/, '')];
  return [...above, '', ...sections].join('\n');
}

/** A comment ends with its line: a text from elsewhere must not begin another. */
function commentLines(text: string): readonly string[] {
  return text.split(/\r\n|[\n\r]/).map(line => `# ${line}`.trimEnd());
}

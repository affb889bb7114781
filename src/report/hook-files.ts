/** The files of a plan that hooks consist of, in short: their texts are long, and the same for each service. */
import path from 'node:path';
import { hooksDropInName } from '../check/own-drop-ins.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Host } from '../systemd/host/host.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { isOwnUnit } from '../systemd/own-units.ts';
import { printable } from './printable.ts';
import { paint, type Terminal, wrapText } from './terminal.ts';

/** Whether a file is that of a hook, or a unit through which a manager runs daruma. */
export function isOfHooks(file: string): boolean {
  const name = path.basename(file);
  return name === hooksDropInName || isOwnUnit(name);
}

/** A line for each service, and one for the units of daruma; nothing where no file is of hooks. */
export function hookFileLines(
  files: ReadonlyMap<string, FileState>,
  host: Host,
  { notify, punctuation }: Catalogue,
  terminal: Terminal,
): readonly string[] {
  const ofHooks = [...files].filter(([file]) => isOfHooks(file));
  if (ofHooks.length === 0) return [];
  const dropIns = ofHooks.filter(([file]) => path.basename(file) === hooksDropInName);
  const services = dropIns.map(([file, after]) => {
    const service = printable(path.basename(path.dirname(file), '.d'));
    return line(markOf(file, after, host), service, terminal);
  });
  const units = ofHooks.filter(([file]) => path.basename(file) !== hooksDropInName);
  const [first] = units;
  const names = [...new Set(units.map(([file]) => path.basename(file)))].join(punctuation.list);
  return [
    wrapText(terminal, paint(terminal, 'strong', notify.hookFiles(dropIns.length, ofHooks.length)), [0, 2]),
    ...services,
    ...(first === undefined ? [] : [line(markOf(...first, host), notify.ownUnits(names), terminal)]),
  ];
}

type Mark = '+' | '~' | '-';

const styles = { '+': 'good', '~': 'note', '-': 'bad' } as const;

function markOf(file: string, after: FileState, { files }: Host): Mark {
  if (after.kind === 'absent') return '-';
  return files.status(file) === undefined ? '+' : '~';
}

function line(mark: Mark, text: string, terminal: Terminal): string {
  return wrapText(terminal, `${paint(terminal, styles[mark], mark)} ${text}`, [2, 4]);
}

/** Finds out, by the records of fixes, whether the file of a key has the key that daruma put there from the list of nodes. */
import { isList, isMapping } from '../json/value.ts';
import { parseJson5, valueOf } from '../services/json5.ts';
import type { Host } from '../systemd/host/host.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { contentOf, type FileOperation } from '../transaction/file-operation.ts';
import type { FixRecord, Journal } from '../transaction/journal.ts';
import { relocated } from '../transaction/relocated.ts';

/**
 * Whether only daruma has written the file: each fix of it began with what the one before had left, and the first one with none. A key
 * that stood in the configuration, from where that fix moved it into the file, is the user's own.
 *
 * @param text what is in the file now
 */
export function isOwnKeyFile(file: string, text: string, host: Host, journal: Journal): boolean {
  const place = host.files.physicalPath(file);
  let expected: Buffer = Buffer.from(text);
  for (const record of journal.readable()) {
    if (record.phase === 'undone') continue;
    const { operations } = relocated(record, host);
    const own = operations.find(operation => operation.path === place);
    if (own === undefined) continue;
    if (record.phase !== 'done' || !isFileWith(own.after, expected)) return false;
    if (own.before.kind === 'absent') return !stoodElsewhere(expected.toString('utf8').trim(), own, record);
    if (own.before.kind !== 'file') return false;
    expected = own.before.content;
  }
  return false;
}

function isFileWith(state: FileState, content: Buffer): boolean {
  return state.kind === 'file' && state.content.equals(content);
}

/** Whether another file of the fix had the key before. */
function stoodElsewhere(key: string, own: FileOperation, { operations }: FixRecord): boolean {
  return operations.some(
    ({ path: file, before }) => file !== own.path && hasText(contentOf(before).toString('utf8'), key),
  );
}

function hasText(text: string, key: string): boolean {
  if (text.includes(key)) return true;
  try {
    return [...textsIn(valueOf(parseJson5(text)))].some(each => each.trim() === key);
  } catch {
    return false;
  }
}

function* textsIn(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  if (isList(value)) for (const each of value) yield* textsIn(each);
  if (isMapping(value)) for (const each of Object.values(value)) yield* textsIn(each);
}

/** Which settings of a unit file or a drop-in an operation changes. */
import { parseUnitFile } from '../systemd/unit-file.ts';
import { contentOf, type FileOperation } from './file-operation.ts';

interface Setting {
  readonly section: string;
  readonly key: string;
  /** All of it: two are the same when these are. */
  readonly text: string;
}

/** The settings that are only before it, and those that are only after it. */
export function settingsChanged({ before, after }: FileOperation): readonly Setting[] {
  const [old, now] = [settingsOf(before), settingsOf(after)];
  return [...without(old, now), ...without(now, old)];
}

function without(settings: readonly Setting[], others: readonly Setting[]): readonly Setting[] {
  const texts = new Set(others.map(({ text }) => text));
  return settings.filter(({ text }) => !texts.has(text));
}

function settingsOf(state: FileOperation['before']): readonly Setting[] {
  return parseUnitFile(contentOf(state)).items.flatMap(item => {
    if (item.kind !== 'assignment') return [];
    const { section, key, value } = item;
    return [{ section, key, text: `${section} ${key}=${value}` }];
  });
}

/** A value in a program's configuration, with the line it stands in. */
import type { SourceLine } from '../systemd/service-settings.ts';

/** `source` is the line of its key, or of the entry of a list. */
export type ConfigNode =
  | {
      readonly kind: 'object';
      readonly source: SourceLine;
      readonly entries: ReadonlyMap<string, ConfigNode>;
    }
  | { readonly kind: 'list'; readonly source: SourceLine; readonly items: readonly ConfigNode[] }
  | {
      readonly kind: 'value';
      readonly source: SourceLine;
      /** As it is written, variables and all; may be a secret. */
      readonly value: string | number | boolean | null;
    };

/** What lies under a path of keys. */
export function nodeAt(node: ConfigNode | undefined, ...keys: readonly string[]): ConfigNode | undefined {
  return keys.reduce<ConfigNode | undefined>(
    (each, key) => (each?.kind === 'object' ? each.entries.get(key) : undefined),
    node,
  );
}

/** The entries of a mapping; none of anything else. */
export function entriesOf(node: ConfigNode | undefined): readonly (readonly [string, ConfigNode])[] {
  return node?.kind === 'object' ? [...node.entries] : [];
}

/** The entries of a list; none of anything else. */
export function itemsOf(node: ConfigNode | undefined): readonly ConfigNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** What a scalar is, as it is written; undefined for what is none. */
export function scalarOf(node: ConfigNode | undefined): string | number | boolean | null | undefined {
  return node?.kind === 'value' ? node.value : undefined;
}

/** The same of a text. */
export function textOf(node: ConfigNode | undefined): string | undefined {
  const value = scalarOf(node);
  return typeof value === 'string' ? value : undefined;
}

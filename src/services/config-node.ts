/** A value of a program's configuration, with the line where it is written. */
import type { SourceLine } from '../systemd/service-settings.ts';

/** `source` is the line of the value's key, or of the entry of a list. */
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
      /** The value as it is written, with its variables; may be a secret. */
      readonly value: string | number | boolean | null;
    };

/** The value under a path of keys. */
export function nodeAt(node: ConfigNode | undefined, ...keys: readonly string[]): ConfigNode | undefined {
  return keys.reduce<ConfigNode | undefined>(
    (each, key) => (each?.kind === 'object' ? each.entries.get(key) : undefined),
    node,
  );
}

/** The entries of a mapping; none for any other value. */
export function entriesOf(node: ConfigNode | undefined): readonly (readonly [string, ConfigNode])[] {
  return node?.kind === 'object' ? [...node.entries] : [];
}

/** The entries of a list; none for any other value. */
export function itemsOf(node: ConfigNode | undefined): readonly ConfigNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** The scalar as it is written; undefined for any other value. */
export function scalarOf(node: ConfigNode | undefined): string | number | boolean | null | undefined {
  return node?.kind === 'value' ? node.value : undefined;
}

/** The scalar if it is a text; undefined for any other value. */
export function textOf(node: ConfigNode | undefined): string | undefined {
  const value = scalarOf(node);
  return typeof value === 'string' ? value : undefined;
}

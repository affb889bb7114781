/** Gives the value of a specifier such as `h` in `%h`; undefined for a specifier that is not known in this place. */
export type SpecifierTable = ReadonlyMap<string, string> | ((specifier: string) => string | undefined);

/** A specifier that is not known in its place; systemd refuses the whole text because of it. */
export type InvalidSpecifier = { readonly invalid: string };

/** Whether a value may differ between units: it has specifiers, or escapes that could become specifiers (`\x25`). */
export function mayHaveSpecifiers(value: string): boolean {
  return value.includes('%') || value.includes('\\');
}

/**
 * Replaces `%x` by the value that `table` has for `x`, and `%%` by `%`. A `%` before a character that is neither a letter nor a
 * digit stays as it is, and so does a `%` at the end.
 *
 * Source: systemd.unit(5), "Specifiers"; `specifier_printf()` in `src/shared/specifier.c`, which is the same from 245 to 262.
 *
 * @returns the first letter or digit that `table` does not know as `invalid`, when there is one
 * @example
 * import { expandSpecifiers } from 'daruma/systemd';
 *
 * expandSpecifiers('%h/100%%', new Map([['h', '/home/ada']])); // '/home/ada/100%'
 * expandSpecifiers('%Y', new Map()); // { invalid: 'Y' }
 */
export function expandSpecifiers(text: string, table: SpecifierTable): string | InvalidSpecifier {
  if (!text.includes('%')) return text;
  const lookUp = typeof table === 'function' ? table : (specifier: string) => table.get(specifier);
  let expanded = '';
  let position = 0;
  for (let percent = text.indexOf('%'); percent !== -1; percent = text.indexOf('%', position)) {
    const specifier = text.charAt(percent + 1);
    expanded += text.slice(position, percent);
    position = percent + 2;
    if (specifier === '%') {
      expanded += '%';
      continue;
    }
    const value = specifier === '' ? undefined : lookUp(specifier);
    if (value !== undefined) expanded += value;
    else if (/^[0-9A-Za-z]$/.test(specifier)) return { invalid: specifier };
    else expanded += `%${specifier}`;
  }
  return expanded + text.slice(position);
}

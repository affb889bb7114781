/**
 * The variables of a compose file: `$NAME`, `${NAME}`, `${NAME:-text}` and the like; `$$` means `$`.
 *
 * Source: docs.docker.com/reference/compose-file/interpolation; compose-go (`template/template.go`).
 */

/**
 * The text with its variables replaced; undefined when one of them is not known, or the text is none that compose accepts.
 *
 * @param variable the value of a variable; undefined when it is not set
 */
export function interpolated(
  text: string,
  variable: (name: string) => string | undefined,
  levels = mostLevels,
): string | undefined {
  if (!text.includes('$')) return text;
  if (levels === 0) return undefined;
  let made = '';
  let from = 0;
  for (let at = text.indexOf('$'); at !== -1; at = text.indexOf('$', from)) {
    made += text.slice(from, at);
    if (text.charAt(at + 1) === '$') {
      made += '$';
      from = at + 2;
      continue;
    }
    const found = text.charAt(at + 1) === '{' ? bracedAt(text, at) : bareAt(text, at);
    if (found === undefined) return undefined;
    const value = valueOf(found, variable, levels);
    if (value === undefined) return undefined;
    made += value;
    from = found.end;
  }
  return made + text.slice(from);
}

/** Nobody nests replacements deeper. */
const mostLevels = 10;

interface Reference {
  readonly name: string;
  /** `:-`, `-`, `:+`, `+`, `:?` or `?`; empty for a name alone. */
  readonly operator: string;
  readonly operand: string;
  /** The position behind it. */
  readonly end: number;
}

function bareAt(text: string, at: number): Reference | undefined {
  const name = /^[A-Za-z_]\w*/.exec(text.slice(at + 1, at + 1 + longestName))?.[0];
  return name === undefined ? undefined : { name, operator: '', operand: '', end: at + 1 + name.length };
}

function bracedAt(text: string, at: number): Reference | undefined {
  const end = closingBrace(text, at + 2);
  const [, name, operator = '', operand = ''] =
    /^([A-Za-z_]\w*)(?:(:?[-+?])(.*))?$/s.exec(text.slice(at + 2, end)) ?? [];
  return name === undefined || end === undefined ? undefined : { name, operator, operand, end: end + 1 };
}

const longestName = 256;

/** The brace that closes one which was opened before `from`. */
function closingBrace(text: string, from: number): number | undefined {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text.charAt(at) === '$' && text.charAt(at + 1) === '{') open += 1;
    if (text.charAt(at) === '}') open -= 1;
    if (open === 0) return at;
  }
  return undefined;
}

function valueOf(
  { name, operator, operand }: Reference,
  variable: (name: string) => string | undefined,
  levels: number,
): string | undefined {
  const value = variable(name);
  const isGiven = operator.startsWith(':') ? Boolean(value) : value !== undefined;
  const other = () => interpolated(operand, variable, levels - 1);
  if (operator.endsWith('+')) return isGiven ? other() : '';
  if (operator.endsWith('-')) return isGiven ? value : other();
  // Whoever starts the project may set it: compose replaces one that nobody sets by nothing.
  return value;
}

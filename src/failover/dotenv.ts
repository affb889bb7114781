/** Writes the `.env` beside OpenClaw's configuration: it appends variables and keeps every present line. */

/** A value that cannot be written into a `.env`. */
export class UnwritableValue extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`the value of ${variable} does not fit in one line`);
    this.name = 'UnwritableValue';
    this.variable = variable;
  }
}

/**
 * The text with variables appended. Of two lines for one variable the later one applies.
 *
 * @param text the present text; empty for a new file
 * @throws UnwritableValue
 */
export function withVariables(text: string, variables: ReadonlyMap<string, string>): string {
  const lineEnd = /\r\n|\n/.exec(text)?.[0] ?? '\n';
  const lines = [...variables].map(([name, value]) => `${name}=${written(name, value)}${lineEnd}`);
  const isEnded = text === '' || text === '\uFEFF' || text.endsWith('\n') || lines.length === 0;
  return text + (isEnded ? '' : lineEnd) + lines.join('');
}

/**
 * The value as dotenv and Node's `parseEnv()` both read it: in quotes when it contains more than plain characters. Neither
 * supports escaped quotes.
 */
function written(name: string, value: string): string {
  if (/^[\w.:/@%+=~-]+$/.test(value)) return value;
  const quote = ["'", '"', '`'].find(mark => !value.includes(mark));
  // Inside double quotes a backslash may begin an escape.
  const isPlain = quote !== undefined && !(quote === '"' && value.includes('\\'));
  if (!isPlain || /[\r\n\0]/.test(value)) throw new UnwritableValue(name);
  return quote + value + quote;
}

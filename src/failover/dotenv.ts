/** The `.env` beside OpenClaw's configuration: variables added to it, every line that is there kept. */

/** A value that no `.env` can hold. */
export class UnwritableValue extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`the value of ${variable} does not fit in one line`);
    this.name = 'UnwritableValue';
    this.variable = variable;
  }
}

/**
 * Of two lines for one variable the later one counts.
 *
 * @param text empty for a new file
 * @throws UnwritableValue
 */
export function withVariables(text: string, variables: ReadonlyMap<string, string>): string {
  const lineEnd = /\r\n|\n/.exec(text)?.[0] ?? '\n';
  const lines = [...variables].map(([name, value]) => `${name}=${written(name, value)}${lineEnd}`);
  const isEnded = text === '' || text === '\uFEFF' || text.endsWith('\n') || lines.length === 0;
  return text + (isEnded ? '' : lineEnd) + lines.join('');
}

/**
 * As dotenv and `parseEnv()` of Node read it alike: in quotes where it holds more than plain characters. Neither knows an
 * escaped quote.
 */
function written(name: string, value: string): string {
  if (/^[\w.:/@%+=~-]+$/.test(value)) return value;
  const quote = ["'", '"', '`'].find(mark => !value.includes(mark));
  // In double quotes a backslash may begin an escape.
  const isPlain = quote !== undefined && !(quote === '"' && value.includes('\\'));
  if (!isPlain || /[\r\n\0]/.test(value)) throw new UnwritableValue(name);
  return quote + value + quote;
}

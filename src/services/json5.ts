/** JSON5, which OpenClaw's configuration is written in. */
import {
  JsonCompositeNode,
  JsonIdentifierNode,
  JsonLexer,
  type JsonNode,
  JsonParseError,
  JsonParser,
  JsonPrimitiveNode,
  type JsonToken,
  JsonTokenType,
  type JsonValueNode,
} from '@croct/json5-parser';

/**
 * Reads JSON5; `toString()` of what comes back is the text as it was.
 *
 * The parser does not take a reserved word for a key, nor some of the texts that JSON5 has (spec.json5.org, "Objects",
 * "Strings"): `default: {`, `'say "no"'`. For those it is given stand-ins of the same length, and they are put back
 * afterwards.
 *
 * @throws JsonParseError for what is no JSON5, with its place
 */
export function parseJson5(text: string): JsonValueNode {
  try {
    return JsonParser.parse(text);
  } catch {
    const { replaced, originals } = withStandIns(JsonLexer.tokenize(text));
    const root = JsonParser.parse(replaced);
    putBack(root, originals);
    return root;
  }
}

interface Original {
  readonly written: string;
  readonly value: string;
}

/** What stands behind the stand-ins, by where it begins. */
type Originals = ReadonlyMap<number, Original>;

function withStandIns(tokens: readonly JsonToken[]): {
  readonly replaced: string;
  readonly originals: Originals;
} {
  const originals = new Map<number, Original>();
  const replaced = tokens.map((token, index) => {
    const { value: written, location, type } = token;
    if (type === JsonTokenType.STRING) {
      originals.set(location.start.index, { written, value: textOf(token) });
      return `"${written.slice(1, -1).replaceAll(/(\\\r?\n)|[^]/gu, (_, newline = 'x') => newline)}"`;
    }
    if (!isWord(token) || !isKey(tokens, index)) return written;
    originals.set(location.start.index, { written, value: written });
    return written.replaceAll(/./gu, () => '$');
  });
  return { replaced: replaced.join(''), originals };
}

/** `null`, `true` and `Infinity` are words like any other where a key stands. */
function isWord({ value }: JsonToken): boolean {
  return /^[$_\p{ID_Start}]/u.test(value);
}

function isKey(tokens: readonly JsonToken[], index: number): boolean {
  let next = index + 1;
  while (insignificant.has(tokens[next]?.type ?? JsonTokenType.EOF)) next += 1;
  return tokens[next]?.type === JsonTokenType.COLON;
}

const insignificant: ReadonlySet<JsonTokenType> = new Set([
  JsonTokenType.WHITESPACE,
  JsonTokenType.NEWLINE,
  JsonTokenType.LINE_COMMENT,
  JsonTokenType.BLOCK_COMMENT,
]);

function putBack(node: JsonNode, originals: Originals): void {
  if (node instanceof JsonPrimitiveNode || node instanceof JsonIdentifierNode) {
    const original = originals.get(node.location.start.index);
    if (original === undefined) return;
    Object.assign(node.token, { value: original.written });
    if (node instanceof JsonPrimitiveNode) Object.assign(node, { value: original.value });
  } else if (node instanceof JsonCompositeNode) {
    for (const child of node.children) putBack(child, originals);
  }
}

/** What a text in quotes means. */
function textOf({ value, location }: JsonToken): string {
  return value
    .slice(1, -1)
    .replaceAll(
      /\\(?:x([\da-f]{2})|u([\da-f]{4})|(\r\n|[\n\r\u2028\u2029])|([^]))/giu,
      (_, byte?: string, unit?: string, newline?: string, one = '') => {
        const code = byte ?? unit;
        if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
        if (newline !== undefined) return '';
        // `\x` and `\u` without their digits, and the octal ones of old.
        if (/[xu1-9]/.test(one)) throw new JsonParseError('Invalid escape.', location);
        return escapes[one] ?? one;
      },
    );
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  0: '\0',
};

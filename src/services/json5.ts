/** JSON5, which OpenClaw's configuration is written in. */
import { JsonParser, type JsonValueNode } from '@croct/json5-parser';

/**
 * The parser does not take a reserved word for a key, which JSON5 does (spec.json5.org, "Objects"): `default: {`.
 *
 * @throws Error for what is no JSON5
 */
export function parseJson5(text: string): JsonValueNode {
  try {
    return JsonParser.parse(text);
  } catch {
    return JsonParser.parse(text.replaceAll(reservedKey, '"$1"'));
  }
}

const reservedKey =
  /(?<=[{,]\s*)(case|catch|class|const|default|delete|do|else|enum|export|extends|finally|for|function|if|import|in|new|null|return|super|switch|this|throw|true|false|try|typeof|var|void|while|with)(?=\s*:)/g;

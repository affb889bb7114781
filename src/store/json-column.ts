/** A database column whose values are stored as JSON. */
export class JsonColumn<Value> {
  encode(value: Value): string {
    return JSON.stringify(value);
  }

  /** @throws SyntaxError when the stored text is damaged */
  decode(text: unknown): Value {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was encoded as one
    return JSON.parse(String(text)) as Value;
  }
}

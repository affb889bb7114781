/** A column whose values are kept as JSON, and are what was put there. */
export class JsonColumn<Value> {
  encode(value: Value): string {
    return JSON.stringify(value);
  }

  /** @throws SyntaxError for what a damaged disk has made of it */
  decode(text: unknown): Value {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was encoded as one
    return JSON.parse(String(text)) as Value;
  }
}

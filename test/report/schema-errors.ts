/** Holds a document that a real host gave against its schema under docs/schema/. */
import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkout } from '../cli/daruma.ts';

/** @returns what is wrong with a document; empty when it is as its schema says */
export function schemaErrors(kind: string, document: unknown): readonly string[] {
  const text = fs.readFileSync(path.join(checkout, `docs/schema/${kind}.schema.json`), 'utf8');
  const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    JSON.parse(text),
  );
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

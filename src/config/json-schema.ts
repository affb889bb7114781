/** The schema as a JSON document: for editors, for programs, and for the messages about what a file may say. */
import * as z from 'zod/mini';
import { configurationSchema } from './schema.ts';

export type SchemaNode = z.core.JSONSchema.BaseSchema;

/** JSON Schema (2020-12) of a configuration file, as it is written. */
export function configurationJsonSchema(): SchemaNode {
  const schema = z.toJSONSchema(configurationSchema, { io: 'input' });
  return { $id: 'daruma:config', title: 'configuration of daruma', ...schema };
}

/** The schema as JSON Schema: for editors, for programs, and for messages about faults of the file. */
import * as z from 'zod/mini';
import { configurationSchema } from './schema.ts';

export type SchemaNode = z.core.JSONSchema.BaseSchema;

/** JSON Schema (2020-12) of a configuration file as the user writes it. */
export function configurationJsonSchema(): SchemaNode {
  const schema = z.toJSONSchema(configurationSchema, { io: 'input' });
  return { $id: 'daruma:config', title: 'configuration of daruma', ...schema };
}

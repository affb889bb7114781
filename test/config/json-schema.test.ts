/** The published schema against the one that daruma goes by. After a rule was added: `npx vitest run test/config -u`. */
import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { allRules } from '../../src/check/rules/index.ts';
import { severities } from '../../src/check/severity.ts';
import { configurationJsonSchema, type SchemaNode } from '../../src/config/json-schema.ts';
import { channelDefaults, notifyDefaults, probeDefaults } from '../../src/config/defaults.ts';
import { checkout, daruma } from '../cli/daruma.ts';

const schema = configurationJsonSchema();
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

describe('the JSON Schema', () => {
  it('is the one in docs/schema', async () => {
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot(path.join(checkout, 'docs/schema/config.schema.json'));
  });

  it('is what daruma config schema prints', async () => {
    const { code, stdout, stderr } = await daruma(['config', 'schema']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(schema);
  });

  it('names every rule and severity', () => {
    const text = JSON.stringify(schema);
    for (const { id } of allRules) expect(text).toContain(`"${id}"`);
    expect(text).toContain(JSON.stringify(['off', ...severities]).slice(1, -1));
  });

  it('describes every key, and is closed', () => {
    const missing: string[] = [];
    for (const [where, node] of nodesOf(schema, '')) {
      if (node.properties === undefined) continue;
      if (node.additionalProperties !== false) missing.push(`${where} is open`);
      for (const [key, property] of Object.entries(node.properties)) {
        if (!descriptionOf(property)) missing.push(`${where}/${key} has no description`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('gives the defaults that hold', () => {
    const defaults = Object.fromEntries(
      [...nodesOf(schema, '')].flatMap(([, { properties = {} }]) =>
        Object.entries(properties).flatMap(([key, property]) =>
          typeof property === 'object' && 'default' in property ? [[key, property.default]] : [],
        ),
      ),
    );
    expect(defaults).toEqual({
      critical: true,
      ...probeDefaults,
      ...notifyDefaults,
      silent: false,
      api: channelDefaults.api,
      server: channelDefaults.ntfyServer,
      security: channelDefaults.security,
    });
  });

  it.each(['', 'units:', 'units: {a: , b: {critical: false}}', 'rules: {linger-off: off}'])(
    'takes %j',
    text => {
      expect(validate(parse(text) ?? {})).toBe(true);
    },
  );

  it('takes the example', () => {
    const file = path.join(checkout, 'examples/neko-fixed/home/azureuser/.config/daruma/config.yaml');
    validate(parse(fs.readFileSync(file, 'utf8')));
    expect(validate.errors).toBeNull();
  });

  it.each(['ruls: {}', 'rules: {nope: off}', 'units: {a: {probe: {htp: x}}}', 'units: {a: {critical: yes}}'])(
    'refuses %j',
    text => {
      expect(validate(parse(text))).toBe(false);
    },
  );
});

function* nodesOf(value: unknown, where: string): Iterable<readonly [string, SchemaNode]> {
  if (!isNode(value)) return;
  yield [where, value];
  for (const [key, child] of Object.entries(value)) yield* nodesOf(child, `${where}/${key}`);
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null;
}

function descriptionOf(property: SchemaNode | boolean): string | undefined {
  return typeof property === 'object' ? property.description : undefined;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownName } from '../../src/names/own-name.ts';
import { ownUnitName } from '../../src/systemd/own-units.ts';
import { parseUnitName } from '../../src/systemd/unit-name.ts';

/** Texts near each other, as names are that an escape could confuse. */
const texts = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', '_', '@', '-', '\\', 'x', '4', '0', '5', 'c', '%', '猫'),
    maxLength: 6,
  }),
  fc.string({ unit: 'binary', maxLength: 90 }),
  fc.string({ unit: fc.constantFrom('猫', 'a'), minLength: 20, maxLength: 90 }),
);

describe('a name made from another', () => {
  it.each(['%', '\\x'] as const)('is never that of two, nor longer than it may be (%s)', mark => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const [first, second] = [ownName(a, mark, 80), ownName(b, mark, 80)];
        expect(first.length).toBeLessThanOrEqual(80);
        expect(first).toMatch(/^[\w.%\\-]*$/);
        expect(first === second).toBe(a === b);
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells two apart that end, or are cut, alike', () => {
    const long = 'x'.repeat(300);
    const names = [long, `${long}y`, ownName(long, '%', 100), 'a\ud800', 'a\ud801', 'a\ufffd'];
    expect(new Set(names.map(name => ownName(name, '%', 100))).size).toBe(names.length);
  });

  it('stays what it is where it is plain', () => {
    expect(ownName('await-litellm.service', '%', 100)).toBe('await-litellm.service');
  });
});

/** Names as systemd takes them. */
const services = fc
  .string({
    unit: fc.constantFrom('a', 'Z', '0', '9', ':', '_', '.', '\\', '@', '-', 'x', '2'),
    minLength: 1,
    maxLength: 247,
  })
  .map(name => `${name}.service`)
  .filter(name => parseUnitName(name) !== undefined);

describe('a transient unit for a service', () => {
  it('has a name that systemd takes, and that no other has', () => {
    fc.assert(
      fc.property(services, services, (a, b) => {
        const [first, second] = [ownUnitName('daruma-start-again', a), ownUnitName('daruma-start-again', b)];
        expect(parseUnitName(`${first}.service`)).toBeDefined();
        expect(first === second).toBe(a === b);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is told from one for a name like it', () => {
    const names = ['a@b', 'a_b', String.raw`a\x40b`, 'a-b', 'a', 'a-2'].map(each => `${each}.service`);
    const all = names.flatMap(name => [
      ownUnitName('daruma-await', name),
      ownUnitName('daruma-await2', name),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('is called as it always was where that was clear', () => {
    expect(ownUnitName('daruma-await', 'litellm.service')).toBe('daruma-await-litellm');
  });
});

/** The configuration that is kept as JSON: it never says anything else than the file does now. */
import fs from 'node:fs';
import { expect, it } from 'vitest';
import { keptConfiguration, placeToKeep } from '../../src/cli/kept-configuration.ts';
import { readConfiguration } from '../../src/config/read.ts';
import type { WrittenConfiguration } from '../../src/config/schema.ts';
import { unpackedRoot } from '../support/root.ts';

const text = (language: string) =>
  Buffer.from(`notify: {language: ${language}, quiet: {from: "22:00", to: "07:00"}}\n`);

function reader(content: Buffer) {
  let reads = 0;
  const read = async (): Promise<WrittenConfiguration> => {
    reads += 1;
    const found = readConfiguration(content, 'config.yaml');
    if (!('written' in found)) throw new Error('invalid');
    return found.written;
  };
  return { read, count: () => reads };
}

function place(build = 'a') {
  return { file: `${unpackedRoot({})}/configuration.json`, build };
}

it('is read once, and says the same afterwards', async () => {
  const at = place();
  const content = text('zh-CN');
  const { read, count } = reader(content);
  const first = await keptConfiguration(content, at, read);
  expect(await keptConfiguration(content, at, read)).toEqual(first);
  expect(count()).toBe(1);
  expect(fs.statSync(at.file).mode & 0o777).toBe(0o600);
});

it('is read again after an edit, by another build, and when what is kept is damaged', async () => {
  const at = place();
  await keptConfiguration(text('zh-CN'), at, reader(text('zh-CN')).read);
  const edited = reader(text('en'));
  expect(await keptConfiguration(text('en'), at, edited.read)).toMatchObject({ notify: { language: 'en' } });
  expect(edited.count()).toBe(1);
  const other = reader(text('en'));
  await keptConfiguration(text('en'), { ...at, build: 'b' }, other.read);
  expect(other.count()).toBe(1);
  for (const damage of ['', '{', '[]', 'null', '{"build":"a"}']) {
    fs.writeFileSync(at.file, damage);
    const again = reader(text('en'));
    await keptConfiguration(text('en'), at, again.read);
    expect([damage, again.count()]).toEqual([damage, 1]);
  }
});

it('takes bytes that are no text for what they are', async () => {
  const at = place();
  const shown = Buffer.from('# \ufffd\n');
  await keptConfiguration(shown, at, reader(shown).read);
  const bytes = Buffer.from([0x23, 0x20, 0xff, 0x0a]);
  await expect(keptConfiguration(bytes, at, reader(bytes).read)).rejects.toThrow('invalid');
  expect(await keptConfiguration(shown, at, async () => Promise.reject(new Error('read')))).toEqual({});
});

it('is not kept where it cannot be, nor for a checkout', async () => {
  const content = text('en');
  const { read, count } = reader(content);
  const nowhere = { file: '/nonexistent/folder/configuration.json', build: 'a' };
  await keptConfiguration(content, nowhere, read);
  await keptConfiguration(content, nowhere, read);
  await keptConfiguration(content, undefined, read);
  expect(count()).toBe(3);
  expect(placeToKeep(process.env)).toBeUndefined();
});

it.each([
  ['the address of a webhook', 'notify: {channels: [{type: webhook, url: "http://hub:9911/S3cretPath"}]}\n'],
  ['a key in a comment', '# sk-ant-api03-Zm9vYmFyYmF6cXV4MDEyMzQ1Njc4OQ\nnotify: {language: en}\n'],
])('is not kept with a secret in it: %s', async (_, written) => {
  const at = place();
  const content = Buffer.from(written);
  const { read, count } = reader(content);
  await keptConfiguration(content, at, read);
  await keptConfiguration(content, at, read);
  expect(count()).toBe(2);
  expect(fs.existsSync(at.file)).toBe(false);
});

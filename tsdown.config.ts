import fs from 'node:fs';
import path from 'node:path';
import { defineConfig, type Rolldown } from 'tsdown';

/** What is published has the packages that it uses in itself, and needs nothing beside it. */
const bundled = { onlyBundle: false } as const;

/** Packages that are loaded at the moment when they are needed are found by the bundler, which follows `require()` only. */
const laterPackages: Rolldown.Plugin = {
  name: 'later-packages',
  transform: {
    filter: { code: 'createRequire(import.meta.url)' },
    handler: code => code.replaceAll('createRequire(import.meta.url)', 'require'),
  },
};

/** Writes the licences of the packages that are in the bundle. */
const licences: Rolldown.Plugin = {
  name: 'licences',
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap(part => (part.type === 'chunk' ? part.moduleIds : []));
    const packages = new Set(
      modules.flatMap(id => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? []),
    );
    const source = [...packages]
      .sort()
      .map(licenceOf)
      .join(`\n${'-'.repeat(80)}\n\n`);
    if (source !== '') this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source });
  },
};

function licenceOf(folder: string): string {
  const { name, version, license, author } = JSON.parse(
    fs.readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const file = fs.readdirSync(folder).find(each => /^licen[cs]e\b/i.test(each));
  const text = file === undefined ? '' : `\n${fs.readFileSync(path.join(folder, file), 'utf8')}`;
  return `${name} ${version}, ${license}${file === undefined ? `, ${author?.name ?? author}` : ''}\n${text}`;
}

export default defineConfig([
  {
    // Loading ES modules takes Node twice as long, and most of a short command is loading.
    entry: { main: 'src/cli/main.ts' },
    outDir: 'dist/cli',
    format: 'cjs',
    checks: { legacyCjs: false, bundlerTimings: false },
    platform: 'node',
    target: 'node24',
    dts: false,
    fixedExtension: false,
    deps: bundled,
    plugins: [laterPackages, licences],
  },
  {
    entry: { 'systemd/index': 'src/systemd/index.ts', 'restart/index': 'src/restart/index.ts' },
    outDir: 'dist/library',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    checks: { bundlerTimings: false },
    dts: true,
    fixedExtension: false,
    deps: bundled,
    plugins: [licences],
  },
]);

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

/**
 * A module of Node is loaded when it is first used: most commands never use most of them. Files and paths, which Node itself has
 * loaded by then, are used too often for that. None is copied: Rolldown would make a getter for each of its hundred names, in
 * every file of the bundle. A file that imports single names from a module keeps it as it is.
 */
const laterNodeModules: Rolldown.Plugin = {
  name: 'later-node-modules',
  renderChunk: code =>
    code.replaceAll(
      /^let (node_\w+) = (require\("node:[\w/]+"\));\n\1 = (?:\w+\.)?__toESM\(\1, 1\);$/gm,
      (whole, name, load) => {
        if (new RegExp(`\\b${name}\\.(?!default\\b)`).test(code)) return whole;
        if (name === 'node_fs' || name === 'node_path') return `const ${name} = { default: ${load} };`;
        return `const ${name} = {\n\tget default() {\n\t\tconst value = ${load};\n\t\tObject.defineProperty(this, "default", { value });\n\t\treturn value;\n\t}\n};`;
      },
    ),
};

/**
 * What dbus-native needs to show a secret where a socket does not tell who connects, to start a program that makes the connection, and
 * for a signature that is wrong. A manager's socket needs none of it.
 */
const laterOfBus: Rolldown.Plugin = {
  name: 'later-of-bus',
  transform: {
    filter: { id: /\/dbus-native\/lib\// },
    handler: code =>
      code
        .replace("const crypto = require('crypto');", '')
        .replaceAll(/\bcrypto\.(?=\w+\()/g, "require('crypto').")
        .replace("const { spawn, spawnSync } = require('child_process');", '')
        .replaceAll(/(?<![\w.])(?=spawn(?:Sync)?\()/g, "require('child_process').")
        .replace("const assert = require('assert');", '')
        .replace('assert(tree.length === 1);', "if (tree.length !== 1) require('assert').fail();"),
  },
};

/**
 * The commands that are started most often, by the modules with which each begins. Beside what is in it a file costs Node a third
 * of a millisecond, so what the same of these commands load is one file. What none of them loads is left to Rolldown, which makes
 * a file for each set of commands that share it.
 */
const frequentCommands = {
  attend: ['attend-call.ts'],
  status: ['run.ts', 'commands/status.ts'],
  check: ['run.ts', 'commands/check.ts', '../report/findings/human.ts'],
};

/** What any of them loads where there is a configuration, and otherwise not. */
const configuration = '../config/read.ts';

/** A command loads the texts of one language. What these load in every language is loaded by each command. */
const texts = ['../i18n/en/index.ts', '../i18n/zh-CN/index.ts'];

/** By module: what is loaded with it. */
const imports = new Map<string, readonly string[]>();

const noteImports: Rolldown.Plugin = {
  name: 'note-imports',
  moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds),
};

/** The name of the file for a module; null where Rolldown chooses. It is asked when all modules are parsed. */
function fileOf(id: string): string | null {
  // Of what the entry itself loads nothing is moved: it runs before compiled code is at hand.
  if (loadedBy('main.ts').has(id)) return null;
  const isInAllTexts = texts.every(language => loadedBy(language).has(id));
  const loading = Object.entries(frequentCommands).filter(
    ([, files]) => isInAllTexts || loadedBy(...files).has(id),
  );
  const names = loading.map(([command]) => command);
  const isForAll = names.length === Object.keys(frequentCommands).length;
  if (!isForAll && loadedBy(configuration).has(id)) names.push('configured');
  return names.join('-') || null;
}

const closures = new Map<string, ReadonlySet<string>>();

/** @param files are given within `src/cli` */
function loadedBy(...files: readonly string[]): ReadonlySet<string> {
  const key = files.join();
  const known = closures.get(key);
  if (known !== undefined) return known;
  const loaded = new Set(files.map(file => path.join(import.meta.dirname, 'src/cli', file)));
  for (const id of loaded) {
    if (id.startsWith('/') && !imports.has(id)) throw new Error(`${id} is not in the bundle`);
    for (const imported of imports.get(id) ?? []) loaded.add(imported);
  }
  closures.set(key, loaded);
  return loaded;
}

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
    inputOptions: { preserveEntrySignatures: 'allow-extension' },
    outputOptions: {
      codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: fileOf }] },
      // What is read at each start: comments are a fifth of it, and V8 takes milliseconds for a file with one character beyond ASCII.
      comments: { jsdoc: false },
      charset: 'ascii',
    },
    fixedExtension: false,
    deps: bundled,
    plugins: [noteImports, laterPackages, laterNodeModules, laterOfBus, licences],
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

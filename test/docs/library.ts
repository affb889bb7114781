/** What the library offers and what its comments say of it, as TypeScript reads them; and examples, held to what they say. */
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  getJSDocTags,
  getTextOfJSDocComment,
  getTrailingCommentRanges,
  isExpressionStatement,
  isImportDeclaration,
  isStringLiteral,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { API, type Project, SymbolFlags } from 'typescript/unstable/sync';

const checkout = path.join(import.meta.dirname, '../..');

/** The entry points, by the names that package.json gives them. */
const entries = {
  'daruma/systemd': path.join(checkout, 'src/systemd/index.ts'),
  'daruma/restart': path.join(checkout, 'src/restart/index.ts'),
} as const;

type Entry = keyof typeof entries;

interface DocumentedExport {
  readonly name: string;
  readonly description: string;
  /** The texts of its `@example` tags. */
  readonly examples: readonly string[];
}

interface DocumentedEntry {
  /** The examples of the entry point itself. */
  readonly examples: readonly string[];
  readonly exports: readonly DocumentedExport[];
}

/** Reads the comments of the entry points and of all that they export, types included. */
export function readDocumentation(): Readonly<Record<Entry, DocumentedEntry>> {
  return withProject(path.join(checkout, 'tsconfig.json'), {}, project => ({
    'daruma/systemd': documentationOf('daruma/systemd', project),
    'daruma/restart': documentationOf('daruma/restart', project),
  }));
}

function documentationOf(entry: Entry, { checker, program }: Project): DocumentedEntry {
  const source = program.getSourceFile(entries[entry]);
  const [first] = source?.statements ?? [];
  const module = source && checker.getSymbolAtLocation(source);
  if (first === undefined || module === undefined) throw new Error(`${entry} is no module`);
  // TypeScript takes the comment of a module for one of its first statement.
  const own = getJSDocTags(first).filter(tag => tag.tagName.text === 'example');
  return {
    examples: own.map(tag => getTextOfJSDocComment(tag.comment) ?? ''),
    exports: checker.getExportsOfModule(module).map(exported => {
      const isAlias = (exported.flags & SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
      const examples = checker.getJsDocTagsOfSymbol(symbol).filter(tag => tag.name === 'example');
      return {
        name: exported.name,
        description: checker.getDocumentationCommentOfSymbol(symbol),
        examples: examples.map(tag => tag.text ?? ''),
      };
    }),
  };
}

interface Example {
  /** What TypeScript has against it. */
  readonly errors: readonly string[];
  /** Its lines that say a value in a comment behind them: `parseBoolean('yes'); // true`. */
  readonly said: readonly string[];
  /**
   * Runs it as a module, the entry points taken from `src/`.
   *
   * @returns the same lines with the values that came out, as util.inspect() writes them
   */
  run(): Promise<readonly string[]>;
}

/** Reads examples of the library: each is a module of its own, and every comment in it says the value of the line before it. */
export function readExamples(codes: readonly string[]): readonly Example[] {
  const files = codes.map((_, index) => path.join(checkout, `example-${index}.ts`));
  const configuration = path.join(checkout, 'tsconfig.examples.json');
  const paths = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, [file]]));
  const virtual = {
    [configuration]: JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: { paths },
      include: [],
      files,
    }),
    ...Object.fromEntries(files.map((file, index) => [file, codes[index] ?? ''])),
  };
  return withProject(configuration, virtual, ({ program }) =>
    files.map(file => {
      const source = program.getSourceFile(file);
      if (source === undefined) throw new Error(`${file} was not read`);
      const problems = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return exampleOf(
        source,
        problems.map(problem => problem.text),
      );
    }),
  );
}

/** Opens a project of TypeScript's own; files by path, beside those that are on the disk. */
function withProject<T>(
  configuration: string,
  files: Readonly<Record<string, string>>,
  read: (project: Project) => T,
): T {
  const fileExists = (file: string) => (Object.hasOwn(files, file) ? true : undefined);
  const api = new API({ cwd: checkout, fs: { readFile: file => files[file], fileExists } });
  try {
    using snapshot = api.updateSnapshot({ openProjects: [configuration] });
    const project = snapshot.getProject(configuration);
    if (project === undefined) throw new Error(`${configuration} is no project`);
    return read(project);
  } finally {
    api.close();
  }
}

function exampleOf(source: SourceFile, problems: readonly string[]): Example {
  const { text } = source;
  const said: string[] = [];
  const edits: Edit[] = [];
  const visit = (node: Node): void => {
    if (isImportDeclaration(node) && isStringLiteral(node.moduleSpecifier)) {
      const { moduleSpecifier: at } = node;
      const entry = new Map<string, string>(Object.entries(entries)).get(at.text);
      if (entry !== undefined) edits.push({ at, text: `'${pathToFileURL(entry).href}'` });
    }
    const [comment] = isExpressionStatement(node) ? (getTrailingCommentRanges(text, node.end) ?? []) : [];
    if (isExpressionStatement(node) && comment !== undefined) {
      const value = `$inspect(${node.expression.getText()}, $options)`;
      edits.push({ at: node, text: `$values[${said.length}] = ${value};` });
      said.push(`${node.getText()} ${text.slice(comment.pos, comment.end)}`);
    }
    node.forEachChild(visit);
  };
  visit(source);

  const comments = text.split('\n').filter(line => line.includes('// ')).length;
  const unheld = comments === said.length ? [] : [`${comments - said.length} comments say no value`];
  const module = prelude + edited(text, edits);
  return {
    errors: [...problems, ...unheld],
    said,
    run: async () => {
      const url = `data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(module))}`;
      const { $values }: { readonly $values: readonly string[] } = await import(/* @vite-ignore */ url);
      return said.map((line, index) =>
        line.replace(/\/\/ .*$/, () => `// ${$values[index] ?? '(not reached)'}`),
      );
    },
  };
}

/** All on one line: those of the example keep their numbers. */
const prelude = [
  "import { inspect as $inspect } from 'node:util';",
  'const $options = { breakLength: Infinity, compact: true, depth: Infinity, numericSeparator: true };',
  'export const $values = [];',
].join(' ');

interface Edit {
  readonly at: Node;
  readonly text: string;
}

function edited(text: string, edits: readonly Edit[]): string {
  const fromTheEnd = edits.toSorted((a, b) => b.at.end - a.at.end);
  return fromTheEnd.reduce(
    (sofar, { at, text: replacement }) => sofar.slice(0, at.getStart()) + replacement + sofar.slice(at.end),
    text,
  );
}

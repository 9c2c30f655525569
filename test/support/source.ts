import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'vite';
import type { ESTree } from 'vite';

export type Node = ESTree.Node;
const root = resolve(import.meta.dirname, '../..');

/** A file of the project as its parser sees it; `path` is relative to the root of the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly program: ESTree.Program;
  /** Calls back for each node with what it stands in, the nearest first. */
  walk(visit: (node: Node, ancestors: readonly Node[]) => void): void;
  /** `line` of an offset, from 1. */
  line(offset: number): number;
}

/** Which names of which file something imports; `*` is all of them. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly names: readonly string[];
}

export const parseSource = (path: string, text: string): SourceFile => {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
  const visitAll = (
    node: Node,
    ancestors: readonly Node[],
    visit: Parameters<SourceFile['walk']>[0],
  ): void => {
    visit(node, ancestors);
    for (const value of Object.values(node).flat() as unknown[]) {
      if (typeof value === 'object' && value !== null && 'type' in value && 'start' in value)
        visitAll(value as Node, [node, ...ancestors], visit);
    }
  };
  const breaks = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return {
    path,
    text,
    program,
    walk: (visit) => visitAll(program, [], visit),
    line: (offset) => breaks.filter((at) => at < offset).length + 1,
  };
};

export const readSource = (path: string): SourceFile =>
  parseSource(path, readFileSync(join(root, path), 'utf8'));

/** Every file of a directory that is TypeScript or JavaScript. */
export const readSources = (directory: string): SourceFile[] =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|mjs|js)$/.test(name) && statSync(join(root, directory, name)).isFile())
    .sort()
    .map((name) => readSource(join(directory, name)));

const nameOf = (node: ESTree.ModuleExportName): string => (node.type === 'Literal' ? node.value : node.name);

/** What is taken out of `await import(…)`: a member, the members of a pattern, or everything. */
const takenFrom = (ancestors: readonly Node[]): readonly string[] => {
  const [awaited, user] = ancestors;
  if (awaited?.type !== 'AwaitExpression') return ['*'];
  if (user?.type === 'MemberExpression' && user.object === awaited && user.property.type === 'Identifier')
    return [user.property.name];
  if (user?.type !== 'VariableDeclarator' || user.id.type !== 'ObjectPattern') return ['*'];
  return user.id.properties.map((property) =>
    property.type === 'Property' && property.key.type === 'Identifier' ? property.key.name : '*',
  );
};

/** Every import and re-export of another file of the project. */
export const importsOf = (file: SourceFile): Import[] => {
  const found: Import[] = [];
  const add = (
    specifier: ESTree.Expression | ESTree.TSLiteral | undefined,
    names: readonly string[],
  ): void => {
    // Without `?text`, by which a file is taken as it stands.
    const text = specifier?.type === 'Literal' ? String(specifier.value).replace(/\?.*$/, '') : '';
    const to = relative(root, resolve(root, dirname(file.path), text));
    if (text.startsWith('.') && existsSync(join(root, to))) found.push({ from: file.path, to, names });
  };
  file.walk((node, ancestors) => {
    if (node.type === 'ImportDeclaration') {
      const names = node.specifiers.map((one) => {
        if (one.type === 'ImportDefaultSpecifier') return 'default';
        return one.type === 'ImportSpecifier' ? nameOf(one.imported) : '*';
      });
      add(node.source, names);
    } else if (node.type === 'ExportNamedDeclaration' && node.source) {
      add(
        node.source,
        node.specifiers.map(({ local }) => nameOf(local)),
      );
    } else if (node.type === 'ExportAllDeclaration') {
      add(node.source, ['*']);
    } else if (node.type === 'ImportExpression') {
      add(node.source, takenFrom(ancestors));
    } else if (node.type === 'TSImportType') {
      const { qualifier } = node;
      add(node.source, [qualifier?.type === 'Identifier' ? qualifier.name : '*']);
    }
  });
  return found;
};

const declared = (node: ESTree.Declaration): string[] => {
  if (node.type !== 'VariableDeclaration')
    return 'id' in node && node.id?.type === 'Identifier' ? [node.id.name] : [];
  return node.declarations.flatMap(({ id }) => namesIn(id));
};
const namesIn = (pattern: ESTree.BindingPattern): string[] => {
  if (pattern.type === 'Identifier') return [pattern.name];
  if (pattern.type === 'AssignmentPattern') return namesIn(pattern.left);
  if (pattern.type === 'ArrayPattern')
    return pattern.elements.flatMap((one) =>
      one === null || one.type === 'RestElement' ? [] : namesIn(one),
    );
  return pattern.properties.flatMap((one) => (one.type === 'RestElement' ? [] : namesIn(one.value)));
};

/** The names that a file exports; `export * from` stands for none of its own. */
export const exportsOf = (file: SourceFile): string[] =>
  file.program.body.flatMap((node) => {
    if (node.type === 'ExportDefaultDeclaration') return ['default'];
    if (node.type !== 'ExportNamedDeclaration') return [];
    return [
      ...(node.declaration ? declared(node.declaration) : []),
      ...node.specifiers.map(({ exported }) => nameOf(exported)),
    ];
  });

/** Every function with a body, with the name that it is known by, and its length in lines. */
export const functionsOf = (file: SourceFile): { readonly name: string; readonly lines: number }[] => {
  const found: { name: string; lines: number }[] = [];
  file.walk((node, ancestors) => {
    if (
      node.type !== 'FunctionDeclaration' &&
      node.type !== 'FunctionExpression' &&
      node.type !== 'ArrowFunctionExpression'
    )
      return;
    found.push({
      name: functionName(node, ancestors),
      lines: file.line(node.end) - file.line(node.start) + 1,
    });
  });
  return found;
};
const functionName = (node: Node, ancestors: readonly Node[]): string => {
  if ('id' in node && node.id !== null && 'name' in node.id) return node.id.name;
  for (const owner of ancestors) {
    if (owner.type === 'VariableDeclarator' && owner.id.type === 'Identifier') return owner.id.name;
    if ((owner.type === 'MethodDefinition' || owner.type === 'Property') && owner.key.type === 'Identifier')
      return owner.key.name;
    if (owner.type === 'FunctionDeclaration') return `${owner.id?.name ?? 'default'} (inner)`;
  }
  return 'anonymous';
};

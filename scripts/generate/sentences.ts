/**
 * Writes the sentences of each kind of problem for its error page, so that a search for a sentence finds the page. They
 * are extracted from the sources; interpolated values become `…`. With `--check`, reports whether the file is up to
 * date.
 */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { PROBLEMS } from '../../server/problems/problems.ts';
import { root, say } from '../paths.ts';

const FILE = 'docs-site/sentences.json';
/** Reasons for refusing a module or a policy are written in the runtime. */
const FOLDERS = ['server', 'olin'];
const HOLE = '…';
/** Maximum depth of calls through which a sentence is followed. */
const DEPTH = 4;
/** Maximum number of sentences generated from one template. */
const MAX_SENTENCES = 48;

const files = (
  await Promise.all(
    FOLDERS.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true }))
        .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|conformance/.test(path))
        .map((path) => join(root, folder, path)),
    ),
  )
).flat();
const sources = await Promise.all(
  files
    .toSorted()
    .map(async (path) =>
      ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest, true),
    ),
);
const calls = indexCalls();
const sentences = new Map<string, Set<string>>();
for (const source of sources) visit(source, collect);
const text = `${JSON.stringify(
  {
    ' generated': 'by scripts/generate/sentences.ts, from the sources of server and olin',
    ...Object.fromEntries(
      Object.keys(PROBLEMS).map((code) => [code, [...(sentences.get(code) ?? [])].toSorted()]),
    ),
  },
  null,
  2,
)}\n`;
if (!process.argv.includes('--check')) await writeFile(join(root, FILE), text);
else if ((await readFile(join(root, FILE), 'utf8').catch(() => '')) !== text) {
  say(`${FILE} is not up to date; run node scripts/generate/sentences.ts.`);
  process.exitCode = 1;
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  node.forEachChild((child) => visit(child, see));
}

function collect(node: ts.Node): void {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return;
  const [code, detail] = node.arguments ?? [];
  if (code === undefined || detail === undefined) return;
  const kind = node.expression.text;
  if (kind !== 'ProblemError' && kind !== 'InputError') return;
  for (const each of textsOf(code, DEPTH)) {
    const problem = kind === 'ProblemError' ? each : refusalOf(each);
    const known = sentences.get(problem) ?? new Set();
    sentences.set(problem, known);
    // Skips sentences that consist only of an interpolated value.
    for (const one of textsOf(detail, DEPTH)) if (/\p{L}{3}/u.test(one)) known.add(one);
  }
}

/** Problem codes of refused uploads, by the runtime's error. */
function refusalOf(code: string): string {
  return code === 'bad-policy' ? 'policy-refused' : 'module-refused';
}

/** Calls by function name, to find where a sentence is written. */
function indexCalls(): ReadonlyMap<string, ts.CallExpression[]> {
  const byName = new Map<string, ts.CallExpression[]>();
  for (const source of sources) {
    visit(source, (node) => {
      if (!ts.isCallExpression(node)) return;
      const callee = ts.isPropertyAccessExpression(node.expression)
        ? node.expression.name
        : node.expression;
      if (!ts.isIdentifier(callee)) return;
      byName.set(callee.text, [...(byName.get(callee.text) ?? []), node]);
    });
  }
  return byName;
}

/** Returns every text that an expression may evaluate to. */
function textsOf(node: ts.Expression, depth: number): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) {
    return textsOf(node.expression, depth);
  }
  if (ts.isConditionalExpression(node)) {
    return [...textsOf(node.whenTrue, depth), ...textsOf(node.whenFalse, depth)];
  }
  if (ts.isTemplateExpression(node)) return textsOfTemplate(node, depth);
  if (ts.isIdentifier(node) && depth > 0) return textsOfName(node, depth - 1);
  return [HOLE];
}

/** Interpolated values are resolved if the source states them; otherwise they become a hole. */
function textsOfTemplate(node: ts.TemplateExpression, depth: number): string[] {
  const passed = node.templateSpans.map(({ expression }) => parameterOf(expression));
  const [first, second] = passed.filter((each) => each !== undefined);
  // The arguments of one call are combined only with each other.
  const argumentLists = second === undefined ? undefined : argumentsOf(first?.scope);
  if (argumentLists === undefined) return fill(node, (each) => textsOf(each, depth));
  return argumentLists.flatMap((all) =>
    fill(node, (_each, i) => {
      const at = passed[i]?.at;
      const argument = at === undefined ? undefined : all[at];
      return argument === undefined ? [HOLE] : textsOf(argument, depth - 1);
    }),
  );
}

function fill(
  node: ts.TemplateExpression,
  read: (each: ts.Identifier, at: number) => string[],
): string[] {
  let texts = [node.head.text];
  for (const [at, { expression, literal }] of node.templateSpans.entries()) {
    const inner = ts.isIdentifier(expression) ? read(expression, at) : [HOLE];
    const parts = inner.length * texts.length > MAX_SENTENCES ? [HOLE] : inner;
    texts = texts.flatMap((text) => parts.map((part) => text + part + literal.text));
  }
  return texts;
}

interface Parameter {
  readonly scope: ts.SignatureDeclaration;
  readonly at: number;
}

/** Returns the parameter that a name refers to, if any. */
function parameterOf(node: ts.Expression): Parameter | undefined {
  if (!ts.isIdentifier(node)) return undefined;
  for (let scope: ts.Node = node.parent; !ts.isSourceFile(scope); scope = scope.parent) {
    if (declared(scope, node.text, 0).length > 0) return undefined;
    if (!ts.isFunctionLike(scope)) continue;
    const at = scope.parameters.findIndex(
      ({ name }) => ts.isIdentifier(name) && name.text === node.text,
    );
    if (at >= 0) return { scope, at };
  }
  return undefined;
}

function textsOfName(node: ts.Identifier, depth: number): string[] {
  const parameter = parameterOf(node);
  if (parameter !== undefined) {
    const passed = argumentsOf(parameter.scope).flatMap((all) => all[parameter.at] ?? []);
    return passed.length === 0 ? [HOLE] : passed.flatMap((each) => textsOf(each, depth));
  }
  for (let scope: ts.Node = node.parent; ; scope = scope.parent) {
    const found = declared(scope, node.text, depth);
    if (found.length > 0) return found;
    if (ts.isSourceFile(scope)) return [HOLE];
  }
}

/** Returns the initial value of a name declared in this scope. */
function declared(scope: ts.Node, name: string, depth: number): string[] {
  if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) return [];
  return scope.statements
    .filter((each) => ts.isVariableStatement(each))
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .filter((each) => ts.isIdentifier(each.name) && each.name.text === name)
    .flatMap(({ initializer, parent }) =>
      // Reassignable variables have no known value.
      initializer === undefined || (parent.flags & ts.NodeFlags.Const) === 0
        ? [HOLE]
        : textsOf(initializer, depth),
    );
}

/** Returns the calls of a function, in other files too if it is exported. */
function argumentsOf(scope: ts.SignatureDeclaration | undefined): readonly ts.Expression[][] {
  if (scope === undefined) return [];
  const isExported = scope.getText().startsWith('export') || ts.isClassLike(scope.parent);
  return (calls.get(nameOf(scope) ?? '') ?? [])
    .filter((call) => isExported || call.getSourceFile() === scope.getSourceFile())
    .map(({ arguments: all }) => [...all]);
}

function nameOf(scope: ts.SignatureDeclaration): string | undefined {
  if (scope.name !== undefined && ts.isIdentifier(scope.name)) return scope.name.text;
  const { parent } = scope;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)
    ? parent.name.text
    : undefined;
}

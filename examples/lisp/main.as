// A small Lisp: numbers, define, lambda, if, let and arithmetic. Standard input is the program; each value is printed.
//     (define fact (lambda (n) (if (< n 2) 1 (* n (fact (- n 1))))))
//     (fact 10)
import { exit, stderr, stdin, stdout } from 'olin';

/** A program or a value: a number, a name, a list, or a function. */
abstract class Value {
  show(): string {
    return '()';
  }
}
class Num extends Value {
  constructor(readonly value: f64) {
    super();
  }
  show(): string {
    const whole = <i64>this.value;
    return <f64>whole == this.value ? whole.toString() : this.value.toString();
  }
}
class Name extends Value {
  constructor(readonly text: string) {
    super();
  }
  show(): string {
    return this.text;
  }
}
class List extends Value {
  items: Value[] = [];
  show(): string {
    return '(' + this.items.map<string>((item: Value): string => item.show()).join(' ') + ')';
  }
}
class Lambda extends Value {
  constructor(readonly names: List, readonly body: Value, readonly scope: Scope) {
    super();
  }
  show(): string {
    return '#lambda ' + this.names.show();
  }
}

/** Names and their values. Unknown names are looked up in the enclosing scope. */
class Scope {
  private values: Map<string, Value> = new Map();
  constructor(private readonly outer: Scope | null) {}
  set(name: string, value: Value): void {
    this.values.set(name, value);
  }
  get(name: string): Value {
    if (this.values.has(name)) return this.values.get(name);
    const outer = this.outer;
    if (outer === null) return fail(`${name} is not defined`);
    return outer.get(name);
  }
}

function fail(message: string): Value {
  stderr.write(message + '\n');
  exit(1);
  return new List();
}

// ---- Reader: text to values.

const tokens = stdin.readText().replaceAll('(', ' ( ').replaceAll(')', ' ) ').replaceAll('\n', ' ').split(' ');
let at = 0;

/** The next token; empty at the end. */
function next(): string {
  while (at < tokens.length && tokens[at] == '') at++;
  return at < tokens.length ? tokens[at++] : '';
}

function read(token: string): Value {
  if (token == ')') return fail('a ) too many');
  if (token != '(') {
    const value = parseFloat(token);
    return isNaN(value) ? new Name(token) : new Num(value);
  }
  const list = new List();
  for (let inside = next(); inside != ')'; inside = next()) {
    if (inside == '') return fail('a ) is missing');
    list.items.push(read(inside));
  }
  return list;
}

// ---- Evaluator: a name is replaced by its value, a list is a call.

function evaluate(value: Value, scope: Scope): Value {
  if (value instanceof Name) return scope.get((value as Name).text);
  if (!(value instanceof List)) return value;
  const items = (value as List).items;
  if (items.length == 0) return value;
  const first = items[0];
  const word = first instanceof Name ? (first as Name).text : '';
  if (word == 'define' && items.length == 3) {
    scope.set(items[1].show(), evaluate(items[2], scope));
    return items[1];
  }
  if (word == 'lambda' && items.length == 3) return new Lambda(items[1] as List, items[2], scope);
  if (word == 'if' && items.length == 4) {
    return evaluate(number(evaluate(items[1], scope)) != 0 ? items[2] : items[3], scope);
  }
  const values: Value[] = [];
  for (let i = 1; i < items.length; i++) values.push(evaluate(items[i], scope));
  if (word.length == 1 && '+-*/<='.includes(word)) return calculate(word, values);
  const called = evaluate(first, scope);
  if (!(called instanceof Lambda)) return fail(`${first.show()} is no function`);
  return call(called as Lambda, values);
}

function call(lambda: Lambda, values: Value[]): Value {
  const names = lambda.names.items;
  if (names.length != values.length) return fail(`${lambda.show()} takes ${names.length} values, not ${values.length}`);
  const inner = new Scope(lambda.scope);
  for (let i = 0; i < names.length; i++) inner.set(names[i].show(), values[i]);
  return evaluate(lambda.body, inner);
}

function calculate(sign: string, values: Value[]): Value {
  if (values.length == 0) return fail(`${sign} needs values`);
  let result = number(values[0]);
  if (values.length == 1 && sign == '-') return new Num(-result);
  for (let i = 1; i < values.length; i++) {
    const other = number(values[i]);
    if (sign == '+') result += other;
    else if (sign == '-') result -= other;
    else if (sign == '*') result *= other;
    else if (sign == '/') result /= other;
    else return new Num(<f64>(sign == '<' ? result < other : result == other)); // 1 is true, 0 is false
  }
  return new Num(result);
}

function number(value: Value): f64 {
  if (!(value instanceof Num)) fail(`${value.show()} is no number`);
  return (value as Num).value;
}

const everywhere = new Scope(null);
for (let token = next(); token != ''; token = next()) {
  stdout.write(evaluate(read(token), everywhere).show() + '\n');
}

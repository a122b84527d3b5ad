import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRefusedPart } from './guest-statements.ts';

test('statements that read and write rows are allowed', () => {
  for (const text of [
    'select 1',
    `select count(*) from calls where name = 'it''s; reset role' -- so`,
    'with made as (insert into calls (id) values ($1) returning id) select id from made;',
    `update executions set log = $1::jsonb where id = any($2) and day = date '2026-11-28'`,
    'delete from run_days; select now()',
    '(select id from calls limit 1) union all (select id from calls)',
    `select 1 as "Any Name", 'é' as other -- é`,
    'insert into calls as known (id) select * from unnest($1::uuid[]) as given (id)',
  ]) {
    assert.equal(findRefusedPart(text), undefined, text);
  }
});

test('statements that could change a role, execute text, or hide another statement are refused', () => {
  const refused: readonly [text: string, part: string][] = [
    ['reset role', 'reset'],
    ['select 1; set role postgres', 'set'],
    [`select set_config('role', 'x', false)`, 'set_config('],
    [`select pg_catalog . "set_config" ('role', 'x', false)`, '"set_config"('],
    [`select "SET_CONFIG"(1)`, '"set_config"('],
    ['select set_config -- a comment\n (1)', 'set_config('],
    ['select -- \r reset_it()', 'reset_it('],
    [`select e'\\'; reset role --'`, `e''`],
    ['select U&"a"', '&"a"'],
    ['select $$ a $$', '$'],
    ['select $a$ a $a$', '$'],
    ['select /* a */ 1', '/*'],
    [`select 'open`, `'`],
    ['select "open', '"'],
    ['select 1 into handlers', 'into'],
    ['select é()', 'é'],
    ['select\u00a01', '\u00a0'],
    ["do ''", 'do'],
    ['(reset role)', 'reset'],
    ['explain analyze select 1', 'explain'],
  ];
  for (const [text, part] of refused) {
    const found = findRefusedPart(text);
    assert.ok(found !== undefined, text);
    assert.ok(found.toLowerCase().startsWith(part.slice(0, 2).toLowerCase()), `${text}: ${found}`);
  }
});

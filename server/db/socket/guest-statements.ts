/**
 * The statements that a process with guests may send to the embedded database: reads and writes of rows, with listed
 * functions.
 *
 * A role does not bound a client that may change it, and PGlite's session can: by SET and RESET, by `set_config`, and by
 * whatever runs a text as a statement (DO, EXECUTE, `query_to_xml`). So what may begin a statement and what may be
 * called is listed, and everything else is refused. A list of what is dangerous would miss some.
 */

/** What a statement may begin with. */
const BEGINNINGS: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'with']);

/** Words that may stand before a parenthesis. None of the tables and aliases is the name of a function. */
const CALLABLE: ReadonlySet<string> = new Set(
  [
    // Functions, of which none runs a text, changes a setting, reads a file or waits.
    `abs array_agg array_length cardinality coalesce count current_database date_part date_trunc decode extract floor
     gen_random_uuid greatest json_to_recordset jsonb_agg jsonb_build_object jsonb_to_recordset least left length lower
     make_interval max min now nullif pg_advisory_xact_lock pg_current_xact_id pg_notify power random right round sum
     to_jsonb to_regclass unnest version`,
    // Keywords.
    `all and any as by case cast conflict else exists filter from in interval key materialized not on or over select then
     using values when where`,
    // Tables, and aliases that have a list of columns.
    `caller_days calls day executions given item known module_standings run run_days standing usage_days`,
    // Of pg-boss.
    `job job_common job_now x`,
  ].flatMap((words) => words.trim().split(/\s+/)),
);

/** In order: white space and comments, text, a name in quotes, a parameter, a word, a number, anything else. */
const TOKEN =
  /((?:[ \t\n\r\f\v]|--[^\n\r]*)+)|('(?:[^']|'')*')|("(?:[^"]|"")*")|(\$\d+)|([A-Za-z_][\w$]*)|(\d[\d.]*)|([^])/g;

/**
 * Words that no statement of an executor has. A temporary table would hide the table of the same name from every
 * client, and an update of `pg_settings` changes settings as SET does.
 */
const FORBIDDEN = /^(?:temp|temporary|unlogged|pg_temp.*|pg_settings)$/i;

/** Begin a text or a comment of another form, or are part of a name: `$$`, an open quote, NUL, letters past ASCII. */
const REFUSED = /^[$'"\\\0\u0080-\uffff]$/;

/** Returns a part of the text that is not allowed; undefined if all of it is. Reads it as PostgreSQL's scanner does. */
export function findRefusedPart(text: string): string | undefined {
  let isBeginning = true;
  let previous = '';
  let isAdjacent = false;
  for (const token of text.matchAll(TOKEN)) {
    const [all, space, string, quoted, , word] = token;
    if (space !== undefined) {
      isAdjacent = false;
      continue;
    }
    const lower = word?.toLowerCase();
    // A statement may begin in parentheses.
    if (isBeginning && (all === '(' || all === ';')) continue;
    if (isBeginning && !BEGINNINGS.has(lower ?? '')) return all;
    // A prefix changes how a text or a name is read: E'', U&"".
    const isPrefixed = isAdjacent && /[\w$&]$/.test(previous);
    if ((string ?? quoted) !== undefined && isPrefixed) return previous + all;
    if (REFUSED.test(all) || FORBIDDEN.test(nameOf(all))) return all;
    // Read as an escape if a session turned `standard_conforming_strings` off.
    if (string?.includes('\\') === true) return string;
    if (all === '*' && previous === '/' && isAdjacent) return '/*';
    // SELECT INTO makes a table.
    if (lower === 'into' && previous !== 'insert') return all;
    if (all === '(' && /^["A-Za-z_]/.test(previous) && !CALLABLE.has(nameOf(previous))) {
      return `${previous}(`;
    }
    isBeginning = all === ';';
    previous = lower ?? all;
    isAdjacent = true;
  }
  return undefined;
}

/** A quoted name keeps its case. */
function nameOf(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token;
}

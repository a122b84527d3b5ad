/**
 * Checks the statements that a process with guests sends to the embedded database: only reads and writes of rows are
 * allowed, with a list of functions.
 *
 * A role does not restrict a client that can change it, which is possible in PGlite's session: with SET, RESET and
 * `set_config`, and with whatever executes text as a statement (DO, EXECUTE, `query_to_xml`). So the words that may
 * begin a statement and the functions that may be called are listed, and everything else is refused. A list of
 * dangerous functions would be incomplete.
 */

/** Words that may begin a statement. */
const BEGINNINGS: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'with']);

/** Words that may precede a parenthesis. No table or alias has the name of a function. */
const CALLABLE: ReadonlySet<string> = new Set(
  [
    // Functions. None of them executes text, changes a setting, reads a file or waits.
    `abs add_durations array_agg array_length cardinality coalesce count current_database date_bin date_part date_trunc
     decode extract floor gen_random_uuid greatest json_to_recordset jsonb_agg jsonb_array_elements jsonb_build_object
     jsonb_object_agg jsonb_to_recordset least left length ln lower make_interval max min now nullif pg_advisory_xact_lock
     pg_current_xact_id pg_notify power random right round string_agg sum to_jsonb to_regclass to_timestamp token_owner
     unnest version`,
    // Keywords.
    `all and any as by case cast conflict else exists filter from in interval key materialized not on or over select then
     using values when where`,
    // Tables, and aliases with a list of columns.
    `caller_days calls day executions given item known lines module_standings run run_days standing usage_days`,
    // Tables and aliases of pg-boss.
    `job job_common job_now x`,
  ].flatMap((words) => words.trim().split(/\s+/)),
);

/** In order: white space and comments, text, a name in quotes, a parameter, a word, a number, anything else. */
const TOKEN =
  /((?:[ \t\n\r\f\v]|--[^\n\r]*)+)|('(?:[^']|'')*')|("(?:[^"]|"")*")|(\$\d+)|([A-Za-z_][\w$]*)|(\d[\d.]*)|([^])/g;

/**
 * Words that no statement of an executor contains. A temporary table would hide the table of the same name from every
 * client, and an update of `pg_settings` changes settings like SET.
 */
const FORBIDDEN = /^(?:temp|temporary|unlogged|pg_temp.*|pg_settings)$/i;

/**
 * Characters that begin another form of text or comment, or belong to a name: `$$`, an open quote, NUL, letters outside
 * ASCII.
 */
const REFUSED = /^[$'"\\\0\u0080-\uffff]$/;

/**
 * Returns a part of the text that is not allowed; undefined if all parts are allowed. Tokenizes like PostgreSQL's
 * scanner.
 */
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
    // A prefix changes how a string or a name is parsed: E'', U&"".
    const isPrefixed = isAdjacent && /[\w$&]$/.test(previous);
    if ((string ?? quoted) !== undefined && isPrefixed) return previous + all;
    if (REFUSED.test(all) || FORBIDDEN.test(nameOf(all))) return all;
    // A backslash is an escape if a session has turned `standard_conforming_strings` off.
    if (string?.includes('\\') === true) return string;
    if (all === '*' && previous === '/' && isAdjacent) return '/*';
    // SELECT INTO creates a table.
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

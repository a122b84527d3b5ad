/** The CGI variables, for the page about CGI. The test beside this file compares the names with the runtime. */
export interface Variable {
  readonly name: string;
  readonly doc: string;
}

/** RFC 3875 section 4.1, variables that servers commonly add, and Olin's own `RUN_ID`, `WORKER_ID` and `HANDLER_ID`. */
export const VARIABLES: readonly Variable[] = [
  { name: 'REQUEST_METHOD', doc: 'The method, such as `GET`.' },
  { name: 'REQUEST_URI', doc: 'Path and query of the URL, unchanged.' },
  { name: 'SCRIPT_NAME', doc: 'The part of the path that names the handler; often empty.' },
  { name: 'PATH_INFO', doc: 'The rest of the path, decoded. `%2F` and `%00` are not decoded.' },
  {
    name: 'QUERY_STRING',
    doc: 'The query, without the question mark and not decoded. Empty if there is none.',
  },
  { name: 'CONTENT_TYPE', doc: 'The header `Content-Type`. Absent if the request has none.' },
  { name: 'CONTENT_LENGTH', doc: 'The length of the body in bytes. Absent if it is not known.' },
  { name: 'SERVER_NAME', doc: 'The host of the URL.' },
  { name: 'SERVER_PORT', doc: 'The port of the URL.' },
  { name: 'SERVER_PROTOCOL', doc: 'Always `HTTP/1.1`.' },
  { name: 'SERVER_SOFTWARE', doc: '`Olin/` and the version of the runtime.' },
  { name: 'GATEWAY_INTERFACE', doc: 'Always `CGI/1.1`.' },
  { name: 'REMOTE_ADDR', doc: 'The IP address of the caller.' },
  { name: 'REMOTE_HOST', doc: 'The same IP address: host names are not looked up.' },
  { name: 'HTTPS', doc: '`on` if the URL is https. Absent otherwise.' },
  {
    name: 'HTTP_*',
    doc: 'One variable per request header: its name in upper case, hyphens as underscores.',
  },
  { name: 'RUN_ID', doc: 'The id of the run.' },
  { name: 'WORKER_ID', doc: 'The id of the worker that runs the handler.' },
  { name: 'HANDLER_ID', doc: 'The id of the handler.' },
];

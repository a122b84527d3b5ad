/** The variables of one real request, as the runtime makes them, with a word on each. */
export interface Variable {
  readonly name: string;
  readonly doc: string;
}

/** What each variable holds: RFC 3875 section 4.1, and the three that are Olin's own. */
export const VARIABLES: readonly Variable[] = [
  { name: 'REQUEST_METHOD', doc: 'The method.' },
  { name: 'REQUEST_URI', doc: 'Path and query as they stand in the URL.' },
  { name: 'SCRIPT_NAME', doc: 'The part of the path that names the handler.' },
  { name: 'PATH_INFO', doc: 'The rest of the path, decoded. `%2F` and `%00` stay as written.' },
  {
    name: 'QUERY_STRING',
    doc: 'What follows the question mark, not decoded. Empty where there is none.',
  },
  { name: 'CONTENT_TYPE', doc: 'The type of the body, where the request says.' },
  { name: 'CONTENT_LENGTH', doc: 'The bytes of the body, where that is known.' },
  { name: 'SERVER_NAME', doc: 'The host of the URL.' },
  { name: 'SERVER_PORT', doc: 'Its port.' },
  { name: 'SERVER_PROTOCOL', doc: 'The protocol of the request.' },
  { name: 'SERVER_SOFTWARE', doc: 'The runtime and its version.' },
  { name: 'GATEWAY_INTERFACE', doc: 'The version of CGI.' },
  { name: 'REMOTE_ADDR', doc: 'The address of the caller.' },
  { name: 'REMOTE_HOST', doc: 'The same: names are not looked up.' },
  { name: 'HTTPS', doc: 'Set to `on` where the URL is https.' },
  { name: 'HTTP_*', doc: 'Each request header: upper case, dashes as underscores.' },
  { name: 'RUN_ID', doc: 'Names this one run.' },
  { name: 'WORKER_ID', doc: 'Names the worker that runs it.' },
  { name: 'HANDLER_ID', doc: 'Names the handler.' },
];

// The Olin library for AssemblyScript: `import { stdout, Request, Response } from 'olin';`
export { Stream, decode, encode, stderr, stdin, stdout } from './stream';
export { args, env, envOr, exit, log, now, random, runtimeName, sleep } from './system';
export { Request, Response, decodeField, escapeHtml, findField, quoteJson } from './cgi';
export { Reply, get, post, send } from './http';

/** Public interface of the API client that the CLI and the panel use. */
export { createApi, isAbort, take, type Api, type ClientOptions } from './api.ts';
export { ApiError, UnreachableError, type ApiProblem } from './errors.ts';
export { parseEnvFile } from './env-file.ts';
export { readBill, type CallBill } from './bill.ts';
export { followExecutions, type TailFilter } from './tail.ts';
export type * from './views.ts';

/** Names for the response bodies of the API. */
import type { operations } from './schema.ts';

/** The body of an operation's 200 or 201 response. */
type ResponseBody<Name extends keyof operations> =
  operations[Name]['responses'] extends infer Responses
    ? {
        [Status in keyof Responses]: Status extends 200 | 201
          ? Responses[Status] extends { content: { 'application/json': infer Body } }
            ? Body
            : never
          : never;
      }[keyof Responses]
    : never;

export type Whoami = ResponseBody<'get_whoami'>;
export type ApiHandler = ResponseBody<'get_handlers_by_handler'>;
export type ApiVersion = ResponseBody<'get_handlers_by_handler_versions_by_version'>;
export type DeploymentResult = ResponseBody<'post_deployments'>;
export type DeploymentForm =
  operations['post_deployments']['requestBody']['content']['multipart/form-data']['deployment'];
export type ApiExecution = ResponseBody<'get_executions'>['items'][number];
export type ApiExecutionDetail = ResponseBody<'get_executions_by_execution'>;
export type ApiTracedCall = NonNullable<ApiExecutionDetail['trace']>[number];
export type ApiToken = ResponseBody<'get_tokens'>['items'][number];
export type ApiApplication = ResponseBody<'get_applications'>['items'][number];
export type ApiUser = ResponseBody<'get_users_by_user'>;
export type ApiTier = ResponseBody<'get_tiers'>['tiers'][number];
export type ApiUsageDay = ResponseBody<'get_usage'>['days'][number];
export type ApiStatistics = ResponseBody<'get_statistics'>;
export type ApiLimits = ResponseBody<'get_limits'>;
export type ApiActivation = ResponseBody<'get_handlers_by_handler_activations'>['items'][number];
export type ConfigKeys = ResponseBody<'get_handlers_by_handler_config'>;
export type ApiAuditEvent = ResponseBody<'get_audit'>['items'][number];
export type PolicyCheck = ResponseBody<'post_policy_check'>;
/** The result of checking a module before it is uploaded. */
export type ApiModuleReport = ResponseBody<'post_modules_check'>;
export type TokenScope =
  operations['post_tokens']['requestBody']['content']['application/json']['scopes'][number];

export type ApiExecutionStatus = ApiExecution['status'];

/** What the API gives back, by name. */
import type { operations } from './schema.ts';

/** The body of an endpoint's answer where all goes well. */
type Answer<Name extends keyof operations> = operations[Name]['responses'] extends infer Responses
  ? {
      [Status in keyof Responses]: Status extends 200 | 201
        ? Responses[Status] extends { content: { 'application/json': infer Body } }
          ? Body
          : never
        : never;
    }[keyof Responses]
  : never;

export type Whoami = Answer<'get_whoami'>;
export type Handler = Answer<'get_handlers_by_handler'>;
export type Version = Answer<'get_handlers_by_handler_versions_by_version'>;
export type Deployed = Answer<'post_deployments'>;
export type DeploymentForm =
  operations['post_deployments']['requestBody']['content']['multipart/form-data']['deployment'];
export type Execution = Answer<'get_executions'>['items'][number];
export type ExecutionDetail = Answer<'get_executions_by_execution'>;
export type TracedCall = NonNullable<ExecutionDetail['trace']>[number];
export type Token = Answer<'get_tokens'>['items'][number];
export type Application = Answer<'get_applications'>['items'][number];
export type User = Answer<'get_users_by_user'>;
export type Tier = Answer<'get_tiers'>['tiers'][number];
export type UsageDay = Answer<'get_usage'>['days'][number];
export type Statistics = Answer<'get_statistics'>;
export type Limits = Answer<'get_limits'>;
export type Activation = Answer<'get_handlers_by_handler_activations'>['items'][number];
export type ConfigKeys = Answer<'get_handlers_by_handler_config'>;
export type AuditEvent = Answer<'get_audit'>['items'][number];
export type PolicyCheck = Answer<'post_policy_check'>;
/** What a module was found to be, before it is uploaded. */
export type ModuleReport = Answer<'post_modules_check'>;
export type TokenScope =
  operations['post_tokens']['requestBody']['content']['application/json']['scopes'][number];

export type ExecutionStatus = Execution['status'];

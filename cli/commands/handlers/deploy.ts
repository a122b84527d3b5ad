import { createHash } from 'node:crypto';
import { take, type Api } from '../../../client/api.ts';
import { ApiError } from '../../../client/errors.ts';
import type { ApiHandler, ApiVersion } from '../../../client/views.ts';
import { waitForAnswer } from '../../handler/deploy/answering.ts';
import {
  describeDeployed,
  describeFailure,
  describeSuperseded,
} from '../../handler/deploy/deploy-text.ts';
import { defineCommand } from '../../parser/command.ts';
import type { Context } from '../../context.ts';
import {
  readConfiguration,
  readModule,
  readPolicy,
  type HandlerFields,
} from '../../handler/deploy/deployment.ts';
import { UsageError } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { isHandlerName, NAME_FORM } from '../../handler/handler-name.ts';
import { curlLine } from '../../handler/handlers.ts';
import { authorizationFor } from '../../handler/private-call.ts';
import { formatBytes } from '../../../olin/quantities.ts';
import { text } from '../../terminal/text.ts';
import { checkModuleSize } from '../../handler/deploy/module-size.ts';
import { sendDeployment } from '../../handler/deploy/upload.ts';

export const command = defineCommand({
  summary: 'Deploy a handler',
  description:
    'Builds the project and deploys the module, policy, settings and configuration together: if anything is refused, or the command is interrupted, nothing changes. Then waits until the executors use the new version, calls the handler once with GET, and prints a curl command. A module that is already active is not uploaded again.',
  arguments: {
    module: {
      value: 'MODULE',
      description: 'The module to deploy. Default: the one that the project builds.',
      optional: true,
    },
  },
  options: {
    name: {
      kind: 'text',
      short: 'n',
      value: 'NAME',
      description:
        'The handler. Default: TRISIEL_NAME, then `name` in trisiel.toml. Otherwise you are prompted, or a name is generated.',
    },
    description: { kind: 'text', value: 'TEXT', description: 'A description of the handler.' },
    mode: {
      kind: 'text',
      value: 'MODE',
      choices: ['sync', 'async'],
      description: 'Whether callers wait for the response.',
    },
    private: { kind: 'flag', description: 'Requires callers to send one of your tokens.' },
    public: { kind: 'flag', description: 'Lets anyone call the handler.' },
    policy: { kind: 'text', value: 'FILE', description: 'The policy file to apply.' },
    'env-file': {
      kind: 'list',
      value: 'FILE',
      description: 'Sets configuration from a .env file. Can be repeated.',
    },
    note: { kind: 'text', value: 'TEXT', description: 'A note about this version.' },
    'no-build': { kind: 'flag', description: 'Deploys the existing module without building.' },
    'no-activate': {
      kind: 'flag',
      description:
        'Uploads the version without activating it. Activate it with trisiel rollback --to.',
    },
    'no-wait': { kind: 'flag', description: 'Does not wait for the rollout or call the handler.' },
  },
  examples: [
    { line: 'trisiel deploy', what: 'Deploy the project in this folder.' },
    {
      line: 'trisiel deploy build/hello.wasm --name hello',
      what: 'Deploy a module without a project.',
    },
    { line: 'trisiel deploy --note "Answers in French" --json', what: 'Deploy from CI.' },
  ],
  json: 'an object: handler, version, created, uploaded (booleans), changed (an array of what changed), answer (httpStatus, executionId, status; or null), supersededBy (a version, if another deployment replaced this one meanwhile), curl.',
  exits: [...SERVER_EXITS, 'guest'],
  async run(context) {
    const { args, options, settings, out, progress, signal } = context;
    const project = await settings.project();
    // Validate all local input before sending anything.
    const api = await context.api();
    const policy = await readPolicy(context, project, options.policy);
    const configuration = await readConfiguration(context, project, options['env-file']);
    const bytes = await readModule(context, project, {
      module: args.module,
      builds: !options['no-build'],
    });
    const fields = fieldsOf({
      description: options.description ?? project?.description,
      mode: options.mode ?? project?.mode,
      private: readPrivate(options.private, options.public) ?? project?.private,
      trace: project?.trace,
    });
    const named = await settings.name(options.name);
    const name = named === undefined ? await askName(context, api) : await settings.handler(named);
    const known = await findHandler(api, name);
    const same = await findSame(api, known, bytes);
    if (same === undefined) await checkModuleSize(api, bytes);
    const activate = !options['no-activate'];
    const wanted = {
      ...fields,
      ...(policy === undefined ? {} : { policy: policy.text }),
      ...(configuration.size === 0 ? {} : { configuration: Object.fromEntries(configuration) }),
    };
    let share = 0;
    const deployed = await progress.during(
      same === undefined ? `Uploading ${formatBytes(bytes.length)} …` : 'Deploying …',
      sendDeployment(api, {
        deployment: {
          ...wanted,
          name,
          activate,
          ...(options.note === undefined ? {} : { note: options.note }),
          ...(same === undefined ? {} : { version: same.number }),
        },
        module: same === undefined ? bytes : undefined,
        signal,
        onShare: (now) => (share = now),
      }),
      () => share,
    );
    const { handler, version, created, uploaded, changed } = deployed;
    const seen =
      options['no-wait'] || !version.active
        ? null
        : await progress.during(
            'Waiting for the response …',
            waitForAnswer(api, {
              handler,
              version: version.number,
              headers: await authorizationFor(context, handler),
              signal,
            }),
          );
    const superseded = seen !== null && 'supersededBy' in seen ? seen : undefined;
    const answer = seen === null || 'supersededBy' in seen ? null : seen;
    const curl = curlLine(handler);
    const result = {
      handler,
      version,
      created,
      uploaded,
      changed,
      answer,
      ...superseded,
      curl: curl.plain,
    };
    await out.give(result, () => [
      ...describeDeployed(deployed, [...configuration.keys()]),
      ...(version.active
        ? []
        : [text`Activate it: trisiel rollback ${handler.name} --to ${version.number}`]),
      ...(answer === null ? [] : [text`It responds: HTTP ${answer.httpStatus}.`]),
      ...(superseded === undefined ? [] : [describeSuperseded(deployed, superseded)]),
      text`\n  ${curl}`,
      ...(handler.private ? [text`  trisiel invoke ${handler.name}`] : []),
    ]);
    if (!activate && !created && Object.keys(wanted).length > 0) {
      await out.note(
        text`Policy, configuration and settings are unchanged, because of --no-activate.`,
      );
    }
    if (project !== undefined && named === undefined) {
      await out.note(
        text`To deploy to this handler again, add to ${project.path}: name = "${handler.name}"`,
      );
    }
    const failure = answer === null ? undefined : describeFailure(answer);
    if (failure === undefined) return 'ok';
    await out.warn(failure);
    return 'guest';
  },
});

/** Fields that neither an option nor the project sets are omitted. */
function fieldsOf(wanted: {
  [Name in keyof HandlerFields]: HandlerFields[Name] | undefined;
}): HandlerFields {
  const { description, mode, private: isPrivate, trace } = wanted;
  return {
    ...(description === undefined ? {} : { description }),
    ...(mode === undefined ? {} : { mode }),
    ...(isPrivate === undefined ? {} : { private: isPrivate }),
    ...(trace === undefined ? {} : { trace }),
  };
}

function readPrivate(isPrivate: boolean, isPublic: boolean): boolean | undefined {
  if (isPrivate && isPublic) throw new UsageError('Use --private or --public, not both.');
  return isPrivate ? true : isPublic ? false : undefined;
}

/** Asks for a name on an interactive terminal; otherwise the server generates one. */
async function askName({ ask }: Context, api: Api): Promise<string> {
  const { name } = await take(api.GET('/api/name'));
  if (!ask.isPossible) return name;
  return ask.line(
    'Name of the handler?',
    'Pass --name',
    (line) => (isHandlerName(line) ? undefined : `Use ${NAME_FORM}.`),
    name,
  );
}

async function findHandler(api: Api, name: string): Promise<ApiHandler | undefined> {
  try {
    return await take(api.GET('/api/handlers/{handler}', { params: { path: { handler: name } } }));
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 404) return undefined;
    throw error;
  }
}

/** Returns the active version if its module has the same bytes. */
async function findSame(
  api: Api,
  known: ApiHandler | undefined,
  bytes: Uint8Array,
): Promise<ApiVersion | undefined> {
  const { id, activeVersion = null } = known ?? {};
  if (id === undefined || activeVersion === null) return undefined;
  const version = await take(
    api.GET('/api/handlers/{handler}/versions/{version}', {
      params: { path: { handler: id, version: activeVersion } },
    }),
  );
  return version.digest === createHash('sha256').update(bytes).digest('hex') ? version : undefined;
}

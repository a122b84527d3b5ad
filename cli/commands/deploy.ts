import { createHash } from 'node:crypto';
import { take, type Api } from '../../client/api.ts';
import { ApiError } from '../../client/errors.ts';
import type { Handler, Version } from '../../client/views.ts';
import { waitForAnswer } from '../handler/deploy/answering.ts';
import { describeDeployed, describeSuperseded } from '../handler/deploy/deploy-text.ts';
import { defineCommand } from '../parser/command.ts';
import type { Context } from '../context.ts';
import {
  readConfiguration,
  readModule,
  readPolicy,
  type HandlerFields,
} from '../handler/deploy/deployment.ts';
import { UsageError } from '../errors.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { isHandlerName, NAME_FORM } from '../handler/handler-name.ts';
import { curlLine } from '../handler/handlers.ts';
import { authorizationFor } from '../handler/private-call.ts';
import { formatBytes } from '../../olin/quantities.ts';
import { text } from '../terminal/text.ts';
import { checkModuleSize } from '../handler/deploy/module-size.ts';
import { sendDeployment } from '../handler/deploy/upload.ts';

export const command = defineCommand({
  summary: 'Deploy a handler',
  description:
    'Builds the project, and switches the handler to the module, its policy, its settings and its configuration at one time: if anything is refused, or the command is stopped, nothing has changed. Then it asks the server whether the executors have taken the version over, and calls the handler once with GET. Ends with the line for curl. A module that answers already is not sent again.',
  arguments: {
    module: {
      value: 'MODULE',
      description: 'The module. Default: the one that trisiel.toml builds.',
      optional: true,
    },
  },
  options: {
    name: {
      kind: 'text',
      short: 'n',
      value: 'NAME',
      description:
        'The handler. Default: TRISIEL_NAME, `name` of trisiel.toml, else you are asked, or one is made up.',
    },
    description: { kind: 'text', value: 'TEXT', description: 'What it does.' },
    mode: {
      kind: 'text',
      value: 'MODE',
      choices: ['sync', 'async'],
      description: 'Whether callers wait for the reply.',
    },
    private: { kind: 'flag', description: 'Callers need a token of yours.' },
    public: { kind: 'flag', description: 'Callers need none.' },
    policy: { kind: 'text', value: 'FILE', description: 'The policy it runs under.' },
    'env-file': {
      kind: 'list',
      value: 'FILE',
      description: 'Sets configuration from a .env file. Can be given again.',
    },
    note: { kind: 'text', value: 'TEXT', description: 'What is new in this version.' },
    'no-build': { kind: 'flag', description: 'Takes the module as it is.' },
    'no-activate': {
      kind: 'flag',
      description:
        'Uploads, and leaves all that answers as it is. trisiel rollback --to activates the version.',
    },
    'no-wait': { kind: 'flag', description: 'Does not call the handler to see that it answers.' },
  },
  examples: [
    { line: 'trisiel deploy', what: 'What trisiel.toml says.' },
    { line: 'trisiel deploy build/hello.wasm --name hello', what: 'A module, without a project.' },
    { line: 'trisiel deploy --note "Answers in French" --json', what: 'From CI.' },
  ],
  json: 'an object: handler, version, created, uploaded (booleans), changed (an array of what is not as it was), answer (httpStatus, executionId, status; or null), supersededBy (a version, if another deploy came meanwhile), curl.',
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
            'Waiting for the answer …',
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
        : [text`Let it answer: trisiel rollback ${handler.name} --to ${version.number}`]),
      ...(answer === null ? [] : [text`It answers: HTTP ${answer.httpStatus}.`]),
      ...(superseded === undefined ? [] : [describeSuperseded(deployed, superseded)]),
      text`\n  ${curl}`,
      ...(handler.private ? [text`  trisiel invoke ${handler.name}`] : []),
    ]);
    if (!activate && !created && Object.keys(wanted).length > 0) {
      await out.note(
        text`Policy, configuration and settings are as they were: with --no-activate nothing changes that answers.`,
      );
    }
    if (project !== undefined && named === undefined) {
      await out.note(
        text`To deploy to it again, put this into ${project.path}: name = "${handler.name}"`,
      );
    }
    if (answer?.executionId == null || answer.status === null || answer.status === 'succeeded')
      return 'ok';
    await out.warn(
      text`the run of that call has the status ${answer.status}. See: trisiel execution ${answer.executionId}`,
    );
    return 'guest';
  },
});

/** Omitted if neither an option nor the project sets it. */
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
  if (isPrivate && isPublic) throw new UsageError('Say --private or --public, not both.');
  return isPrivate ? true : isPublic ? false : undefined;
}

/** Asks for a name on an interactive terminal; otherwise the server generates one. */
async function askName({ ask }: Context, api: Api): Promise<string> {
  const { name } = await take(api.GET('/api/name'));
  if (!ask.isPossible) return name;
  return ask.line(
    'What is the handler to be called?',
    'Say --name',
    (line) => (isHandlerName(line) ? undefined : `Use ${NAME_FORM}.`),
    name,
  );
}

async function findHandler(api: Api, name: string): Promise<Handler | undefined> {
  try {
    return await take(api.GET('/api/handlers/{handler}', { params: { path: { handler: name } } }));
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 404) return undefined;
    throw error;
  }
}

/** The version that answers, if it is this very module. */
async function findSame(
  api: Api,
  known: Handler | undefined,
  bytes: Uint8Array,
): Promise<Version | undefined> {
  const { id, activeVersion = null } = known ?? {};
  if (id === undefined || activeVersion === null) return undefined;
  const version = await take(
    api.GET('/api/handlers/{handler}/versions/{version}', {
      params: { path: { handler: id, version: activeVersion } },
    }),
  );
  return version.digest === createHash('sha256').update(bytes).digest('hex') ? version : undefined;
}

import { Type } from 'typebox';
import { CHANGES, type DeploymentOutcome } from '../../uploads/deployment.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { nullable, text } from '../../schemas.ts';
import type { Config } from '../../../config.ts';
import { ConfigValues } from '../config/resource.ts';
import { handlerFields, HandlerView, viewHandler } from '../handlers/resource.ts';
import { PolicyText } from '../policy/resource.ts';
import { VersionView, viewVersion } from '../versions/resource.ts';

export const DEPLOYMENTS: RouteGroup = {
  tag: 'Deployments',
  description: 'Changing everything about a handler at once, and the progress of the change.',
};

/** The part `deployment` of the form. */
export const DeploymentForm = closed({
  name: handlerFields.name,
  new: Type.Optional(
    Type.Boolean({
      description:
        'True: refused if you already have a handler with this name. False: refused if you have none. If absent, the handler is created if needed.',
    }),
  ),
  description: Type.Optional(handlerFields.description),
  mode: Type.Optional(handlerFields.mode),
  private: Type.Optional(handlerFields.private),
  trace: Type.Optional(handlerFields.trace),
  policy: Type.Optional(nullable(PolicyText)),
  configuration: Type.Optional(ConfigValues),
  note: Type.Optional(text(200, 'A note about the version.')),
  version: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_147_483_647,
      description: 'An existing version, instead of a module.',
    }),
  ),
  activate: Type.Optional(
    Type.Boolean({
      default: true,
      description:
        'Whether to activate the version. If false, the version is added to an existing handler, and nothing else of it changes.',
    }),
  ),
});

export const DeploymentView = closed({
  handler: HandlerView,
  version: VersionView,
  created: Type.Boolean({ description: 'Whether the handler was created.' }),
  uploaded: Type.Boolean({ description: 'Whether a version was added.' }),
  changed: Type.Array(Type.Enum(CHANGES), {
    description:
      'What changed. Configuration counts as changed whenever it is given, since values are not compared.',
  }),
});

export function viewDeployed(config: Config, deployed: DeploymentOutcome) {
  const { handler, version, created, uploaded, changed } = deployed;
  return {
    handler: viewHandler(config, handler),
    version: viewVersion(config, version),
    created,
    uploaded,
    changed: [...changed],
  };
}

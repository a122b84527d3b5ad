import { Type } from 'typebox';
import { CHANGES, type Deployed } from '../../uploads/deployment.ts';
import { closed, type Resource } from '../../route.ts';
import { nullable, text } from '../../schemas.ts';
import type { Config } from '../../../config.ts';
import { ConfigValues } from '../config/resource.ts';
import { handlerFields, HandlerView, viewHandler } from '../handlers/resource.ts';
import { PolicyText } from '../policy/resource.ts';
import { VersionView, viewVersion } from '../versions/resource.ts';

export const DEPLOYMENTS: Resource = {
  tag: 'Deployments',
  description: 'Switching all that a handler is at one time, and asking whether it has switched.',
};

/** The part `deployment` of the form. */
export const DeploymentForm = closed({
  name: handlerFields.name,
  new: Type.Optional(
    Type.Boolean({
      description:
        'True: refused if you have a handler of this name. False: refused if you have none. If absent, the handler is made if you have none.',
    }),
  ),
  description: Type.Optional(handlerFields.description),
  mode: Type.Optional(handlerFields.mode),
  private: Type.Optional(handlerFields.private),
  trace: Type.Optional(handlerFields.trace),
  policy: Type.Optional(nullable(PolicyText)),
  configuration: Type.Optional(ConfigValues),
  note: Type.Optional(text(200, 'What is new in the version.')),
  version: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_147_483_647,
      description: 'A version that is there already, in the place of a module.',
    }),
  ),
  activate: Type.Optional(
    Type.Boolean({
      default: true,
      description:
        'Whether it answers from now on. If not, a version is added to a handler that is there and nothing else of it changes.',
    }),
  ),
});

export const DeploymentView = closed({
  handler: HandlerView,
  version: VersionView,
  created: Type.Boolean({ description: 'Whether the handler was made.' }),
  uploaded: Type.Boolean({ description: 'Whether a version was added.' }),
  changed: Type.Array(Type.Enum(CHANGES), {
    description:
      'What is not as it was. Values of the configuration are not compared with what they were.',
  }),
});

export function viewDeployed(config: Config, deployed: Deployed) {
  const { handler, version, created, uploaded, changed } = deployed;
  return {
    handler: viewHandler(config, handler),
    version: viewVersion(config, version),
    created,
    uploaded,
    changed: [...changed],
  };
}

import { Type } from 'typebox';
import type { Queryable } from '../../../db/connection/database.ts';
import type { Config } from '../../../config.ts';
import { findVersion, type VersionRow, type VersionReport } from '../../../db/handlers/versions.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { StandingView, viewStanding } from '../../handlers/standing.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { Count, HandlerParams, Id, time, Time } from '../../schemas.ts';

export const VERSIONS: RouteGroup = {
  tag: 'Versions',
  description: 'Modules of a handler, and which of them is active.',
};

const versionNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

export const VersionParams = closed({ ...HandlerParams.properties, version: versionNumber });

/** The properties of a checked module. */
export const moduleFields = {
  digest: Type.String({ description: 'SHA-256 of the module, in hexadecimal.' }),
  bytes: Count,
  imports: Type.Array(Type.String()),
  exports: Type.Array(Type.String(), { description: 'The first 64 names.' }),
  memoryPages: Type.Integer({
    minimum: 0,
    description: 'Initial memory in pages of 64 KiB.',
  }),
  functions: Count,
  features: Type.Array(Type.String()),
} as const;

export const VersionView = closed({
  id: Id,
  number: versionNumber,
  ...moduleFields,
  note: Type.String(),
  active: Type.Boolean(),
  standing: StandingView,
  createdBy: Type.String(),
  createdAt: Time,
});

export function viewReport(report: VersionReport) {
  return {
    imports: [...report.imports],
    exports: [...(report.exports ?? [])],
    memoryPages: report.memoryPages,
    functions: report.functions,
    features: [...report.features],
  };
}

export function viewVersion(config: Config, version: VersionRow) {
  const { id, digest, bytes, note, createdBy, report } = version;
  return {
    id,
    number: version.number,
    digest,
    bytes,
    ...viewReport(report),
    note,
    active: version.isActive,
    standing: viewStanding(config, version),
    createdBy,
    createdAt: time(version.createdAt),
  };
}

export async function existingVersion(
  db: Queryable,
  handlerId: string,
  number: number,
): Promise<VersionRow> {
  const version = await findVersion(db, handlerId, number);
  if (version === undefined)
    throw new ProblemError('not-found', `The handler has no version ${number}.`);
  return version;
}

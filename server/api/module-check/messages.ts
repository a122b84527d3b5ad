/** Messages between the API and its check processes. Modules themselves go through pipes. */
import type { InputErrorCode } from '../../../olin/index.ts';
import type { VersionReport } from '../../db/handlers/versions.ts';

/** The engine's compilers: the baseline compiler, and the optimizing compiler for hot functions. */
export type CompilerTier = 'liftoff' | 'turbofan';

export type CheckRequest =
  /** `bytes` bytes of a module follow. */
  | { readonly kind: 'module'; readonly bytes: number }
  /** `bytes` bytes of a metered module follow. */
  | { readonly kind: 'compile'; readonly tier: CompilerTier; readonly bytes: number }
  | { readonly kind: 'policy'; readonly text: string };

/** A module that the runtime accepts. */
export interface CheckedModule {
  /** See `prepareModule`. */
  readonly metered: Uint8Array;
  readonly image: Uint8Array | undefined;
  readonly report: VersionReport;
}

export interface CheckedPolicy {
  readonly ramPageLimit: number;
  readonly gasLimit: number;
}

/** Why a module or policy is refused. */
export interface Refused {
  readonly code: InputErrorCode;
  readonly message: string;
  /** Position in a policy, 1-based. Undefined for a module. */
  readonly line: number | undefined;
  readonly column: number | undefined;
}

export type CheckReply =
  /** Sent once, when the process has started. */
  | { readonly kind: 'ready' }
  /** The metered module follows, then the image, if the module was split. */
  | {
      readonly kind: 'module';
      readonly report: VersionReport;
      readonly meteredBytes: number;
      readonly imageBytes: number | undefined;
    }
  | { readonly kind: 'compiled' }
  | { readonly kind: 'policy'; readonly policy: CheckedPolicy }
  | { readonly kind: 'refused'; readonly refused: Refused }
  /** An unexpected error, which is a bug. */
  | { readonly kind: 'failed'; readonly message: string };

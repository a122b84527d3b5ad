/** What the API and its checking process say to each other; modules themselves go through pipes. */
import type { InputErrorCode } from '../../../olin/index.ts';
import type { VersionReport } from '../../db/handlers/versions.ts';

/** The engine's compilers: the one of a first call, and the one of a function that is hot. */
export type Tier = 'liftoff' | 'turbofan';

export type CheckRequest =
  /** So many bytes follow. */
  | { readonly kind: 'module'; readonly bytes: number }
  /** So many bytes of a metered module follow. */
  | { readonly kind: 'compile'; readonly tier: Tier; readonly bytes: number }
  | { readonly kind: 'policy'; readonly text: string };

/** A module that the runtime takes. */
export interface CheckedModule {
  readonly metered: Uint8Array;
  readonly report: VersionReport;
}

export interface CheckedPolicy {
  readonly ramPageLimit: number;
  readonly gasLimit: number;
}

/** A refusal in a sentence. */
export interface Refused {
  readonly code: InputErrorCode;
  readonly message: string;
  /** 1-based, of a text. */
  readonly line: number | undefined;
  readonly column: number | undefined;
}

export type CheckReply =
  /** Said once, when the process has started. */
  | { readonly kind: 'ready' }
  /** So many bytes follow. */
  | { readonly kind: 'module'; readonly report: VersionReport; readonly meteredBytes: number }
  | { readonly kind: 'compiled' }
  | { readonly kind: 'policy'; readonly policy: CheckedPolicy }
  | { readonly kind: 'refused'; readonly refused: Refused }
  /** A defect of ours. */
  | { readonly kind: 'failed'; readonly message: string };

/** A finding of `trisiel doctor`. */

export interface DoctorFinding {
  /** Subject of the check, such as `Server`. */
  readonly about: string;
  /** `note` means that nothing is broken, but a feature is unavailable. */
  readonly state: 'ok' | 'note' | 'problem';
  /** The result, as a phrase or a sentence. */
  readonly found: string;
  /** How to correct it. */
  readonly advice?: string;
}

export function ok(about: string, found: string): DoctorFinding {
  return { about, state: 'ok', found };
}

export function note(about: string, found: string, advice: string): DoctorFinding {
  return { about, state: 'note', found, advice };
}

export function problem(about: string, found: string, advice: string): DoctorFinding {
  return { about, state: 'problem', found, advice };
}

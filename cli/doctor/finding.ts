/** What `trisiel doctor` finds. */

export interface Finding {
  /** What was looked at, such as `Server`. */
  readonly about: string;
  /** `note`: nothing is broken, but something does not work without it. */
  readonly state: 'ok' | 'note' | 'problem';
  /** What was found, in a few words or a sentence. */
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

export function ok(about: string, found: string): Finding {
  return { about, state: 'ok', found };
}

export function note(about: string, found: string, advice: string): Finding {
  return { about, state: 'note', found, advice };
}

export function problem(about: string, found: string, advice: string): Finding {
  return { about, state: 'problem', found, advice };
}

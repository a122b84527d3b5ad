/** The part of a run that files may use. */
export interface FileHost {
  /** Charges gas for work about to be done; does not return if that exceeds the limit (the guest is stopped). */
  charge(gas: number): void;
  /** Counts bytes held for the guest as its memory. Returns false, and counts nothing, if they do not fit. */
  hold(bytes: number): boolean;
  /** Stops counting held bytes. */
  release(bytes: number): void;
  /** Nanoseconds since 1970. */
  timestamp(): bigint;
}

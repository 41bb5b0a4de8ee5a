/** What the password process is asked, one thing at a time. */
export interface PasswordRequest {
  readonly password: string;
  /** The hash to compare with; without one the password is hashed. */
  readonly hash?: string;
}

/** The hash, or whether it fits. */
export type PasswordAnswer = { readonly answer: string | boolean } | { readonly failed: string };

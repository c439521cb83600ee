/** Exit codes of the command line (DESIGN section 10). */
export const EXIT = {
  done: 0,
  incomplete: 1,
  usage: 2,
  scope: 3,
  environment: 4,
  interrupted: 130,
} as const;

/**
 * The one base of all named errors. `message` says what was wrong, where, and what to do;
 * `exitCode` is what the command line ends with when the error reaches it.
 */
export class DoorplateError extends Error {
  override readonly name: string = "DoorplateError";
  readonly exitCode: number;
  constructor(message: string, options: { cause?: unknown; exitCode?: number } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? EXIT.usage;
  }
}

/** Input that somebody typed or sent is wrong: names the offending token and its position (0-based). */
export class InputError extends DoorplateError {
  override readonly name: string = "InputError";
  readonly token: string;
  readonly position: number;
  constructor(message: string, token: string, position = 0) {
    super(message);
    this.token = token;
    this.position = position;
  }
}

/** A target may not be touched (exit 3). Nothing has been sent. */
export class ScopeError extends DoorplateError {
  override readonly name = "ScopeError";
  readonly refused: readonly { target: string; reason: string }[];
  constructor(message: string, refused: readonly { target: string; reason: string }[]) {
    super(message, { exitCode: EXIT.scope });
    this.refused = refused;
  }
}

/** The machine or the account lacks something (exit 4). */
export class EnvironmentError extends DoorplateError {
  override readonly name = "EnvironmentError";
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, exitCode: EXIT.environment });
  }
}

/** What a plugin is given: nothing else of the process is its business. */
export interface PluginContext {
  readonly log: PluginLog;
  /** Wall clock; tests give their own. */
  readonly now: () => Date;
  /** Folder for the plugin's own temporary files, removed after the process. */
  readonly tempDir: string;
  /** IANA zone of the agent's config, `Asia/Shanghai` unless told: the zone of zoneless source columns. */
  readonly timeZone: string;
  /**
   * Where a plugin keeps what has to outlive the process, inside the agent's state folder: a folder of that name, made if it is
   * missing, for the agent's user alone. Left out where there is no agent that is enrolled.
   */
  readonly keep?: (name: string) => Promise<OwnState>;
}

export interface OwnState {
  readonly folder: string;
  /** 32 bytes of this agent and name, to encrypt with what lies there. */
  readonly key: Uint8Array;
}

/** Structured log; facts only, never a row value or a secret. */
export interface PluginLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** One question that this agent was asked, when it is over. */
export interface QueryEvent {
  /** `resource/service`; `unknown` where the config answers none of that name. */
  readonly service: string;
  readonly outcome: 'complete' | 'partial' | 'refused';
  readonly rows: number;
  readonly ms: number;
}

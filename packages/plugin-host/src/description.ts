import { type Static, Type } from '@qianzhi/model/schema';

/**
 * The `qianzhi` block of a plugin's package.json: everything that is known before any of its code runs. A package that brings
 * several plugins has a list of them.
 */
export const PluginBlockSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal('connector'), Type.Literal('mode'), Type.Literal('transport')]),
    type: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,49}$', description: 'what a config names' }),
    sides: Type.Union([Type.Literal('agent'), Type.Literal('platform'), Type.Literal('both')]),
    apiVersion: Type.Integer({ minimum: 1, description: 'PLUGIN_API_VERSION it was built for' }),
    entry: Type.String({ pattern: '^\\./', description: 'module with the plugin as default export' }),
  },
  { additionalProperties: false },
);
export type PluginBlock = Static<typeof PluginBlockSchema>;

/** The process a plugin runs in. */
export type PluginSide = 'agent' | 'platform';

/** A plugin as found on disk; none of its code has run. */
export interface PluginDescription extends PluginBlock {
  readonly packageName: string;
  readonly version: string;
  /** Real path of the package folder. */
  readonly folder: string;
}

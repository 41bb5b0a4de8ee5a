/**
 * How schemas are written, by everybody: one loading of TypeBox for a whole program, in the few files that
 * `config/build/concatenate.js` makes of it and this package.
 */
export {
  type SchemaOptions,
  type Static,
  type TObject,
  type TPartial,
  type TSchema,
  Type,
} from '@sinclair/typebox';

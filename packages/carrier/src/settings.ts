import { type Static, Type } from '@qianzhi/model/schema';

/** How packages are exchanged where there is no line: the same for agent and platform. Paths are relative to the config file. */
export const packageSettings = {
  out: Type.String({ minLength: 1, description: '发件夹:由网闸或专人取走 / packages to be carried away' }),
  in: Type.String({ minLength: 1, description: '收件夹:送来的包放入此处 / packages that arrived' }),
  everySeconds: Type.Integer({
    minimum: 1,
    maximum: 86_400,
    default: 60,
    description: '多久收发一次 / how often arrived ones are taken and waiting things are laid out',
  }),
  maxMiB: Type.Integer({
    minimum: 16,
    maximum: 65_536,
    default: 256,
    description: '单个包的大小上限,满则另起一包 / a package that reaches it is followed by another one',
  }),
  validDays: Type.Number({
    exclusiveMinimum: 0,
    maximum: 90,
    default: 7,
    description:
      '包与其所带许可的有效期;期间的撤销离线不可知 / how long a package and the lease in it hold: what is revoked meanwhile cannot be known offline',
  }),
};
export const PackagesSchema = Type.Object(packageSettings, { additionalProperties: false });
export type PackageSettings = Static<typeof PackagesSchema>;

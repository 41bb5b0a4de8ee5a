import { type Static, Type } from '@sinclair/typebox';
import type { CatalogResource } from '../catalog/resource.js';
import type { LocalText } from '../errors/language.js';
import { fileNameProblem } from './file-name.js';

/** Size, digest and name of the whole file, and which bytes of it a batch of kind `files` holds: `offset` and as many as the batch has raw bytes. */
export const FilePartSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    size: Type.Integer({ minimum: 0 }),
    digest: Type.String({
      pattern: '^sha-256:[A-Za-z0-9_-]{43}$',
      description: 'of the whole file: proven before it gets its name at the target',
    }),
    mediaType: Type.String({
      pattern: '^[a-z]+/[a-z0-9.+-]{1,100}$',
      description: 'RFC 6838; by the ending of the name',
    }),
    modifiedAt: Type.String({ format: 'date-time', description: 'as the provider’s file system has it' }),
    offset: Type.Integer({ minimum: 0 }),
    removed: Type.Optional(
      Type.Literal(true, {
        description:
          'the provider has no file of this name any more; size and offset are 0, digest that of nothing',
      }),
    ),
  },
  { $id: 'FilePart', additionalProperties: false },
);
export type FilePart = Static<typeof FilePartSchema>;

/** Files are exchanged as they are: catalog entries say so with `content: files`. */
export function holdsFiles(resource: Pick<CatalogResource, 'content'>): boolean {
  return resource.content === 'files';
}

/** Whether a part of so many bytes ends its file. A batch counts the files that end in it as its rows. */
export function isLastPart({ offset, size }: FilePart, rawBytes: number): boolean {
  return offset + rawBytes === size;
}

/** Why a part cannot be one of this resource; undefined where it can. `rawBytes`: how many bytes it has. */
export function filePartProblem(
  file: FilePart,
  rawBytes: number,
  resource: CatalogResource,
): LocalText | undefined {
  const { size, offset } = file;
  const wrongName = fileNameProblem(file.name);
  if (wrongName) return wrongName;
  if (file.removed && size > 0) return { zh: '移除的文件不应有内容', en: 'a removed file holds something' };
  const most = maxFileBytes(resource);
  if (size > most)
    return {
      zh: `文件大于目录所定的 ${most} 字节`,
      en: `it is larger than the ${most} bytes of the catalog`,
    };
  if (offset + rawBytes > size)
    return { zh: '部分超出文件末尾', en: 'the part goes past the end of the file' };
  if (rawBytes === 0 && size > 0) return { zh: '部分不含内容', en: 'the part holds nothing' };
  return undefined;
}

/** SHA-256 of no bytes. */
const NOTHING = 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';

/** Says that a file is gone: one part, which counts as a file of no bytes. */
export function removedFile(name: string, seenAt: Date): FilePart {
  return {
    name,
    size: 0,
    digest: NOTHING,
    mediaType: mediaTypeOf(name),
    modifiedAt: seenAt.toISOString(),
    offset: 0,
    removed: true,
  };
}

/** The size that the catalog allows: the length of its item; no bound without one. */
export function maxFileBytes({ items }: CatalogResource): number {
  return items[0]?.length ?? Number.MAX_SAFE_INTEGER;
}

/** Whether a part goes on right behind another one of the same file. */
export function continuesFile(file: FilePart, before: FilePart, bytesBefore: number): boolean {
  const same = file.name === before.name && file.size === before.size && file.digest === before.digest;
  return same && file.offset === before.offset + bytesBefore;
}

/** Media types of what departments attach; anything else is application/octet-stream. */
const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  ofd: 'application/ofd',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  zip: 'application/zip',
  txt: 'text/plain',
  csv: 'text/csv',
  xml: 'application/xml',
  json: 'application/json',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  bmp: 'image/bmp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  webp: 'image/webp',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  avi: 'video/x-msvideo',
  mkv: 'video/x-matroska',
};

export function mediaTypeOf(name: string): string {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return mediaTypes[ending] ?? 'application/octet-stream';
}

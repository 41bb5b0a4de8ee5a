import type { CatalogResource } from '../catalog/resource.js';
import type { LocalText } from '../errors/language.js';
import { hasShape } from '../shape.js';
import { fileNameKey } from './file-name.js';
import { type FilePart, FilePartSchema, filePartProblem, holdsFiles, isLastPart } from './file-part.js';
import type { BatchManifest } from './manifest.js';

/** The most whole files of one batch. */
export const MOST_WHOLE_FILES = 1000;

type FilesManifest = Pick<BatchManifest, 'kind' | 'file' | 'wholeFiles' | 'rows' | 'rawBytes'>;

/** Sizes of the files that end in a batch, together: what receipts count as bytes. Undefined for rows. */
export function endedFileBytes({ file, wholeFiles, rawBytes }: FilesManifest): number | undefined {
  if (wholeFiles) return rawBytes - wholeFiles.listBytes;
  if (!file) return undefined;
  return isLastPart(file, rawBytes) ? file.size : 0;
}

/** Why a batch with this manifest cannot be one of the resource, as far as it concerns files; undefined where it can. */
export function filesProblem(
  { kind, file, wholeFiles, rows, rawBytes }: FilesManifest,
  resource: CatalogResource,
): LocalText | undefined {
  if ((kind === 'files') !== holdsFiles(resource))
    return {
      zh: '数据行与文件混淆',
      en: 'it holds files where rows are due, or rows where files are',
    };
  if (kind !== 'files')
    return file || wholeFiles
      ? { zh: '数据行批次注明了文件', en: 'a batch of rows names a file' }
      : undefined;
  if (file && wholeFiles)
    return {
      zh: '同时注明文件部分与完整文件',
      en: 'it says to hold both a part of a file and whole files',
    };
  if (wholeFiles) {
    if (rows < 1 || rows > MOST_WHOLE_FILES)
      return {
        zh: `完整文件数不在 1 至 ${MOST_WHOLE_FILES} 之间`,
        en: `it holds none, or more than ${MOST_WHOLE_FILES} whole files`,
      };
    return wholeFiles.listBytes > rawBytes
      ? { zh: '文件清单超出批次', en: 'its list of files is longer than the batch' }
      : undefined;
  }
  if (!file) return { zh: '未注明是哪个文件', en: 'it does not say which file it is of' };
  const problem = filePartProblem(file, rawBytes, resource);
  if (problem) return problem;
  return rows === (isLastPart(file, rawBytes) ? 1 : 0)
    ? undefined
    : { zh: '文件数与部分不符', en: 'its count of files is not that of its part' };
}

export interface WholeFile {
  readonly file: FilePart;
  readonly content: Uint8Array;
}

/** Each with its bytes, which lie one behind the other. */
export function withContent(files: readonly FilePart[], bytes: Uint8Array): WholeFile[] {
  let at = 0;
  return files.map((file) => {
    const content = bytes.subarray(at, at + file.size);
    at += file.size;
    return { file, content };
  });
}

/** The same of the files that its list names, whose bytes are proven: each is judged as one that came alone. */
export function wholeFilesProblem(
  files: readonly FilePart[],
  rows: number,
  resource: CatalogResource,
): LocalText | undefined {
  if (files.length !== rows)
    return { zh: '文件数与清单不符', en: 'its count of files is not that of its list' };
  const names = new Set<string>();
  for (const [index, file] of files.entries()) {
    const key = fileNameKey(file.name);
    const problem = names.has(key) ? TWICE : listedProblem(file, resource);
    names.add(key);
    if (problem)
      return {
        zh: `清单第 ${index + 1} 个文件:${problem.zh}`,
        en: `file ${index + 1} of its list: ${problem.en}`,
      };
  }
  return undefined;
}

const TWICE: LocalText = {
  zh: '与前面的文件同名或仅大小写不同',
  en: 'another one before it has its name, but for letter case',
};

function listedProblem(file: FilePart, resource: CatalogResource): LocalText | undefined {
  return hasShape(FilePartSchema, file)
    ? filePartProblem(file, file.size, resource)
    : { zh: '清单中该行不合规范', en: 'its line does not have the form of one' };
}

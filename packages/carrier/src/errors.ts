import { defineErrors } from '@qianzhi/model';

/** Of packages. Details name files, numbers and parties; never a row value. */
export const carrierErrors = defineErrors('PACKAGE', {
  NOT_ONE: {
    kind: 'integrity',
    zh: {
      message: '{file} 不是摆渡包',
      hint: '核对文件名;摆渡包由对方的 qianzhi package export 生成',
    },
    en: {
      message: '{file} is no package',
      hint: 'check the name; packages are made by `qianzhi package export` on the other side',
    },
  },
  INCOMPLETE: {
    kind: 'unavailable',
    zh: {
      message: '摆渡包 {file} 不完整:未拷完,或缺了尾部;什么都没有导入',
      hint: '拷完后自动导入;若已拷完,请重新拷贝,再执行 qianzhi package import {file}',
    },
    en: {
      message:
        'package {file} is not whole: it is still being copied, or its end is missing; nothing of it was taken',
      hint: 'it is imported when the copying has ended; if it has, copy it again and run `qianzhi package import {file}`',
    },
  },
  ALTERED: {
    kind: 'integrity',
    zh: {
      message: '摆渡包 {file} 被改动:{what} 与其签名的摘要不符;什么都没有导入',
      hint: '丢弃它,请对方执行 qianzhi package export --again {number}',
    },
    en: {
      message: 'package {file} was altered: {what} is not what its signature covers; nothing of it was taken',
      hint: 'throw it away and have the other side run `qianzhi package export --again {number}`',
    },
  },
  FORGED: {
    kind: 'integrity',
    zh: {
      message: '摆渡包 {file} 自称来自 {from},签名却不是其密钥;什么都没有导入',
      hint: '丢弃它并查明来历;执行 qianzhi package verify {file} 看其内容',
    },
    en: {
      message: 'package {file} says it is from {from} but is not signed by its key; nothing of it was taken',
      hint: 'throw it away and find out where it came from; `qianzhi package verify {file}` shows what it says',
    },
  },
  NOT_FOR_US: {
    kind: 'denied',
    zh: {
      message: '摆渡包 {file} 是 {from} 给 {to} 的,不是给本方 {self} 的',
      hint: '送到 {to} 去,在那里执行 qianzhi package import',
    },
    en: {
      message: 'package {file} is from {from} to {to}, not for {self}',
      hint: 'take it to {to} and run `qianzhi package import` there',
    },
  },
  EXPIRED: {
    kind: 'denied',
    zh: {
      message: '摆渡包 {file} 已于 {notAfter} 失效;什么都没有导入',
      hint: '其间的撤销无从得知,故不再接受;请对方执行 qianzhi package export 重新导出',
    },
    en: {
      message: 'package {file} ended on {notAfter}; nothing of it was taken',
      hint: 'what was revoked meanwhile cannot be known here; have the other side run `qianzhi package export` for a new one',
    },
  },
  REPEATED: {
    kind: 'conflict',
    zh: {
      message: '{from} 的第 {number} 号摆渡包早已导入(已到第 {last} 号),不再导入',
      hint: '无须处理;执行 qianzhi package status 查看到了第几号',
    },
    en: {
      message: 'package {number} of {from} was imported before (the last was {last}) and is not taken again',
      hint: 'nothing is to be done; `qianzhi package status` tells which number comes next',
    },
  },
  GAP: {
    kind: 'unavailable',
    zh: {
      message: '缺少 {from} 的第 {missing} 号摆渡包,第 {number} 号须等它',
      hint: '找到它放入收件夹;若已遗失,请对方执行 qianzhi package export --again {missing}',
    },
    en: {
      message: 'package {missing} of {from} is missing, and {number} has to wait for it',
      hint: 'find it and put it into the in-folder; if it is lost have the other side run `qianzhi package export --again {missing}`',
    },
  },
  CHAIN_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '摆渡包 {file} 不接续此前导入的第 {last} 号;什么都没有导入',
      hint: '对方的状态可能恢复过:先把本方的包(qianzhi package export)带给对方,再请对方重新导出',
    },
    en: {
      message: 'package {file} does not follow the one imported before ({last}); nothing of it was taken',
      hint: 'the other side may have been restored: first take a package of this side there (`qianzhi package export`), then have it export anew',
    },
  },
  NOT_KEPT: {
    kind: 'not-found',
    zh: {
      message: '第 {number} 号摆渡包已不在本方:对方确认过,或从未导出',
      hint: '执行 qianzhi package status 查看还保留着哪些',
    },
    en: {
      message: 'package {number} is not kept here: the other side confirmed it, or it never was',
      hint: '`qianzhi package status` tells which are kept',
    },
  },
  FOLDER: {
    kind: 'config',
    zh: {
      message: '摆渡包文件夹 {folder} 无法使用({reason})',
      hint: '建立它并授权给运行本程序的用户,再执行 qianzhi package status',
    },
    en: {
      message: 'the folder of packages {folder} cannot be used ({reason})',
      hint: 'make it and grant it to the user that runs this program, then run `qianzhi package status`',
    },
  },
  REFUSED: {
    kind: 'conflict',
    zh: {
      message: '平台导入第 {number} 号摆渡包时拒绝了 {resource} 的第 {seq} 批:{code}',
      hint: '执行 qianzhi stream show {resource} 查看原因并处理',
    },
    en: {
      message: 'the platform refused batch {seq} of {resource} when it imported package {number}: {code}',
      hint: 'run `qianzhi stream show {resource}` to see why',
    },
  },
});

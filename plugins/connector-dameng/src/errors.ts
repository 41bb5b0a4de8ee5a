import { defineErrors } from '@qianzhi/model';

/** The version that this connector was written for. */
export const DRIVER = 'dmdb@1.0.48286';

/** Of this connector alone; those of servers, sources and targets are sql-kit's. */
export const damengErrors = defineErrors('DAMENG', {
  DRIVER_MISSING: {
    kind: 'config',
    zh: {
      message: `达梦驱动 dmdb 未安装或不完整(缺少 {module});其许可不允许随本软件分发`,
      hint: `在能上网的同类机器上执行 npm install --prefix driver ${DRIVER},把 driver/node_modules 中的全部内容复制到 /opt/qianzhi/node_modules(从源码运行时:npm install --no-save ${DRIVER}),再执行 qianzhi doctor`,
    },
    en: {
      message:
        'the driver of Dameng, dmdb, is not installed or not whole ({module} is missing); its licence keeps it out of this software',
      hint: `on a machine of the same kind with network run \`npm install --prefix driver ${DRIVER}\`, copy all that is in driver/node_modules to /opt/qianzhi/node_modules (run from source: \`npm install --no-save ${DRIVER}\`), then run \`qianzhi doctor\``,
    },
  },
  EMPTY_IS_NULL: {
    kind: 'config',
    zh: {
      message: '达梦 {server} 以 Oracle 兼容方式运行(COMPATIBLE_MODE=2):空串会存为 NULL,不能原样写入',
      hint: '若可接受,在该连接中写 emptyAsNull: true;否则换用 COMPATIBLE_MODE=0 的实例作目标;之后执行 qianzhi doctor',
    },
    en: {
      message:
        'Dameng {server} takes after Oracle (COMPATIBLE_MODE=2): an empty text would become NULL in a target',
      hint: 'where that is acceptable set `emptyAsNull: true` on the connector, else take an instance with COMPATIBLE_MODE=0 as the target; then run `qianzhi doctor`',
    },
  },
});

import { defineErrors } from '@qianzhi/model';

export const hostErrors = defineErrors('PLUGIN', {
  UNKNOWN: {
    kind: 'config',
    zh: {
      message: '没有类型为“{type}”的插件(类别 {kind});已安装:{known}',
      hint: '改正配置中的类型,或安装该插件后用 qianzhi config validate 检查',
    },
    en: {
      message: 'there is no {kind} plugin of type "{type}"; installed: {known}',
      hint: 'correct the type in the config, or install the plugin; then check with `qianzhi config validate`',
    },
  },
  DUPLICATE: {
    kind: 'config',
    zh: {
      message: '有两个插件都提供{kind}“{type}”:{first} 与 {second}',
      hint: '卸载其中之一或从配置的 plugins 中去掉,再用 qianzhi config validate 检查',
    },
    en: {
      message: 'two plugins offer {kind} "{type}": {first} and {second}',
      hint: 'remove one of them or take it out of `plugins` in the config; then check with `qianzhi config validate`',
    },
  },
  API_VERSION: {
    kind: 'config',
    zh: {
      message: '插件 {plugin} 针对插件接口版本 {found} 构建,本程序为版本 {wanted}',
      hint: '安装与本程序匹配的插件版本,再用 qianzhi config validate 检查',
    },
    en: {
      message: 'plugin {plugin} was built for plugin API version {found}; this program has version {wanted}',
      hint: 'install the version of the plugin made for this program; then check with `qianzhi config validate`',
    },
  },
  SIDE: {
    kind: 'config',
    zh: {
      message: '插件 {plugin} 只能用于 {sides},不能用于 {side}',
      hint: '从本进程的配置中去掉该插件的类型“{type}”',
    },
    en: {
      message: 'plugin {plugin} is for the {sides} only, not for the {side}',
      hint: 'take type "{type}" out of the config of this process',
    },
  },
  BLOCK_WRONG: {
    kind: 'config',
    zh: {
      message: '{file} 中的 qianzhi 插件说明不正确:{where} {problem}',
      hint: '按 {kind, type, sides, apiVersion, entry} 改正,或卸载该包',
    },
    en: {
      message: 'the qianzhi block in {file} is wrong: {where} {problem}',
      hint: 'correct it to {kind, type, sides, apiVersion, entry}, or remove the package',
    },
  },
  PATH_WRONG: {
    kind: 'config',
    zh: {
      message: '配置的插件路径 {path} 不是插件:{problem}',
      hint: '路径应指向含有 package.json 与 qianzhi 说明的文件夹;改正配置中的 plugins',
    },
    en: {
      message: 'the configured plugin path {path} is no plugin: {problem}',
      hint: 'it must be a folder with a package.json that has a `qianzhi` block; correct `plugins` in the config',
    },
  },
  ENTRY_MISSING: {
    kind: 'config',
    zh: {
      message: '插件 {plugin} 的入口 {entry} 不存在',
      hint: '重新安装该插件;如从源码使用,请先构建:npm run build',
    },
    en: {
      message: 'the entry {entry} of plugin {plugin} does not exist',
      hint: 'install the plugin again; when used from source, build it first with `npm run build`',
    },
  },
  ENTRY_FAILED: {
    kind: 'config',
    zh: {
      message: '装载插件 {plugin} 的入口 {entry} 时失败:{problem}',
      hint: '重新安装该插件及其依赖;仍失败时联系插件作者',
    },
    en: {
      message: 'loading entry {entry} of plugin {plugin} failed: {problem}',
      hint: 'install the plugin and its dependencies again; if it still fails, call the author of the plugin',
    },
  },
  ENTRY_WRONG: {
    kind: 'config',
    zh: {
      message: '插件 {plugin} 的入口 {entry} 与其说明不符:{problem}',
      hint: '入口应默认导出 definePlugin(…) 的结果,类别和类型与 package.json 一致;请联系插件作者',
    },
    en: {
      message: 'entry {entry} of plugin {plugin} is not what its block says: {problem}',
      hint: 'its default export must be definePlugin(…) of the kind and type in package.json; call the author of the plugin',
    },
  },
  CONFIG_WRONG: {
    kind: 'config',
    zh: {
      message: '配置 {path} 不正确:{problem}',
      hint: '改正后用 qianzhi config validate 检查',
    },
    en: {
      message: 'config {path} is wrong: {problem}',
      hint: 'correct it, then check with `qianzhi config validate`',
    },
  },
});

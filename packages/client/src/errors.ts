import { defineErrors } from '@qianzhi/model';

export const clientErrors = defineErrors('CLIENT', {
  DOWNLOAD_DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '下载的文件 {file} 与清单的校验和不符,已删除',
      hint: '线路可能损坏了数据;重新执行 qianzhi download {resource} --out 文件夹;持续出现请上报',
    },
    en: {
      message: 'the downloaded file {file} has not the digest of its manifest; it is removed',
      hint: 'the line may have damaged it; run `qianzhi download {resource} --out FOLDER` again, and report it if it stays',
    },
  },
  DOWNLOAD_MANIFEST_WRONG: {
    kind: 'integrity',
    zh: {
      message: '下载 {download} 的清单不可信({reason})',
      hint: '确认平台地址后重新执行 qianzhi download {resource} --out 文件夹;持续出现请上报',
    },
    en: {
      message: 'the manifest of download {download} cannot be believed ({reason})',
      hint: 'make sure of the address of the platform and run `qianzhi download {resource} --out FOLDER` again; report it if it stays',
    },
  },
  DOWNLOAD_FOLDER: {
    kind: 'config',
    zh: {
      message: '下载文件夹 {folder} 不可用({reason})',
      hint: '改正后重新执行 qianzhi download {resource} --out 文件夹,已收到的部分不会丢',
    },
    en: {
      message: 'the folder {folder} cannot be used ({reason})',
      hint: 'correct it and run `qianzhi download {resource} --out FOLDER` again; what has come is kept',
    },
  },
  ADDRESS_WRONG: {
    kind: 'config',
    zh: {
      message: '平台地址“{url}”不对,应为{shape}',
      hint: '改正 --url,或 agent.yaml 中的 platform.url',
    },
    en: {
      message: 'the platform address "{url}" is wrong, it must be {shape}',
      hint: 'correct --url, or platform.url in agent.yaml',
    },
  },
  UNREACHABLE: {
    kind: 'unavailable',
    zh: {
      message: '连接平台 {url} 失败:{reason}',
      hint: '检查地址、网关与防火墙;可运行 qianzhi doctor 逐项排查',
    },
    en: {
      message: 'connecting to the platform at {url} failed: {reason}',
      hint: 'check address, gateway and firewall; `qianzhi doctor` goes through them one by one',
    },
  },
  TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '平台 {url} 在 {timeoutMs} 毫秒内未应答 {route}',
      hint: '将自动重试;持续出现时检查网络或平台负载(qianzhi doctor)',
    },
    en: {
      message: 'the platform at {url} did not answer {route} within {timeoutMs} ms',
      hint: 'it is tried again by itself; if it goes on, check network and platform load (`qianzhi doctor`)',
    },
  },
  NOT_A_PLATFORM: {
    kind: 'unavailable',
    zh: {
      message: '{url} 的应答不是前置平台发出的(HTTP {status},{contentType})',
      hint: '检查地址前缀是否正确;网关可能返回了自己的错误页',
    },
    en: {
      message: 'what answers at {url} is not the platform (HTTP {status}, {contentType})',
      hint: 'check the address and its prefix; a gateway may have answered with a page of its own',
    },
  },
  RESPONSE_UNTRUSTED: {
    kind: 'unavailable',
    zh: {
      message: '对 {route} 的应答没有平台签名或签名不符({reason})',
      hint: '应答可能来自网关或被改动,不予采信,将自动重试;持续出现时核对平台密钥指纹',
    },
    en: {
      message: 'the answer to {route} is not signed by the platform or does not fit its signature ({reason})',
      hint: 'it may come from a gateway or was changed; it is not believed and tried again. If it goes on, compare the platform key id',
    },
  },
  SIGNATURE_MISSING: {
    kind: 'auth',
    zh: {
      message: '请求没有签名',
      hint: '前置机接口只接受已登记前置机的签名请求;请先登记:qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'the request is not signed',
      hint: 'agent routes take signed requests of enrolled agents only; enrol with `qianzhi enroll --token-file FILE`',
    },
  },
  SIGNATURE_INVALID: {
    kind: 'auth',
    zh: {
      message: '请求签名无效:{reason}',
      hint: '若经网关转发,请确认其不改写方法、正文与 qz- 头;主机名与路径前缀可以改写',
    },
    en: {
      message: 'the request signature is not valid: {reason}',
      hint: 'a gateway must leave method, body and qz- headers alone; host and path prefix may be rewritten',
    },
  },
  AUDIENCE_WRONG: {
    kind: 'auth',
    zh: {
      message: '请求是发给“{audience}”的,而不是本平台“{own}”',
      hint: '核对配置中的平台地址;更换平台后需重新登记:qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'the request is addressed to "{audience}", not to this platform "{own}"',
      hint: 'check the platform address in the config; a new platform needs `qianzhi enroll --token-file FILE`',
    },
  },
  CLOCK_SKEW: {
    kind: 'unavailable',
    zh: {
      message: '前置机时钟({agentTime})比平台时钟({platformTime}){direction} {skewSeconds} 秒',
      hint: '用 NTP 校正不准的一方:只有本机如此报告则是本机时钟,各前置机都如此则是平台时钟;校正后自动继续。qianzhi doctor 可比对两端时钟,最多允许相差 {toleranceSeconds} 秒',
    },
    en: {
      message:
        "the agent's clock ({agentTime}) is {skewSeconds} s {direction} the platform's ({platformTime})",
      hint: "set the wrong one by NTP: the agent's where it alone says this, the platform's where every agent does; it goes on by itself then. `qianzhi doctor` compares them; {toleranceSeconds} s are allowed",
    },
  },
  KEY_UNREGISTERED: {
    kind: 'auth',
    zh: {
      message: '请求所用密钥 {keyId} 未登记或已吊销',
      hint: '请安全保密员核对前置机状态;必要时重新登记:qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'the request key {keyId} is not registered or was revoked',
      hint: 'ask the security officer about the agent; enrol again with `qianzhi enroll --token-file FILE` if needed',
    },
  },
});

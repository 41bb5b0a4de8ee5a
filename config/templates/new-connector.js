import { fileURLToPath } from 'node:url';
import { ScaffoldError, scaffoldConnector } from './scaffold-connector.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

try {
  const folder = await scaffoldConnector({ root, name: process.argv[2] });
  console.log(`已生成 ${folder} / made ${folder}

下一步 / next:
  npm install                     # 链接新包 / links the new package
  npx tsc -b ${folder}
  npx vitest run ${folder}
  npx biome check ${folder}

随后按 ${folder}/README.md 逐个文件改写;契约测试会指出还缺什么。
Then rewrite it file by file as ${folder}/README.md says; the contract tells what is still missing.`);
} catch (error) {
  if (!(error instanceof ScaffoldError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

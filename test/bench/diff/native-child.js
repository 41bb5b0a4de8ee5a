import { DuckDBInstance } from '@duckdb/node-api';

process.on('disconnect', () => process.exit(1));

process.once('message', async ({ limits, sql }) => {
  const instance = await DuckDBInstance.create(':memory:', limits);
  const connection = await instance.connect();
  try {
    const [[lines]] = (await connection.runAndReadAll(sql)).getRows();
    process.send({ lines: Number(lines) });
  } catch (error) {
    process.send({ problem: error.message.split('\n')[0] });
  }
});

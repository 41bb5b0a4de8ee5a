import type {
  Connection,
  Connector,
  FileSink,
  OpenQuery,
  RowsBlock,
  Sink,
  Source,
  SourceSpec,
} from '@qianzhi/plugin-api';
import { createRowWriter, type DecodedRow, decodeRows } from '@qianzhi/rows';

/** Ways to damage a good connector in one place and leave everything else as it is. */
export function wrapConnection(
  connector: Connector,
  damage: (connection: Connection) => Partial<Connection>,
): Connector {
  return {
    ...connector,
    async open(config, context, signal) {
      const connection = await connector.open(config, context, signal);
      return { ...connection, ...damage(connection) };
    },
  };
}

export function wrapSource(
  connector: Connector,
  damage: (source: Source, spec: SourceSpec) => Partial<Source>,
): Connector {
  return wrapConnection(connector, (connection) => ({
    async source(spec, signal) {
      const source = await connection.source(spec, signal);
      return { ...source, ...damage(source, spec) };
    },
  }));
}

export function wrapSink(connector: Connector, damage: (sink: Sink) => Partial<Sink>): Connector {
  return wrapConnection(connector, (connection) => ({
    async sink(spec, signal) {
      const sink = await connection.sink(spec, signal);
      return { ...sink, ...damage(sink) };
    },
  }));
}

export function wrapFileSink(connector: Connector, damage: (sink: FileSink) => Partial<FileSink>): Connector {
  return wrapConnection(connector, (connection) => ({
    async fileSink(spec, signal) {
      const sink = await connection.fileSink!(spec, signal);
      return { ...sink, ...damage(sink) };
    },
  }));
}

export function wrapQuery(connector: Connector, damage: (query: OpenQuery) => Partial<OpenQuery>): Connector {
  return wrapConnection(connector, (connection) => ({
    async query(spec, signal) {
      const query = await connection.query!(spec, signal);
      return { ...query, ...damage(query) };
    },
  }));
}

export type ChangeRow = (row: DecodedRow) => DecodedRow | undefined;

/** Changes rows as they are read, or leaves them out. */
export function wrapRows(
  connector: Connector,
  changeFor: (spec: SourceSpec, checkpoint: string | undefined) => ChangeRow,
): Connector {
  return wrapSource(connector, (source, spec) => ({
    async *read(checkpoint, limits, signal) {
      const change = changeFor(spec, checkpoint);
      for await (const block of source.read(checkpoint, limits, signal)) {
        yield block.kind === 'rows' ? changeBlock(block, change) : block;
      }
    },
  }));
}

function changeBlock(block: RowsBlock, change: ChangeRow): RowsBlock {
  const writer = createRowWriter(block.bytes.length + 64);
  for (const row of decodeRows(block.bytes)) {
    const changed = change(row);
    if (!changed) continue;
    writer.begin(changed.op);
    for (const field of changed.fields) writer.text(field);
    writer.end();
  }
  return { ...block, rows: writer.rows, bytes: writer.take() };
}

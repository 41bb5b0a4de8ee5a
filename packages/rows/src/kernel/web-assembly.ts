interface MemoryOf {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What we use of WebAssembly: the types of Node 20 leave it out, and those that have it are the DOM's. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => MemoryOf;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: MemoryOf } },
  ) => { readonly exports: unknown };
}

export interface WasmGlobal {
  value: number;
}

export const { Module, Memory, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi })
  .WebAssembly;

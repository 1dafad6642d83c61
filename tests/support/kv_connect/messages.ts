import { Buffer } from "node:buffer";
import protobuf from "protobufjs";

// The data path of KV Connect, version 3, without queues, which its clients refuse themselves.
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message SnapshotRead { repeated ReadRange ranges = 1; }
  message ReadRange { bytes start = 1; bytes end = 2; int32 limit = 3; bool reverse = 4; }
  message SnapshotReadOutput {
    repeated ReadRangeOutput ranges = 1;
    bool read_disabled = 2;
    bool read_is_strongly_consistent = 4;
    int32 status = 8;
  }
  message ReadRangeOutput { repeated KvEntry values = 1; }
  message KvEntry { bytes key = 1; bytes value = 2; int32 encoding = 3; bytes versionstamp = 4; }
  message AtomicWrite { repeated Check checks = 1; repeated Mutation mutations = 2; repeated Enqueue enqueues = 3; }
  message Check { bytes key = 1; bytes versionstamp = 2; }
  message KvValue { bytes data = 1; int32 encoding = 2; }
  message Mutation { bytes key = 1; KvValue value = 2; int32 mutation_type = 3; int64 expire_at_ms = 4; }
  message Enqueue { bytes payload = 1; }
  message AtomicWriteOutput { int32 status = 1; bytes versionstamp = 2; repeated uint32 failed_checks = 4; }
  message Watch { repeated WatchKey keys = 1; }
  message WatchKey { bytes key = 1; }
  message WatchOutput { int32 status = 1; repeated WatchKeyOutput keys = 2; }
  message WatchKeyOutput { bool changed = 1; KvEntry entry_if_changed = 2; }
`,
  { keepCase: true },
);

/** What the numbers of a mutation's `mutation_type` stand for. */
export const MUTATION = { set: 1, delete: 2, sum: 3, max: 4, min: 5, setVersionstamped: 9 };
/** The encoding of a value that is a little-endian 64-bit integer. */
export const LE64 = 2;

export type ReadRange = { start: Buffer; end: Buffer; limit: number; reverse: boolean };
export type Check = { key: Buffer; versionstamp: Buffer };
/** `expire_at_ms` since the epoch, 0 for never. */
export type Mutation = {
  key: Buffer;
  value: { data: Buffer; encoding: number } | null;
  mutation_type: number;
  expire_at_ms: number;
};
export type AtomicWrite = { checks: Check[]; mutations: Mutation[]; enqueues: unknown[] };
export type KvEntry = { key: Buffer; value: Buffer; encoding: number; versionstamp: Buffer };

type Incoming = {
  SnapshotRead: { ranges: ReadRange[] };
  AtomicWrite: AtomicWrite;
  Watch: { keys: { key: Buffer }[] };
};
type Outgoing = {
  SnapshotReadOutput: {
    ranges: { values: KvEntry[] }[];
    read_is_strongly_consistent: boolean;
    status: number;
  };
  AtomicWriteOutput: { status: number; versionstamp?: Buffer; failed_checks?: number[] };
  WatchOutput: {
    status: number;
    keys: { changed: boolean; entry_if_changed?: KvEntry }[];
  };
};

/** Reads a message; throws where the bytes are none. */
export function decode<Name extends keyof Incoming>(name: Name, bytes: Uint8Array): Incoming[Name] {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), {
    bytes: Buffer,
    longs: Number,
    arrays: true,
    defaults: true,
  }) as Incoming[Name];
}

/** The bytes of a message. */
export function encode<Name extends keyof Outgoing>(name: Name, message: Outgoing[Name]) {
  return Buffer.from(root.lookupType(name).encode(message).finish());
}

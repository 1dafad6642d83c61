/** What a test sees, and may hold up or break, of every call to the store. */
export type Hooks = {
  /** before a call goes out; a rejection is the call's failure */
  before?: (kind: "get" | "getMany" | "list" | "commit") => void | Promise<void>;
  /** after a commit happened and before its answer arrives; a rejection loses the answer */
  committed?: () => void | Promise<void>;
};

/** The same database behind hooks; `hooks` may be changed while it is used. */
export function hookKv(kv: Deno.Kv, hooks: Hooks): Deno.Kv {
  const wrapped = {
    async get(...args: Parameters<Deno.Kv["get"]>) {
      await hooks.before?.("get");
      return await kv.get(...args);
    },
    async getMany(...args: Parameters<Deno.Kv["getMany"]>) {
      await hooks.before?.("getMany");
      return await kv.getMany(...args);
    },
    list(selector: Deno.KvListSelector, options?: Deno.KvListOptions) {
      const iterator = kv.list(selector, options);
      const batch = options?.batchSize ?? 100;
      let taken = 0;
      return {
        async next() {
          const more = taken < (options?.limit ?? Infinity);
          if (more && taken++ % batch === 0) await hooks.before?.("list");
          return await iterator.next();
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    atomic: () => hookAtomic(kv.atomic(), hooks),
    close: () => kv.close(),
  };
  return wrapped as unknown as Deno.Kv;
}

function hookAtomic(operation: Deno.AtomicOperation, hooks: Hooks): Deno.AtomicOperation {
  return new Proxy(operation, {
    get(target, name) {
      if (name === "commit") {
        return async () => {
          await hooks.before?.("commit");
          const result = await target.commit();
          await hooks.committed?.();
          return result;
        };
      }
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        Reflect.apply(member, target, args);
        return hookAtomic(target, hooks);
      };
    },
  });
}

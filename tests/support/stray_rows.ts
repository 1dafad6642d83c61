import type { Service, Tenant } from "../_setup.ts";
import type { BlogRow } from "../../lib/content/blogs.ts";

/** What names a tenant in the store: its id and address, and those of its blogs and their sandboxes. */
export async function idsOf(t: Service, { id, token, email }: Tenant): Promise<string[]> {
  const { body } = await t.api("GET", "/blogs", { key: token });
  const blogs: string[] = body.data.map((one: { id: string }) => one.id);
  const rows = await t.deps.store.getMany<BlogRow>(blogs.map((blog) => ["blog", blog]));
  return [id, email, ...blogs, ...rows.map(({ value }) => value!.sandbox)];
}

/** The keys of every row of the store that has one of `names`, or what they match, in its key or its value. */
export async function rowsThatName(kv: Deno.Kv, names: string[] | RegExp): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, value } of kv.list({ prefix: [] })) {
    const text = Deno.inspect([key, value], {
      depth: 9,
      strAbbreviateSize: 1e6,
      iterableLimit: 1e4,
    });
    const named = names instanceof RegExp
      ? names.test(text)
      : names.some((name) => text.includes(name));
    if (named) found.push(JSON.stringify(key));
  }
  return found;
}

import type { World } from "./_cli.ts";

/** What a post lost. */
type Warned = { slug: string; message: string };
/** What `import --json` prints. */
export type Report = {
  created: string[];
  unchanged: string[];
  failed: { file: string; slug: string; error: string; message: string }[];
  warnings: Warned[];
  left_out: Record<string, number>;
  redated: number;
  uploaded: number;
};
/** The warnings of one post. */
export const messages = ({ warnings }: Report, slug: string) =>
  warnings.filter((one) => one.slug === slug).map(({ message }) => message);

/** A new blog of the world's account, and what tests do on it. */
export async function newBlog(world: World, slug: string) {
  await world.json(["blogs", "create", slug]);
  const on = ["--blog", slug];
  return {
    on,
    run: (...args: string[]): Promise<Report> => world.json(["import", ...args, ...on]),
    get: (post: string) => world.json(["posts", "get", post, ...on]),
    /** slugs in the order of the posts' making */
    list: async (): Promise<string[]> => {
      const { data } = await world.json(["posts", "list", "--all", ...on]);
      return data.map((post: { slug: string }) => post.slug).reverse();
    },
  };
}

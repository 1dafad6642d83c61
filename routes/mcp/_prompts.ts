const MAX_ARGUMENT = 2000;

type Argument = { name: string; description: string; required?: boolean };
type Prompt = {
  name: string;
  title: string;
  description: string;
  arguments: Argument[];
  text: (given: Record<string, string>) => string;
};

export const PROMPTS: Prompt[] = [{
  name: "write_and_publish_post",
  title: "Write and publish a post",
  description: "From a topic to a published post, checked before it is public.",
  arguments: [
    { name: "topic", description: "What the post is about.", required: true },
    { name: "audience", description: "Who it is for." },
    { name: "language", description: "The language it is written in." },
    { name: "blog_id", description: "The blog; the active one unless given." },
  ],
  text: ({ topic, audience, language, blog_id }) =>
    [
      `Write a blog post about: ${topic}`,
      audience && `It is for: ${audience}`,
      language && `Write it in: ${language}`,
      "",
      "1. " + (blog_id
        ? `Act on the blog ${blog_id}: pass it as blog_id.`
        : "Call list_blogs; where there are several, ask me which, and pass its id as blog_id."),
      "2. Call search_posts for the topic, so that nothing is said twice; link to what is related.",
      "3. Write Markdown: a title of at most 70 characters, headings from ##, a first paragraph that can stand alone, up to five tags. Upload images with upload_image, and describe each between the brackets of its Markdown.",
      "4. Call validate_post with it, and mend what it warns of.",
      "5. Show me the title, the description and the tags; once I agree, call create_post, and give me the address of the post.",
    ].filter((line) => typeof line === "string").join("\n"),
}, {
  name: "revise_post",
  title: "Revise a post",
  description: "Improves a post that there is; its former version is kept.",
  arguments: [
    { name: "slug", description: "Which post.", required: true },
    { name: "wish", description: "What should be better." },
    { name: "blog_id", description: "The blog; the active one unless given." },
  ],
  text: ({ slug, wish, blog_id }) =>
    [
      `Revise the post with the slug ${slug}${blog_id ? ` of the blog ${blog_id}` : ""}.`,
      wish && `What should be better: ${wish}`,
      "",
      "1. Call get_post for its Markdown.",
      "2. Call validate_post with your version, and mend what it warns of.",
      "3. Tell me what you would change; once I agree, call update_post. list_revisions and restore_revision bring the former version back.",
    ].filter((line) => typeof line === "string").join("\n"),
}];

/** The prompt's messages, or what is wrong with the request for them. */
export function promptOf(name: string, given: Record<string, string> = {}) {
  const prompt = PROMPTS.find((one) => one.name === name);
  if (!prompt) {
    return { fault: `Unknown prompt: there are ${PROMPTS.map((one) => one.name).join(", ")}.` };
  }
  for (const { name: wanted, required } of prompt.arguments) {
    if (required && !given[wanted]?.trim()) return { fault: `${wanted} is required.` };
    if ((given[wanted]?.length ?? 0) > MAX_ARGUMENT) {
      return { fault: `${wanted} must have at most ${MAX_ARGUMENT} characters.` };
    }
  }
  return {
    description: prompt.description,
    messages: [{
      role: "user" as const,
      content: { type: "text" as const, text: prompt.text(given) },
    }],
  };
}

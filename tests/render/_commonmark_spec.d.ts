export const tests: { markdown: string; html: string; section: string; number: number }[];

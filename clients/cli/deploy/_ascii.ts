// In a file of its own: its tables are large, and most file names need none of them.
export { default } from "any-ascii";

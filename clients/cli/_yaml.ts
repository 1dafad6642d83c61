// In a file of its own, so that only the commands that read front matter load the parser.
export { parse, stringify } from "yaml";

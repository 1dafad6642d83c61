export { blogFilter, describePost, type IndexedPost, langFilter, tagFilter } from "./document.ts";
export { readDocuments } from "./documents.ts";
export { findDocuments, type Question } from "./find.ts";
export type { Found, Hit } from "./lists.ts";
export {
  type Log,
  newDocumentNumber,
  noteLogged,
  readLog,
  stageHidden,
  stageIndexed,
  stageKilled,
  stageShown,
} from "./log.ts";
export { mergeLog, type MergeReport, relieveLog } from "./merge.ts";
export { parseQuery, type Query } from "./query.ts";
export { removeBlogDocuments } from "./remove.ts";

export { ViewCounter } from "./counter.ts";
export { getOverview, getPostAnalytics } from "./read.ts";
export { rollUpViews } from "./roll_up.ts";
export { Overview, PeriodQuery, PostAnalytics } from "./schema.ts";

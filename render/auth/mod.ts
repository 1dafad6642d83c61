export { type Account, appPage } from "./app.ts";
export type { AuthPage } from "./document.ts";
export { faultPage, loginLinkPage, signInPage, signOutPage } from "./sign_in.ts";
export { type OfferedPlan, upgradePage } from "./upgrade.ts";

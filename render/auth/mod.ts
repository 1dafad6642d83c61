export { appRefusedPage, consentPage, type ScopeChoice } from "./consent.ts";
export { deviceDonePage, devicePage, deviceStartPage } from "./device.ts";
export type { AuthPage } from "./document.ts";
export { keptFormPage } from "./kept.ts";
export { faultPage, loginLinkPage, signInPage, signOutPage } from "./sign_in.ts";
export { type OfferedPlan, upgradePage } from "./upgrade.ts";

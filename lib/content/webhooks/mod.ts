export { drainOutbox, stopDraining } from "./drain.ts";
export { listDeliveries, redeliver, testWebhook } from "./deliveries.ts";
export {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  rotateWebhook,
  updateWebhook,
} from "./endpoints.ts";
export { removeHooks } from "./_record.ts";
export {
  CreatedWebhook,
  Delivery,
  RotatedWebhook,
  Webhook,
  WebhookInput,
  WebhookUpdate,
} from "./schema.ts";

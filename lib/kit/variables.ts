type Variable = { name: string; default: string; about: string };

/** Every variable that the service reads; the README's table is checked against this list. */
export const VARIABLES: readonly Variable[] = [
  { name: "PORT", default: "8000", about: "TCP port to listen on." },
  {
    name: "POSTLARK_HOSTNAME",
    default: "0.0.0.0",
    about: "Address to listen on; `127.0.0.1` with `POSTLARK_DEV=1`.",
  },
  {
    name: "POSTLARK_ORIGIN",
    default: "http://localhost:8000",
    about:
      "Scheme (https, but on localhost), base domain and port of every address that is handed out; unset: with `PORT`.",
  },
  {
    name: "POSTLARK_BLOG_DOMAIN",
    default: "",
    about: "Domain that the blogs are subdomains of; unset: the origin's host.",
  },
  {
    name: "POSTLARK_BLOG_ADDRESS",
    default: "subdomain",
    about: "`subdomain`, or `path`: blogs at `/@slug/` of the origin, where there is no wildcard.",
  },
  {
    name: "POSTLARK_CDN",
    default: "",
    about: "`deno`: pages stay in Deno Deploy's CDN until a change purges them.",
  },
  {
    name: "POSTLARK_CDN_PURGE_URL",
    default: "http://cache.localhost/invalidate/http",
    about: "Where purges are sent.",
  },
  {
    name: "POSTLARK_DNS_SERVERS",
    default: "",
    about:
      "DNS servers to ask about custom domains and webhooks, as `9.9.9.9,[2620:fe::fe]:53`; unset: the system's.",
  },
  {
    name: "POSTLARK_OUTBOUND_PRIVATE",
    default: "",
    about:
      "`1`: webhooks may go to private addresses and over http. For development: tenants reach your network.",
  },
  {
    name: "POSTLARK_WEBHOOK_RETRIES",
    default: "5,30,120,600,1800,3600,7200,14400,28800,28800",
    about:
      "Seconds before each further attempt at a webhook's delivery, 24 hours together at most.",
  },
  {
    name: "POSTLARK_KV",
    default: "",
    about: "A file path, `:memory:`, or a KV Connect URL; unset: `Deno.openKv()`.",
  },
  {
    name: "POSTLARK_KV_DEADLINE",
    default: "5000",
    about: "Milliseconds that one call of the store may take before the answer is 503.",
  },
  {
    name: "POSTLARK_MEILISEARCH_URL",
    default: "",
    about: "Meilisearch server that takes the place of the embedded index; unset: none does.",
  },
  {
    name: "POSTLARK_MEILISEARCH_KEY",
    default: "",
    about: "Its API key; unset: it asks for none.",
  },
  {
    name: "POSTLARK_MEDIA",
    default: "",
    about: "`kv` or `s3`: where new images go; unset: `s3` where the next five are set.",
  },
  {
    name: "POSTLARK_S3_ENDPOINT",
    default: "",
    about: "A store that speaks S3, such as `https://s3.eu-central-1.amazonaws.com`; unset: none.",
  },
  { name: "POSTLARK_S3_BUCKET", default: "", about: "Its bucket, which nobody else may write to." },
  { name: "POSTLARK_S3_REGION", default: "auto", about: "Its region." },
  { name: "POSTLARK_S3_ACCESS_KEY_ID", default: "", about: "Its credential," },
  { name: "POSTLARK_S3_SECRET_ACCESS_KEY", default: "", about: "and the secret of that." },
  {
    name: "POSTLARK_SECRET",
    default: "",
    about:
      "At least 32 characters that every key is derived from; required without `POSTLARK_DEV`.",
  },
  {
    name: "POSTLARK_DEV",
    default: "",
    about: "`1`: a demo blog on an empty store, no secret, loopback only. Never in production.",
  },
  {
    name: "POSTLARK_REQUEST_LOG",
    default: "",
    about:
      "`json`: a line for each request on standard error; `pretty` (unset with `POSTLARK_DEV`); `off`.",
  },
  {
    name: "POSTLARK_SIGNUP",
    default: "open",
    about: "`open` or `closed`: whether a sign-in by a new identity makes an account.",
  },
  {
    name: "POSTLARK_BILLING",
    default: "",
    about:
      "`manual`: packs are credited at once, the operator sets plans (unset with `POSTLARK_DEV`); `paddle`; `off` (unset otherwise).",
  },
  {
    name: "POSTLARK_PADDLE_API_KEY",
    default: "",
    about: "Paddle's API key; required with `POSTLARK_BILLING=paddle`, like the next two.",
  },
  {
    name: "POSTLARK_PADDLE_WEBHOOK_SECRET",
    default: "",
    about:
      "Secret of the notification destination `/hooks/paddle`; several, while one is replaced, with commas.",
  },
  {
    name: "POSTLARK_PADDLE_PRICES",
    default: "",
    about:
      "Paddle's price of each plan and pack: `starter=pri_…,creator=pri_…,scale=pri_…,100=pri_…,300=pri_…`.",
  },
  {
    name: "POSTLARK_PADDLE_API_URL",
    default: "https://api.paddle.com",
    about: "Paddle's API; `https://sandbox-api.paddle.com` for its sandbox.",
  },
  {
    name: "POSTLARK_TRUST_PROXY",
    default: "0",
    about: "How many proxies in front append to `X-Forwarded-For`; 0: it is ignored.",
  },
  {
    name: "POSTLARK_COUNTRY_HEADER",
    default: "",
    about: "Header in which a trusted proxy names the reader's country, such as `CF-IPCountry`.",
  },
  {
    name: "POSTLARK_SUPABASE_ISSUER",
    default: "",
    about: "`iss` of the Supabase tokens to accept, such as `https://ref.supabase.co/auth/v1`.",
  },
  {
    name: "POSTLARK_SUPABASE_JWT_SECRET",
    default: "",
    about: "Their HS256 secret (this or the JWKS).",
  },
  {
    name: "POSTLARK_SUPABASE_JWKS_URL",
    default: "",
    about: "Where their public keys are (ES256 or RS256).",
  },
  {
    name: "POSTLARK_GOOGLE_CLIENT_ID",
    default: "",
    about: "Sign-in by Google; to be registered there: `{origin}/auth/callback/google`.",
  },
  { name: "POSTLARK_GOOGLE_CLIENT_SECRET", default: "", about: "Its secret." },
  {
    name: "POSTLARK_GITHUB_CLIENT_ID",
    default: "",
    about: "Sign-in by GitHub; to be registered there: `{origin}/auth/callback/github`.",
  },
  { name: "POSTLARK_GITHUB_CLIENT_SECRET", default: "", about: "Its secret." },
  {
    name: "POSTLARK_OIDC_ISSUER",
    default: "",
    about: "Sign-in by any OpenID Connect provider, an https URL; `{origin}/auth/callback/oidc`.",
  },
  {
    name: "POSTLARK_OIDC_CLIENT_ID",
    default: "",
    about: "Its client; required beside the issuer.",
  },
  { name: "POSTLARK_OIDC_CLIENT_SECRET", default: "", about: "Its secret." },
  { name: "POSTLARK_OIDC_NAME", default: "", about: "Its name on the button; unset: its host." },
  { name: "POSTLARK_LIMIT_FREE", default: "60", about: "Requests an hour and user, Free." },
  { name: "POSTLARK_LIMIT_STARTER", default: "300", about: "The same, Starter." },
  { name: "POSTLARK_LIMIT_CREATOR", default: "1000", about: "The same, Creator." },
  { name: "POSTLARK_LIMIT_SCALE", default: "10000", about: "The same, Scale." },
  { name: "POSTLARK_LIMIT_ENTERPRISE", default: "20000", about: "The same, Enterprise." },
  {
    name: "POSTLARK_LIMIT_UNAUTHORIZED",
    default: "1000",
    about: "Requests an hour and address that carry no valid credential.",
  },
  {
    name: "POSTLARK_LIMIT_DISCOVER",
    default: "120",
    about: "Searches an hour and address over all blogs.",
  },
  {
    name: "POSTLARK_LIMIT_SIGN_IN",
    default: "30",
    about: "Sign-ins begun in ten minutes and from one address.",
  },
  {
    name: "POSTLARK_LIMIT_DEVICE_POLL",
    default: "400",
    about: "Polls of a device login in ten minutes and from one address.",
  },
  {
    name: "POSTLARK_LIMIT_OAUTH_REGISTRATION",
    default: "20",
    about: "Apps registered in ten minutes and from one address.",
  },
  { name: "POSTLARK_LIMIT_UPLOADS", default: "10", about: "Uploads a minute and user." },
  {
    name: "POSTLARK_LIMIT_AT_ONCE",
    default: "256",
    about: "Requests that one instance works on at once; further ones are answered 503.",
  },
  { name: "POSTLARK_LIMIT_BODY", default: "8388608", about: "Bytes of a body, JSON or form." },
];

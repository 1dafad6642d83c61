/** Generated from the OpenAPI document by `deno task sdk`: do not edit. */
export interface components {
  schemas: {
    Post: components["schemas"]["PostSummary"] & {
      /** @description The Markdown source. */
      content_md: string;
      /** @description The HTML that the site shows. */
      content_html: string;
      og_image_url: string | null;
      canonical_url: string | null;
      noindex: boolean;
      word_count: number;
      /** @description BCP 47, as detected. */
      lang: string;
    };
    PostSummary: {
      /** Format: uuid */
      id: string;
      title: string;
      slug: string;
      /**
       * Format: uri
       * @description Where it is, or will be, read.
       */
      url: string;
      /** @enum {string} */
      status: "draft" | "published" | "scheduled";
      tags: string[];
      meta_description: string;
      /** Format: date-time */
      published_at: string | null;
      /** Format: date-time */
      scheduled_at: string | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
    };
    Error: {
      /**
       * @description The kind of error.
       * @enum {string}
       */
      error:
        | "bad_request"
        | "unauthorized"
        | "forbidden"
        | "not_found"
        | "conflict"
        | "method_not_allowed"
        | "precondition_failed"
        | "payload_too_large"
        | "unsupported_media_type"
        | "rate_limit_exceeded"
        | "internal_error"
        | "upstream_error"
        | "unavailable";
      /** @description What is wrong, and how to mend it. */
      message: string;
      /** @description Finer than `error`; new ones may be added. */
      reason: string;
      request_id: string;
      /** @description Every fault that was found in the input. */
      issues?: {
        /** @description Dotted; empty for the whole body. */
        path: string;
        message: string;
      }[];
      /**
       * Format: uri
       * @description Where to get a plan that allows it.
       */
      upgrade_url?: string;
      /** @description Seconds to wait. */
      retry_after?: number;
    };
    PostInput: {
      title: string;
      /** @description Markdown, at most 1,048,576 bytes of UTF-8. */
      content: string;
      /** @description From the title where it is left out or empty. */
      slug?: string;
      tags?: string[];
      /**
       * @description `draft` unless given.
       * @enum {string}
       */
      status?: "draft" | "published";
      /**
       * Format: date-time
       * @description Publish at this time instead (Creator and above); not with status published.
       */
      scheduled_at?: string | null;
      meta?: components["schemas"]["PostMeta"];
    };
    PostMeta: {
      /** @description The first two sentences of the text stand in for one that is not given. */
      description?: string | null;
      /** @description Must be an https URL of at most 2,048 characters; empty or null takes it away. */
      og_image?: string | null;
      /** @description Must be an http or https URL of at most 2,048 characters; empty or null takes it away. */
      canonical_url?: string | null;
      /** @description Whether search engines are asked to leave the post out. */
      noindex?: boolean;
    };
    BulkAnswer: {
      created: number;
      failed: number;
      /** @description In the order of `posts`. */
      results: components["schemas"]["BulkResult"][];
    };
    BulkResult: {
      /** @description Its place in `posts`, from 0. */
      index: number;
      /** @description What creating it alone would answer. */
      status: number;
      post?: {
        /** Format: uuid */
        id: string;
        slug: string;
        /**
         * Format: uri
         * @description Where it is, or will be, read.
         */
        url: string;
        /** @enum {string} */
        status: "draft" | "published" | "scheduled";
        /** Format: date-time */
        published_at: string | null;
        /** Format: date-time */
        scheduled_at: string | null;
        /** Format: date-time */
        created_at: string;
        /** Format: date-time */
        updated_at: string;
      };
      failure?: {
        error: string;
        reason: string;
        message: string;
        issues?: {
          path: string;
          message: string;
        }[];
        upgrade_url?: string;
      };
    };
    BulkInput: {
      /** @description Each as for creating one. */
      posts: components["schemas"]["PostInput"][];
    };
    Validation: {
      /** @description Whether creating it now would be accepted. */
      valid: boolean;
      slug: string;
      meta_description: string;
      word_count: number;
      reading_minutes: number;
      /** @description The HTML that the site shows. */
      content_html: string;
      warnings: {
        /** @enum {string} */
        code:
          | "dead_anchor"
          | "image_without_alt"
          | "heading_jump"
          | "unclosed_fence"
          | "unknown_callout"
          | "long_title"
          | "long_description"
          | "dead_link"
          | "slug_taken";
        message: string;
        /** @description From 1, where it is known. */
        line?: number;
      }[];
    };
    PostList: {
      data: components["schemas"]["PostSummary"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor?: string | null;
      /** @description Absent with limit or cursor. */
      pagination?: {
        page: number;
        per_page: number;
        total: number;
        total_pages: number;
      };
    };
    PostUpdate: {
      title?: string;
      /** @description Markdown, at most 1,048,576 bytes of UTF-8. */
      content?: string;
      /** @description From the title where it is left out or empty. */
      slug?: string;
      tags?: string[];
      meta?: components["schemas"]["PostMeta"];
    };
    Deleted: {
      /** @enum {boolean} */
      deleted: true;
    };
    ScheduleInput: {
      /** Format: date-time */
      scheduled_at: string;
    };
    RevisionList: {
      data: components["schemas"]["RevisionSummary"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor: string | null;
    };
    RevisionSummary: {
      /** Format: uuid */
      id: string;
      /** @description Counts from 1; the highest is the current one. */
      number: number;
      title: string;
      slug: string;
      tags: string[];
      meta_description: string;
      word_count: number;
      /** Format: date-time */
      created_at: string;
    };
    Revision: components["schemas"]["RevisionSummary"] & {
      /** @description The Markdown source. */
      content_md: string;
      /** @description The HTML that the site shows. */
      content_html: string;
      og_image_url: string | null;
      canonical_url: string | null;
      noindex: boolean;
    };
    AnalyticsOverview: {
      /** @description The blog's name. */
      title: string;
      /** @enum {string} */
      period: "7d" | "30d" | "90d";
      /** @description Of all time. */
      total_views: number;
      total_views_7d: number;
      total_views_30d: number;
      /** @description Sum of the days' unique visitors. */
      total_uv_7d: number;
      /** @description The same. */
      total_uv_30d: number;
      /** @description total_views_7d. */
      views_7d: number;
      /** @description total_views_30d. */
      views_30d: number;
      /** @description Every day of the period, oldest first, the last is today (UTC). */
      daily_views: {
        /** Format: date */
        date: string;
        views: number;
        /** @description Unique visitors of that day. */
        uv: number;
      }[];
      /** @description The ten most viewed posts of the period. */
      top_posts: {
        slug: string;
        title: string;
        views: number;
      }[];
      /** @description Hosts that readers came from: the 20 most frequent and `other`. Creator and above, else absent. */
      referrers?: {
        host: string;
        views: number;
      }[];
      /** @description ISO 3166-1, as the operator's proxy says: the 20 most frequent and `other`. Creator and above, else absent. */
      countries?: {
        country: string;
        views: number;
      }[];
      /** @description Browsers: the 20 most frequent and `other`. Creator and above, else absent. */
      browsers?: {
        browser: string;
        views: number;
      }[];
    };
    PostAnalytics: {
      slug: string;
      title: string;
      /** @enum {string} */
      period: "7d" | "30d" | "90d";
      /** @description Of all time. */
      total_views: number;
      total_views_7d: number;
      total_views_30d: number;
      /** @description Sum of the days' unique visitors. */
      total_uv_7d: number;
      /** @description The same. */
      total_uv_30d: number;
      /** @description total_views_7d. */
      views_7d: number;
      /** @description total_views_30d. */
      views_30d: number;
      /** @description Every day of the period, oldest first, the last is today (UTC). */
      daily_views: {
        /** Format: date */
        date: string;
        views: number;
        /** @description Unique visitors of that day. */
        uv: number;
      }[];
      /** @description Hosts that readers came from: the 20 most frequent and `other`. Creator and above, else absent. */
      referrers?: {
        host: string;
        views: number;
      }[];
      /** @description ISO 3166-1, as the operator's proxy says: the 20 most frequent and `other`. Creator and above, else absent. */
      countries?: {
        country: string;
        views: number;
      }[];
      /** @description Browsers: the 20 most frequent and `other`. Creator and above, else absent. */
      browsers?: {
        browser: string;
        views: number;
      }[];
    };
    SearchResultList: {
      data: components["schemas"]["SearchResult"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor?: string | null;
      /** @description Absent with limit or cursor. */
      pagination?: {
        page: number;
        per_page: number;
        total: number;
        total_pages: number;
      };
    };
    SearchResult: {
      title: string;
      slug: string;
      /** Format: uri */
      url: string;
      /** @description The first 200 characters or so of the text. */
      excerpt: string;
      meta_description: string;
      tags: string[];
      /** @description BCP 47, as detected. */
      lang: string;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      published_at: string;
    };
    DiscoveryList: {
      data: components["schemas"]["Discovery"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor?: string | null;
      /** @description Absent with limit or cursor. */
      pagination?: {
        page: number;
        per_page: number;
        total: number;
        total_pages: number;
      };
    };
    Discovery: components["schemas"]["SearchResult"] & {
      blog_name: string;
      blog_domain: string;
      /**
       * Format: uri
       * @description The post for language models; null where its blog's plan has none.
       */
      llms_txt_url: string | null;
    };
    Media: {
      /** Format: uuid */
      id: string;
      /**
       * Format: uri
       * @description Where it is served, for good.
       */
      url: string;
      /** @description What shows it in a post. */
      markdown: string;
      filename: string;
      /** @enum {string} */
      content_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp";
      /** @description Bytes, without its metadata. */
      size: number;
      /** @description Pixels, as it is shown. */
      width: number;
      height: number;
      /** Format: date-time */
      created_at: string;
    };
    UploadInput: {
      /** @description The image in base64; 5 MiB of it at most. */
      data: string;
      filename?: string;
      /**
       * @description What the image is; the first bytes must say the same.
       * @enum {string}
       */
      content_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp";
    };
    UploadForm: {
      /** Format: binary */
      file: string;
    };
    MediaList: {
      data: components["schemas"]["Media"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor: string | null;
    };
    Blog: components["schemas"]["BlogSummary"] & {
      theme_config: components["schemas"]["ThemeConfig"];
      title_pattern: string | null;
      tag_title_patterns: {
        [key: string]: string;
      };
    };
    ThemeConfig: {
      /**
       * @description `paper` where it is empty or null.
       * @enum {string|null}
       */
      theme?: "paper" | "ink" | "terminal" | "" | null;
      /** @description At most 65,536 bytes of UTF-8; empty or null takes it away. */
      customCss?: string | null;
      /** @description An https URL; empty or null takes it away. */
      cssUrl?: string | null;
      /** @description At most 65,536 bytes of UTF-8; empty or null takes it away. */
      adCode?: string | null;
      /** @description At most 65,536 bytes of UTF-8; empty or null takes it away. */
      headerHtml?: string | null;
      /** @description At most 65,536 bytes of UTF-8; empty or null takes it away. */
      footerHtml?: string | null;
      /** @description At most 65,536 bytes of UTF-8; empty or null takes it away. */
      headHtml?: string | null;
      /** @description At most 65,536 bytes of UTF-8; empty or null takes it away. */
      layoutHtml?: string | null;
    };
    BlogSummary: {
      /** Format: uuid */
      id: string;
      slug: string;
      name: string;
      description: string;
      /** Format: uri */
      url: string;
      custom_domain: string | null;
      /** @description Whether it is beyond the plan's number of blogs: readable, but not to be changed. */
      frozen: boolean;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
    };
    BlogInput: {
      /** @description The subdomain. Some names are reserved. */
      slug: string;
      name: string;
      description?: string;
    };
    BlogList: {
      data: components["schemas"]["BlogSummary"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor: string | null;
    };
    BlogUpdate: {
      name?: string;
      description?: string;
      theme_config?: components["schemas"]["ThemeConfig"];
      /** @description How the titles of posts' documents are made, of {title}, {blog} and {tag}; null: ours. Scale and above. */
      title_pattern?: string | null;
      /** @description The same for posts of a tag, the first of theirs that has one; merged tag by tag, null removes one. At most 20,000 characters together. */
      tag_title_patterns?: {
        [key: string]: string | null;
      };
    };
    Domain: {
      hostname: string | null;
      /**
       * @description `active`: verified; the blog is there, and its subdomain redirects to it.
       * @enum {string}
       */
      status: "pending" | "active" | "none";
      /**
       * @description `active`: the server's proxy is told to have a certificate for it.
       * @enum {string|null}
       */
      ssl_status: "pending" | "active" | null;
      cname_target: string | null;
      /** @description What proves a host that cannot have a CNAME. */
      txt_record: {
        name: string;
        value: string;
        /** @description Whether a CNAME alone will not do. */
        required: boolean;
      } | null;
      instructions: string | null;
      /**
       * Format: date-time
       * @description When DNS last answered.
       */
      checked_at: string | null;
    };
    DomainInput: {
      /** @description A name of yours such as blog.yourdomain.com, without scheme, port or path. */
      hostname: string;
    };
    DomainRemoved: {
      /** @enum {boolean} */
      removed: true;
      /** @enum {boolean} */
      deleted: true;
    };
    CreatedKey: {
      /** Format: uuid */
      id: string;
      name: string;
      /** @description The first characters of the secret. */
      prefix: string;
      /** @description The same. */
      key_prefix: string;
      scopes: string[];
      /** Format: uuid */
      blog_id: string | null;
      /** @enum {string} */
      mode: "live" | "test";
      /** Format: date-time */
      expires_at: string | null;
      /** Format: date-time */
      created_at: string;
      /** @description The secret, shown only here. */
      key: string;
      /** @description The same. */
      token: string;
    };
    ApiKeyInput: {
      /** @description `Default` unless given. */
      name?: string;
      /** @description `["*"]` unless given. */
      scopes?: (
        | "*"
        | "posts:*"
        | "blogs:*"
        | "analytics:*"
        | "search:*"
        | "account:*"
        | "packs:*"
        | "domains:*"
        | "media:*"
        | "posts:read"
        | "posts:write"
        | "blogs:read"
        | "blogs:write"
        | "analytics:read"
        | "search:read"
        | "account:read"
        | "account:write"
        | "packs:read"
        | "packs:write"
        | "domains:read"
        | "domains:write"
        | "media:read"
        | "media:write"
      )[];
      /** @description Days, or a length of time; null: it does not expire. */
      expires_in?: number | ("30d" | "90d" | "1y") | null;
      /**
       * @description `live` unless given; a test key reaches only the blog's sandbox.
       * @enum {string}
       */
      mode?: "live" | "test";
    };
    ApiKeyList: {
      data: components["schemas"]["ApiKey"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor: string | null;
    };
    ApiKey: {
      /** Format: uuid */
      id: string;
      name: string;
      /** @description The first characters of the secret. */
      prefix: string;
      /** @description The same. */
      key_prefix: string;
      scopes: string[];
      /** Format: uuid */
      blog_id: string | null;
      /** @enum {string} */
      mode: "live" | "test";
      /** @description The app that it is of, by its own account; null: not an app's. */
      app: {
        /** Format: uuid */
        client_id: string;
        name: string;
      } | null;
      /** Format: date-time */
      expires_at: string | null;
      /** Format: date-time */
      last_used_at: string | null;
      /** Format: date-time */
      created_at: string;
    };
    Revoked: {
      /** @enum {boolean} */
      deleted: true;
      /** @enum {boolean} */
      revoked: true;
    };
    CreatedWebhook: components["schemas"]["Webhook"] & {
      /** @description What signatures are verified with (Standard Webhooks); shown only here. */
      secret: string;
    };
    Webhook: {
      /** Format: uuid */
      id: string;
      url: string;
      events: (
        | "*"
        | "post.created"
        | "post.updated"
        | "post.published"
        | "post.unpublished"
        | "post.scheduled"
        | "post.deleted"
        | "domain.active"
        | "pack.low"
      )[];
      description: string;
      enabled: boolean;
      /**
       * @description `gone`: the receiver answered 410; `failing`: it took nothing for 24 hours; `owner`: by PUT.
       * @enum {string|null}
       */
      disabled_reason: "owner" | "gone" | "failing" | null;
      /** Format: date-time */
      disabled_at: string | null;
      /**
       * Format: date-time
       * @description The first attempt since which none was taken.
       */
      failing_since: string | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
    };
    WebhookInput: {
      /** @description Where events are sent, https. */
      url: string;
      /** @description `["*"]` unless given. */
      events?: (
        | "*"
        | "post.created"
        | "post.updated"
        | "post.published"
        | "post.unpublished"
        | "post.scheduled"
        | "post.deleted"
        | "domain.active"
        | "pack.low"
      )[];
      description?: string;
    };
    WebhookList: {
      data: components["schemas"]["Webhook"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor: string | null;
    };
    WebhookUpdate: {
      /** @description Where events are sent, https. */
      url?: string;
      /** @description `["*"]` unless given. */
      events?: (
        | "*"
        | "post.created"
        | "post.updated"
        | "post.published"
        | "post.unpublished"
        | "post.scheduled"
        | "post.deleted"
        | "domain.active"
        | "pack.low"
      )[];
      description?: string;
      /** @description A disabled one gets nothing; what waited for it has failed. */
      enabled?: boolean;
    };
    WebhookRemoved: {
      /** @enum {boolean} */
      deleted: true;
      /** @enum {boolean} */
      removed: true;
    };
    RotatedWebhook: components["schemas"]["CreatedWebhook"] & {
      /**
       * Format: date-time
       * @description Until then everything is signed with the secret before, too.
       */
      previous_valid_until: string;
    };
    Delivery: {
      /**
       * Format: uuid
       * @description Of the event; sent as `webhook-id`.
       */
      id: string;
      /** @enum {string} */
      event:
        | "post.created"
        | "post.updated"
        | "post.published"
        | "post.unpublished"
        | "post.scheduled"
        | "post.deleted"
        | "domain.active"
        | "pack.low"
        | "test";
      /** @enum {string} */
      status: "pending" | "delivered" | "failed";
      /** @description Why it failed, where the attempts do not say it. */
      error: string | null;
      /** @description Oldest first; of many the newest. */
      attempts: {
        /** Format: date-time */
        at: string;
        duration_ms: number;
        /** @description What was answered. */
        status: number | null;
        /** @description Why there is no answer. */
        error: string | null;
      }[];
      /** Format: date-time */
      next_attempt_at: string | null;
      /** Format: date-time */
      created_at: string;
    };
    DeliveryList: {
      data: components["schemas"]["Delivery"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor: string | null;
    };
    Profile: {
      /** Format: uuid */
      id: string;
      /** @description Empty where the sign-in gives none. */
      email: string;
      name: string;
      /** @enum {string} */
      plan: "free" | "starter" | "creator" | "scale" | "enterprise";
      /** Format: date-time */
      created_at: string;
    };
    Usage: {
      /** @enum {string} */
      plan: "free" | "starter" | "creator" | "scale" | "enterprise";
      /** @description After a downgrade: the plan by which pages are still shown, and until when. */
      grace: {
        /** @enum {string} */
        plan: "free" | "starter" | "creator" | "scale" | "enterprise";
        /** Format: date-time */
        until: string;
      } | null;
      /** @description Free counts posts that exist, the others those created in the period. */
      posts: {
        /** @description null: no limit. */
        limit: number | null;
        used: number;
        /** @description null: no limit. */
        remaining: number | null;
        /** @description Posts that exist. */
        existing: number;
        /** Format: date-time */
        period_start: string | null;
        /** Format: date-time */
        period_end: string | null;
      };
      packs: {
        remaining: number;
      };
      blogs: {
        /** @description null: no limit. */
        limit: number | null;
        used: number;
      };
      /** @description Of media. */
      storage: {
        limit_bytes: number;
        used_bytes: number;
      };
      /** @description Of this hour. */
      requests: {
        limit: number;
        used: number;
        remaining: number;
        /** @description Unix time in seconds. */
        reset: number;
      };
    };
    Checkout: {
      /** @enum {string} */
      plan: "starter" | "creator" | "scale" | "enterprise";
      /** Format: uri */
      checkout_url: string;
    };
    CheckoutInput: {
      /** @enum {string} */
      plan: "starter" | "creator" | "scale" | "enterprise";
    };
    Export: {
      /** Format: date-time */
      exported_at: string;
      /** Format: uuid */
      user_id: string;
      blogs: {
        blog: {
          slug: string;
          name: string;
          description: string;
        };
        posts: {
          slug: string;
          title: string;
          content_md: string;
          tags: string[];
          /** @enum {string} */
          status: "draft" | "published" | "scheduled";
          /** Format: date-time */
          created_at: string;
        }[];
      }[];
      total_posts: number;
      /** @description There when the export is full. */
      truncated?: boolean;
    };
    ProfileUpdate: {
      name?: string;
    };
    AccountDeleted: {
      /** @enum {boolean} */
      deleted: true;
      message: string;
    };
    TokenInput: {
      name: string;
      /** @description `["*"]` unless given. */
      scopes?: (
        | "*"
        | "posts:*"
        | "blogs:*"
        | "analytics:*"
        | "search:*"
        | "account:*"
        | "packs:*"
        | "domains:*"
        | "media:*"
        | "posts:read"
        | "posts:write"
        | "blogs:read"
        | "blogs:write"
        | "analytics:read"
        | "search:read"
        | "account:read"
        | "account:write"
        | "packs:read"
        | "packs:write"
        | "domains:read"
        | "domains:write"
        | "media:read"
        | "media:write"
      )[];
      /** @description Id of the blog that it is for; null: all. */
      blog_id?: string | null;
      /** @description Days, or a length of time; null: it does not expire. */
      expires_in?: number | ("30d" | "90d" | "1y") | null;
    };
    Purchase: {
      /** @description Whether it is credited; else when checkout_url is paid. */
      purchased: boolean;
      /** @enum {string} */
      pack_type: "100" | "300";
      price: string;
      posts: number;
      balance: number;
      total_remaining: number;
      /** Format: uri */
      checkout_url: string | null;
    };
    PurchaseInput: {
      /**
       * @description Posts; a number too.
       * @enum {string}
       */
      pack_type: "100" | "300";
      /**
       * @description Another name of pack_type.
       * @enum {string}
       */
      type?: "100" | "300";
    };
    PackBalance: {
      /** @description Posts that all packs hold; below zero after a refund of used ones. */
      total_remaining: number;
      /** @description The same as total_remaining. */
      balance: number;
      /** @description Oldest first; used up ones are gone. */
      packs: {
        /** Format: uuid */
        id: string;
        balance: number;
        size: number;
        /** Format: date-time */
        purchased_at: string;
      }[];
    };
    MovementList: {
      data: components["schemas"]["Movement"][];
      /** @description For `cursor`; null on the last page. */
      next_cursor: string | null;
    };
    Movement: {
      /** Format: uuid */
      id: string;
      /** @enum {string} */
      kind: "grant" | "consumption" | "reset" | "refund";
      /** @enum {string} */
      source: "month" | "pack";
      /** Format: uuid */
      pack_id: string | null;
      amount: number;
      /** @description What all packs held after it. */
      balance: number;
      /** Format: uuid */
      post_id: string | null;
      reference: string | null;
      /** Format: date-time */
      created_at: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export interface operations {
  listPosts: {
    parameters: {
      query?: {
        status?: "draft" | "published" | "scheduled";
        /** @description Only posts with this tag, whatever its case. */
        tag?: string;
        sort?: "created_at" | "updated_at" | "published_at";
        order?: "desc" | "asc";
        /** @description From 1. */
        page?: number;
        /** @description 20 unless given; clamped to 200. */
        per_page?: number;
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of posts. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PostList"];
        };
      };
    };
  };
  createPost: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PostInput"];
      };
    };
    responses: {
      /** @description The new post. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Post"];
        };
      };
    };
  };
  createPosts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["BulkInput"];
      };
    };
    responses: {
      /** @description What became of each. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BulkAnswer"];
        };
      };
    };
  };
  validatePost: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PostInput"];
      };
    };
    responses: {
      /** @description The rendered post and its warnings. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Validation"];
        };
      };
    };
  };
  getPost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The post. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Post"];
        };
      };
    };
  };
  updatePost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["PostUpdate"];
      };
    };
    responses: {
      /** @description The post as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Post"];
        };
      };
    };
  };
  deletePost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Deleted"];
        };
      };
    };
  };
  publishPost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The published post. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Post"];
        };
      };
    };
  };
  unpublishPost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The draft. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Post"];
        };
      };
    };
  };
  schedulePost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ScheduleInput"];
      };
    };
    responses: {
      /** @description The scheduled post. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Post"];
        };
      };
    };
  };
  listRevisions: {
    parameters: {
      query?: {
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The revisions. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RevisionList"];
        };
      };
    };
  };
  getRevision: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
        /** @description The id of the revision. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The revision, whole. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Revision"];
        };
      };
    };
  };
  restoreRevision: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
        /** @description The id of the revision. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The post as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Post"];
        };
      };
    };
  };
  getAnalytics: {
    parameters: {
      query?: {
        /** @description The last days up to today, UTC; 30d unless given. */
        period?: "7d" | "30d" | "90d";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The figures, some seconds old at most. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AnalyticsOverview"];
        };
      };
    };
  };
  getPostAnalytics: {
    parameters: {
      query?: {
        /** @description The last days up to today, UTC; 30d unless given. */
        period?: "7d" | "30d" | "90d";
      };
      header?: never;
      path: {
        /** @description The slug of the post. */
        slug: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The figures, some seconds old at most. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PostAnalytics"];
        };
      };
    };
  };
  searchPosts: {
    parameters: {
      query: {
        /** @description Words that must all occur; `OR` between alternatives, `-word` for what must not. "Quoted words" must all occur, in any order. */
        q: string;
        /** @description From 1. */
        page?: number;
        /** @description 20 unless given; clamped to 50. */
        per_page?: number;
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of posts. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SearchResultList"];
        };
      };
    };
  };
  discoverPosts: {
    parameters: {
      query: {
        /** @description Words that must all occur; `OR` between alternatives, `-word` for what must not. "Quoted words" must all occur, in any order. */
        q: string;
        /** @description Only posts with this tag, whatever its case. */
        tag?: string;
        /** @description Only posts in this language, as detected; BCP 47, its first part counts. */
        lang?: string;
        /** @description From 1. */
        page?: number;
        /** @description 20 unless given; clamped to 50. */
        per_page?: number;
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of posts. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DiscoveryList"];
        };
      };
    };
  };
  uploadImage: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["UploadInput"];
        "multipart/form-data": components["schemas"]["UploadForm"];
      };
    };
    responses: {
      /** @description Where the image is served. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Media"];
        };
      };
    };
  };
  listMedia: {
    parameters: {
      query?: {
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of images. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MediaList"];
        };
      };
    };
  };
  deleteMedia: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the media. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Deleted"];
        };
      };
    };
  };
  listBlogs: {
    parameters: {
      query?: {
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The blogs. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BlogList"];
        };
      };
    };
  };
  createBlog: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["BlogInput"];
      };
    };
    responses: {
      /** @description The new blog. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Blog"];
        };
      };
    };
  };
  getBlog: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The blog, with its theme. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Blog"];
        };
      };
    };
  };
  updateBlog: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["BlogUpdate"];
      };
    };
    responses: {
      /** @description The blog as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Blog"];
        };
      };
    };
  };
  deleteBlog: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Nothing of it is visible any more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Deleted"];
        };
      };
    };
  };
  activateBlog: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The blog as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Blog"];
        };
      };
    };
  };
  getDomain: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The domain. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Domain"];
        };
      };
    };
  };
  registerDomain: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DomainInput"];
      };
    };
    responses: {
      /** @description The domain, and how to verify it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Domain"];
        };
      };
    };
  };
  removeDomain: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The blog is at its subdomain again. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DomainRemoved"];
        };
      };
    };
  };
  listApiKeys: {
    parameters: {
      query?: {
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The keys, without their secrets. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ApiKeyList"];
        };
      };
    };
  };
  createApiKey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ApiKeyInput"];
      };
    };
    responses: {
      /** @description The key; its secret only here. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CreatedKey"];
        };
      };
    };
  };
  revokeApiKey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
        /** @description The id of the API key. */
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It works no more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Revoked"];
        };
      };
    };
  };
  listWebhooks: {
    parameters: {
      query?: {
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The webhooks, without their secrets. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookList"];
        };
      };
    };
  };
  createWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WebhookInput"];
      };
    };
    responses: {
      /** @description The webhook, with its secret. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CreatedWebhook"];
        };
      };
    };
  };
  getWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
        /** @description The id of the webhook. */
        hookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The webhook, without its secret. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Webhook"];
        };
      };
    };
  };
  updateWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
        /** @description The id of the webhook. */
        hookId: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["WebhookUpdate"];
      };
    };
    responses: {
      /** @description The webhook as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Webhook"];
        };
      };
    };
  };
  deleteWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
        /** @description The id of the webhook. */
        hookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Nothing is sent to it any more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookRemoved"];
        };
      };
    };
  };
  rotateWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
        /** @description The id of the webhook. */
        hookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The webhook, with its new secret. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RotatedWebhook"];
        };
      };
    };
  };
  testWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
        /** @description The id of the webhook. */
        hookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The delivery, about to be tried. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Delivery"];
        };
      };
    };
  };
  listDeliveries: {
    parameters: {
      query?: {
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
        /** @description The id of the webhook. */
        hookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The deliveries, with their attempts. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DeliveryList"];
        };
      };
    };
  };
  redeliver: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the blog. */
        id: string;
        /** @description The id of the webhook. */
        hookId: string;
        /** @description The id of the deliverie. */
        deliveryId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The delivery, about to be tried. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Delivery"];
        };
      };
    };
  };
  getProfile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The account of the credential. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Profile"];
        };
      };
    };
  };
  updateProfile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ProfileUpdate"];
      };
    };
    responses: {
      /** @description The account as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Profile"];
        };
      };
    };
  };
  getUsage: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Posts, packs, blogs and requests. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Usage"];
        };
      };
    };
  };
  checkoutPlan: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CheckoutInput"];
      };
    };
    responses: {
      /** @description Where to pay. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Checkout"];
        };
      };
    };
  };
  exportAccount: {
    parameters: {
      query?: {
        /** @description `zip`: a Markdown file with front matter a post, the images, and the blogs' settings. */
        format?: "json" | "zip";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All blogs with their posts. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Export"];
          "application/zip": string;
        };
      };
    };
  };
  deleteAccount: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Nothing of it is left to see. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AccountDeleted"];
        };
      };
    };
  };
  listTokens: {
    parameters: {
      query?: {
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The tokens, without their secrets. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ApiKeyList"];
        };
      };
    };
  };
  createToken: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TokenInput"];
      };
    };
    responses: {
      /** @description The token; its secret only here. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CreatedKey"];
        };
      };
    };
  };
  revokeToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the token. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It works no more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Revoked"];
        };
      };
    };
  };
  purchasePack: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["PurchaseInput"];
      };
    };
    responses: {
      /** @description The credited pack, or its checkout. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Purchase"];
        };
      };
    };
  };
  getPackBalance: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The packs, oldest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PackBalance"];
        };
      };
    };
  };
  listMovements: {
    parameters: {
      query?: {
        /** @description At most this many, clamped to 250; the answer then has next_cursor. */
        limit?: number;
        /** @description next_cursor of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The movements. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MovementList"];
        };
      };
    };
  };
}

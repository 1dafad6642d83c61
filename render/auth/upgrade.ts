import { html } from "hono/html";
import { authDocument, type AuthPage, type Markup } from "./document.ts";

/** A plan as it is offered; `has` are sentences' parts, `sold`: it has a checkout. */
export type OfferedPlan = {
  id: string;
  title: string;
  has: string[];
  above: string | null;
  current: boolean;
  sold: boolean;
};

/** The page that compares the plans; `hint` says how to change to another. */
export function upgradePage(
  { plans, hint, signedIn }: { plans: OfferedPlan[]; hint: string; signedIn: boolean },
): AuthPage {
  return authDocument({
    title: "Plans",
    signedIn,
    forms: plans.some(({ sold }) => sold) ? "away" : undefined,
    main: html`
      <h1>Plans</h1>
      <p class="soft">${hint}</p>
      <div class="plans">${plans.map(card)}</div>
    `,
  });
}

function card(plan: OfferedPlan): Markup {
  const { id, title, has, above } = plan;
  const checkout = plan.sold && html`
    <form method="post" action="/upgrade">
      <input type="hidden" name="plan" value="${id}">
      <button class="button main wide" type="submit">Choose ${title}</button>
    </form>
  `;
  return html`
    <section class="card" aria-labelledby="plan-${id}">
      <h2 id="plan-${id}">${title}</h2>
      ${above && html`<p class="soft small">Everything in ${above}, and:</p>`}
      <ul>${has.map((one) => html`<li>${one}</li>`)}</ul>
      ${plan.current ? html`<p class="current">Your plan</p>` : checkout}
    </section>
  `;
}

import { html } from "../shop/html.js";
import { useData, useShopper } from "../shop/hooks.js";
import { Trouble } from "../shop/parts.js";
import { Link } from "../shop/route.js";
import { language, t, won } from "../shop/words.js";

export const Orders = () => useShopper() && html`<${List} />`;

function List() {
  const { data, problem } = useData("/v1/orders?limit=50");
  if (!data) return html`<${Trouble} problem=${problem} />`;
  return html`<h1>${t.orders}</h1>
    ${data.items.length === 0 && html`<p>${t.noOrders}</p>`}
    <ul class="lines">${data.items.map(
      (/** @type {any} */ order) => html`<li key=${order.id}>
      <span><${Link} to=${`/orders/${order.id}`}>${order.name}<//><br />
        <span class="muted">${new Date(order.createdAt).toLocaleString(language)}</span></span>
      <b>${won(order.paymentAmount)}</b>
      <span class="state">${order.status}</span>
    </li>`,
    )}</ul>`;
}

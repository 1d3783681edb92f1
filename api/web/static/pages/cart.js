import { html } from "../shop/html.js";
import { call } from "../shop/api.js";
import { useAction, useData, useShopper } from "../shop/hooks.js";
import { keyOf, settle } from "../shop/intent.js";
import { Picture, State, Trouble } from "../shop/parts.js";
import { Link, go } from "../shop/route.js";
import { t, won } from "../shop/words.js";

export const Cart = () => useShopper() && html`<${Contents} />`;

function Contents() {
  const { data: cart, problem, reload } = useData("/v1/carts");
  const change = useAction(async () => {});
  if (!cart) return html`<${Trouble} problem=${problem} />`;
  const lines = cart.brands.flatMap((/** @type {any} */ brand) => brand.items);
  if (lines.length === 0) return html`<h1>${t.cart}</h1><p>${t.emptyCart}</p>`;
  const set = async (/** @type {any} */ line, /** @type {number} */ quantity) => {
    if (quantity < 1) await call("DELETE", `/v1/carts?productId=${line.productId}`);
    else await call("PUT", "/v1/carts", { body: { productId: line.productId, quantity } });
    await reload();
  };
  return html`<h1>${t.cart}</h1>
    ${cart.brands.map(
      (/** @type {any} */ group) => html`<section key=${group.brand.id}>
      <h2>${group.brand.name}</h2>
      <ul class="lines">${group.items.map(
        (/** @type {any} */ line) => html`<li key=${line.productId}>
        <${Picture} path=${line.thumbnail} name=${line.name} />
        <span><${Link} to=${`/p/${line.productId}`}>${line.name}<//><br /><${State} product=${line} /></span>
        <label class="amount"><span class="hidden">${t.quantity}</span>
          <input type="number" min="1" max="100" value=${line.quantity} onChange=${(/** @type {any} */ e) => set(line, Number(e.currentTarget.value))} /></label>
        <b>${won(line.lineAmount)}</b>
        <button class="plain" onClick=${() => set(line, 0)}>${t.remove}</button>
      </li>`,
      )}</ul>
      <p class="muted">${t.deliveryFee}: ${group.deliveryFee ? won(group.deliveryFee) : t.free}</p>
    </section>`,
    )}
    <p class="total">${t.total}: <b>${won(cart.paymentAmount)}</b></p>
    <${OrderAll} lines=${lines.filter((/** @type {any} */ line) => line.state === "OPEN")} />
    <${Trouble} problem=${problem ?? change.problem} />`;
}

/** Orders what can be ordered now. @param {{lines: any[]}} props */
function OrderAll({ lines }) {
  const items = lines.map(({ productId, quantity }) => ({ productId, quantity }));
  const intent = `cart ${JSON.stringify(items)}`;
  const { busy, problem, run } = useAction(async () => {
    const addresses = (await call("GET", "/v1/users/addresses")).data.items;
    const body = { items, addressId: addresses[0]?.id, removeFromCart: true };
    const { data } = await call("POST", "/v1/orders", { body, headers: { "Idempotency-Key": keyOf(intent) } });
    settle(intent);
    go(`/orders/${data.id}`);
  });
  return html`<button class="rush" disabled=${busy || items.length === 0} onClick=${() => run(undefined)}>${busy ? t.ordering : t.order}</button>
    <${Trouble} problem=${problem} />`;
}

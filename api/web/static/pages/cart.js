/** @import { Schemas } from "../../types/call" */
import { useEffect, useState } from "../vendor/hooks.js";
import { call } from "../shop/api.js";
import { useAction, useData, useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { order, pending } from "../shop/intent.js";
import { Loading, Picture, State, Trouble, retrying } from "../shop/parts.js";
import { Problem } from "../shop/problem.js";
import { Receiver } from "../shop/receiver.js";
import { Link, go } from "../shop/route.js";
import { t, won } from "../shop/words.js";

/** @typedef {Schemas["CartLine"]} Line */

export const View = () => useShopper() && html`<${Contents} />`;

function Contents() {
  const { data: cart, problem, reload } = useData("/v1/carts");
  useTitle(t.cart);
  if (!cart) return html`<${Loading} problem=${problem} />`;
  const lines = cart.brands.flatMap((brand) => brand.items);
  if (lines.length === 0 && !pending("cart"))
    return html`<h1>${t.cart}</h1><p>${t.emptyCart}</p><p><${Link} to="/">${t.toShop}<//></p>`;
  const open = lines.filter(({ state }) => state === "OPEN");
  return html`<h1>${t.cart}</h1>
    ${cart.brands.map((group) => html`<${Group} key=${group.brand.id} group=${group} reload=${reload} />`)}
    <p class="total">${t.total}: <b>${won(cart.paymentAmount)}</b></p>
    ${open.length < lines.length && html`<p class="quiet">${t.notOrdered}</p>`}
    <${Trouble} problem=${problem} />
    <${OrderAll} lines=${open} />`;
}

/**
 * What is ordered of one brand, which is delivered at one fee.
 * @param {{group: Schemas["CartBrand"], reload: () => Promise<void>}} props
 */
const Group = ({ group, reload }) => html`<section>
  <h2>${group.brand.name}</h2>
  <ul class="lines">${group.items.map((line) => html`<${CartLine} key=${line.productId} line=${line} reload=${reload} />`)}</ul>
  <p class="quiet">${t.deliveryFee}: ${group.deliveryFee ? won(group.deliveryFee) : t.free}</p>
</section>`;

/** @param {{line: Line, reload: () => Promise<void>}} props */
function CartLine({ line, reload }) {
  const { productId } = line;
  const { busy, problem, run } = useAction(async () => {
    await call("delete", "/v1/carts", { query: { productId } });
    await reload();
  });
  const [refused, setRefused] = useState(/** @type {Problem | undefined} */ (undefined));
  const set = async (/** @type {number} */ quantity) => {
    setRefused(undefined);
    await call("put", "/v1/carts", { body: { productId, quantity } }).catch(setRefused);
    await reload();
  };
  return html`<li>
    <${Picture} path=${line.thumbnail} name="" />
    <span class="grow"><${Link} to=${`/p/${productId}`}>${line.name}<//><br /><${State} state=${line.state} /></span>
    <label class="amount"><span class="hidden">${t.quantity}: ${line.name}</span>
      <input type="number" min="1" max="100" value=${line.quantity}
        onChange=${(/** @type {any} */ e) => set(Number(e.currentTarget.value))} /></label>
    <b>${won(line.lineAmount)}</b>
    <button class="plain" aria-disabled=${busy} onClick=${() => run()}>${t.remove}<span class="hidden"> ${line.name}</span></button>
    <${Trouble} problem=${problem ?? refused} /></li>`;
}

/** Orders what can be ordered now. @param {{lines: Line[]}} props */
function OrderAll({ lines }) {
  const items = lines.map(({ productId, quantity }) => ({ productId, quantity }));
  const [addressId, setAddress] = useState("");
  const [again, setAgain] = useState("");
  const { busy, problem, run } = useAction(async () => {
    if (!addressId && !pending("cart")) throw new Problem({ code: "NO_ADDRESS", detail: t.needAddress });
    const body = { items, addressId, removeFromCart: true };
    go(`/orders/${(await order("cart", body, ({ code }) => setAgain(code))).id}`);
  });
  useEffect(() => void (pending("cart") && run()), []);
  return html`<${Receiver} chosen=${addressId} choose=${setAddress} />
    <button class="rush" disabled=${items.length === 0} aria-disabled=${busy} onClick=${() => run()}>${busy ? t.ordering : t.order}</button>
    <p role="status">${busy && again && retrying(again)}</p>
    <${Trouble} problem=${problem} />`;
}

import { html } from "../shop/html.js";
import { call, upload } from "../shop/api.js";
import { useAction, useData, useShopper } from "../shop/hooks.js";
import { Field, Picture, State, Trouble } from "../shop/parts.js";
import { Link, go } from "../shop/route.js";
import { useStock } from "../shop/stock.js";
import { language, t } from "../shop/words.js";

export const Sell = () => useShopper() && html`<${Brands} />`;

/** A seller's brands, each with its products. */
function Brands() {
  const { data, problem, reload } = useData("/v1/users/me/brands");
  if (!data) return html`<${Trouble} problem=${problem} />`;
  return html`<h1>${t.sell}</h1>
    ${data.items.map(
      (/** @type {any} */ brand) => html`<section key=${brand.id}>
      <h2>${brand.name}</h2><${Products} brand=${brand} /></section>`,
    )}
    <${NewBrand} done=${reload} />`;
}

/** @param {{done: () => void}} props */
function NewBrand({ done }) {
  const { busy, problem, run } = useAction(async (form) => {
    await call("POST", "/v1/brands", {
      body: { ...form, deliveryFee: Number(form.deliveryFee), freeDeliveryFrom: Number(form.freeDeliveryFrom) },
    });
    done();
  });
  return html`<details><summary>${t.newBrand}</summary><form class="narrow" onSubmit=${run}>
    <${Field} name="name" label=${t.brand} maxlength="50" />
    <${Field} name="legalName" label=${t.legalName} maxlength="50" />
    <${Field} name="registrationNumber" label=${t.registrationNumber} placeholder="123-45-67890" />
    <${Field} name="deliveryFee" type="number" label=${t.deliveryFee} min="0" max="100000" />
    <${Field} name="freeDeliveryFrom" type="number" label=${t.freeFrom} min="0" max="10000000" />
    <button class="rush" disabled=${busy}>${t.newBrand}</button><${Trouble} problem=${problem} />
  </form></details>`;
}

/** @param {{brand: any}} props */
function Products({ brand }) {
  const { data, problem } = useData(`/v1/products?limit=100&brand=${brand.id}`);
  return html`<${Trouble} problem=${problem} />
    <ul class="lines">${data?.items.map(
      (/** @type {any} */ product) => html`<li key=${product.id}>
      <${Picture} path=${product.thumbnail} name=${product.name} />
      <span><${Link} to=${`/sell/${product.id}`}>${product.name}<//></span>
      <${State} product=${product} /><span class="muted">${t.left(product.available)}</span></li>`,
    )}</ul>
    <${NewProduct} brand=${brand} />`;
}

/** @param {{brand: any}} props */
function NewProduct({ brand }) {
  const { data: categories } = useData("/v1/categories");
  const { busy, problem, run } = useAction(async (form) => {
    const body = {
      brandId: brand.id,
      name: form.name,
      category: form.category,
      price: Number(form.price),
      discount: Number(form.discount),
      quantity: Number(form.quantity),
      limitPerShopper: Number(form.limit),
      ...(form.opensAt && { orderingOpensAt: new Date(form.opensAt).toISOString() }),
    };
    const { data } = await call("POST", "/v1/products", { body });
    const picture = /** @type {any} */ (form.picture);
    if (picture?.size) await upload(`/v1/products/${data.id}/images/thumbnail`, picture);
    go(`/sell/${data.id}`);
  });
  return html`<details><summary>${t.newProduct}</summary><form class="narrow" onSubmit=${run}>
    <${Field} name="name" label=${t.name} maxlength="50" />
    <label>${t.category}<select name="category">${categories?.items.map(
      (/** @type {any} */ c) => html`
      <option value=${c.id}>${c.path.map((/** @type {any} */ step) => (language === "ko" ? step.nameKo : step.name)).join(" › ")}</option>`,
    )}</select></label>
    <${Field} name="price" type="number" label=${t.price} min="100" max="10000000" />
    <${Field} name="discount" type="number" label=${t.discount} value="0" min="0" max="99" />
    <${Field} name="quantity" type="number" label=${t.units} min="0" max="1000000" />
    <${Field} name="limit" type="number" label=${t.limitEach} value="0" min="0" max="100" />
    <${Field} name="opensAt" type="datetime-local" label=${t.opensAt} required=${false} />
    <${Field} name="picture" type="file" label=${t.picture} accept="image/*" required=${false} />
    <button class="rush" disabled=${busy}>${t.newProduct}</button><${Trouble} problem=${problem} />
  </form></details>`;
}

/** @param {{id: string}} props */
export const SellProduct = ({ id }) => useShopper() && html`<${Counter} id=${id} />`;

/** A drop as its seller watches it: the units live, and the ledger of the stock. @param {{id: string}} props */
function Counter({ id }) {
  const { data: product, problem } = useData(`/v1/products/${id}`);
  const ledger = useData(`/v1/products/${id}/stock/changes`);
  const stock = useStock(id);
  const change = useAction(async (form) => {
    await call("POST", `/v1/products/${id}/stock`, { body: { quantity: Number(form.quantity), reason: form.reason } });
    await ledger.reload();
  });
  if (!product) return html`<${Trouble} problem=${problem} />`;
  return html`<h1>${product.name}</h1>
    ${
      stock &&
      html`<dl class="figures">
      ${[
        [t.available, stock.available],
        [t.heldUnits, stock.held],
        [t.sold, stock.sold],
      ].map(([name, n]) => html`<div><dt>${name}</dt><dd>${n}</dd></div>`)}
    </dl>`
    }
    <form class="narrow" onSubmit=${change.run}>
      <${Field} name="quantity" type="number" label=${t.addUnits} min="-1000000" max="1000000" />
      <${Field} name="reason" label=${t.reason} maxlength="200" />
      <button disabled=${change.busy}>${t.save}</button><${Trouble} problem=${change.problem} />
    </form>
    <h2>${t.ledger}</h2>
    <ul class="lines">${ledger.data?.items.map(
      (/** @type {any} */ line) => html`<li key=${line.at}>
      <span>${line.reason}</span><b>${line.quantity > 0 ? "+" : ""}${line.quantity}</b><span class="muted">= ${line.total}</span>
      <span class="muted">${new Date(line.at).toLocaleString(language)}</span></li>`,
    )}</ul>`;
}

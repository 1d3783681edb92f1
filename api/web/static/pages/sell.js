/** @import { Schemas } from "../../types/call" */
import { useRef } from "../vendor/hooks.js";
import { call, upload } from "../shop/api.js";
import { useAction, useData, useList, useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Field, Loading, More, Picture, State, Trouble } from "../shop/parts.js";
import { Link, go } from "../shop/route.js";
import { t, when } from "../shop/words.js";
import { PictureField, ProductFields, brandOf, fileOf, productOf } from "./sell/form.js";

export const View = () => useShopper() && html`<${Brands} />`;

/** A seller's brands, each with its products. */
function Brands() {
  const { data, problem, reload } = useData("/v1/users/me/brands");
  useTitle(t.sell);
  if (!data) return html`<${Loading} problem=${problem} />`;
  return html`<h1>${t.sell}</h1>
    ${data.items.map(
      (brand) => html`<section key=${brand.id}>
      <h2>${brand.name}</h2><${Products} brand=${brand} />
      <${BrandForm} title=${t.change + ": " + brand.name} brand=${brand} done=${reload} /></section>`,
    )}
    <${BrandForm} title=${t.newBrand} done=${reload} />`;
}

/** Founds a brand, or changes one. @param {{title: string, brand?: Schemas["BrandDetail"], done: () => Promise<void>}} props */
function BrandForm({ title, brand, done }) {
  const saved = useRef(brand?.id); // if only the picture is refused, the next press does not make another
  const { busy, problem, run } = useAction(async (form, files) => {
    const body = brandOf(form);
    const path = { id: saved.current ?? "" };
    const { data } = saved.current
      ? await call("put", "/v1/brands/{id}", { path, body })
      : await call("post", "/v1/brands", { body });
    saved.current = data.id;
    const picture = fileOf(files, "picture");
    if (picture) await upload("/v1/brands/{id}/image", { id: data.id }, picture);
    saved.current = brand?.id;
    await done();
  });
  return html`<details><summary>${title}</summary><form class="narrow" onSubmit=${run}>
    <${Field} name="name" label=${t.brand} value=${brand?.name} maxlength="50" />
    <${Field} name="legalName" label=${t.legalName} value=${brand?.legalName} maxlength="50" />
    <${Field} name="registrationNumber" label=${t.registrationNumber} value=${brand?.registrationNumber} placeholder="123-45-67890" />
    <${Field} name="introduction" label=${t.introduction} value=${brand?.introduction} maxlength="100" required=${false} />
    <${Field} name="deliveryFee" type="number" label=${t.deliveryFee} value=${brand?.deliveryFee} min="0" max="100000" />
    <${Field} name="freeDeliveryFrom" type="number" label=${t.freeDeliveryFrom} value=${brand?.freeDeliveryFrom} min="0" max="10000000" />
    <${PictureField} name="picture" label=${t.picture} />
    <button aria-disabled=${busy}>${t.save}</button><${Trouble} problem=${problem} />
  </form></details>`;
}

/** @param {{brand: Schemas["BrandDetail"]}} props */
function Products({ brand }) {
  const { items, problem, more } = useList("/v1/products", { query: { limit: 50, brand: brand.id } });
  if (!items) return html`<${Loading} problem=${problem} />`;
  return html`${items.length === 0 && html`<p>${t.noProducts}</p>`}
    <ul class="lines">${items.map(
      (product) => html`<li key=${product.id}>
      <${Picture} path=${product.thumbnail} name="" />
      <span class="grow"><${Link} to=${`/sell/${product.id}`}>${product.name}<//>
        ${product.state === "UPCOMING" && html`<br /><span class="quiet">${t.opensAtTime(when(product.orderingOpensAt))}</span>`}</span>
      <${State} state=${product.state} /><span class="quiet">${t.left(product.available)}</span></li>`,
    )}</ul>
    <${Trouble} problem=${problem} again /><${More} more=${more} />
    <${NewProduct} brand=${brand} />`;
}

/** @param {{brand: Schemas["BrandDetail"]}} props */
function NewProduct({ brand }) {
  const created = useRef(""); // if only the picture is refused, the next press does not make another
  const { busy, problem, run } = useAction(async (form, files) => {
    if (!created.current) {
      const body = { ...productOf(form), brandId: brand.id, quantity: Number(form.quantity) };
      created.current = (await call("post", "/v1/products", { body })).data.id;
    }
    const picture = fileOf(files, "picture");
    if (picture) await upload("/v1/products/{id}/images/{kind}", { id: created.current, kind: "thumbnail" }, picture);
    go(`/sell/${created.current}`);
  });
  return html`<details><summary>${t.newProduct}</summary><form class="narrow" onSubmit=${run}>
    <${ProductFields} />
    <${Field} name="quantity" type="number" label=${t.units} min="0" max="1000000" />
    <${PictureField} name="picture" label=${t.picture} />
    <button class="rush" aria-disabled=${busy}>${t.newProduct}</button><${Trouble} problem=${problem} />
  </form></details>`;
}

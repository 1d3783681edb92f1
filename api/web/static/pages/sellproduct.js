/** @import { Schemas } from "../../types/call" */
import { call, upload } from "../shop/api.js";
import { useAction, useData, useList, useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Careful, Field, Loading, More, State, Trouble } from "../shop/parts.js";
import { Link, go } from "../shop/route.js";
import { t, when } from "../shop/words.js";
import { PictureField, ProductFields, fileOf, productOf } from "./sell/form.js";
import { Drop } from "./sell/drop.js";

/** @param {{id: string}} props */
export const View = ({ id }) => useShopper() && html`<${Product} id=${id} />`;

/** A product as its seller sees it: the drop live, its stock with the ledger, and what can be changed. @param {{id: string}} props */
function Product({ id }) {
  const { data: product, problem, reload } = useData("/v1/products/{id}", { path: { id } });
  useTitle(product?.name);
  if (!product) return html`<${Loading} problem=${problem} />`;
  const remove = async () => {
    await call("delete", "/v1/products/{id}", { path: { id } });
    go("/sell");
  };
  return html`<h1>${product.name}</h1>
    <p><${State} state=${product.state} /> ${product.state === "UPCOMING" && t.opensAtTime(when(product.orderingOpensAt))}
      · <${Link} to=${`/p/${id}`}>${t.showInShop}<//></p>
    <${Drop} id=${id} />
    <${Stock} id=${id} />
    <${Change} product=${product} done=${reload} />
    <section><${Careful} label=${t.takeOff} question=${t.takeOffQuestion} act=${remove} /></section>`;
}

/** @param {{id: string}} props */
function Stock({ id }) {
  const { items, problem, more, reload } = useList("/v1/products/{id}/stock/changes", {
    path: { id },
    query: { limit: 10 },
  });
  const change = useAction(async ({ quantity, reason = "" }) => {
    await call("post", "/v1/products/{id}/stock", { path: { id }, body: { quantity: Number(quantity), reason } });
    await reload();
  });
  return html`<section><h2>${t.ledger}</h2>
    <form class="row" onSubmit=${change.run}>
      <${Field} name="quantity" type="number" label=${t.stockHint} min="-1000000" max="1000000" />
      <${Field} name="reason" label=${t.reason} maxlength="200" />
      <button aria-disabled=${change.busy}>${t.changeStock}</button>
    </form>
    <${Trouble} problem=${change.problem ?? problem} />
    <ul class="lines">${items?.map(
      (line) => html`<li key=${line.at}>
      <span class="grow">${line.reason}</span><b>${line.quantity > 0 ? "+" : ""}${line.quantity}</b><span class="quiet">= ${line.total}</span>
      <span class="quiet">${when(line.at)}</span></li>`,
    )}</ul><${More} more=${more} /></section>`;
}

/** @param {{product: Schemas["Product"], done: () => Promise<void>}} props */
function Change({ product, done }) {
  const { busy, problem, run } = useAction(async (form, files) => {
    await call("put", "/v1/products/{id}", { path: { id: product.id }, body: productOf(form) });
    for (const kind of ["thumbnail", "description"]) {
      const picture = fileOf(files, kind);
      if (picture) await upload("/v1/products/{id}/images/{kind}", { id: product.id, kind }, picture);
    }
    await done();
  });
  return html`<section><details><summary>${t.change}</summary><form class="narrow" onSubmit=${run}>
    <${ProductFields} product=${product} />
    <${PictureField} name="thumbnail" label=${t.picture} />
    <${PictureField} name="description" label=${t.descriptionPicture} />
    <button aria-disabled=${busy}>${t.save}</button><${Trouble} problem=${problem} /></form></details></section>`;
}

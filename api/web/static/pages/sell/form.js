// What sellers fill in, and what it is for the API.
/** @import { Schemas } from "../../../types/call" */
import { useData } from "../../shop/hooks.js";
import { html } from "../../shop/html.js";
import { Choice, Field } from "../../shop/parts.js";
import { language, t } from "../../shop/words.js";

/** @typedef {Record<string, string>} Form */

/** @param {Form} form */
export const brandOf = ({
  name = "",
  legalName = "",
  registrationNumber = "",
  introduction,
  deliveryFee,
  freeDeliveryFrom,
}) => ({
  name,
  legalName,
  registrationNumber,
  ...(introduction && { introduction }),
  deliveryFee: Number(deliveryFee),
  freeDeliveryFrom: Number(freeDeliveryFrom),
});

/** @param {Form} form */
export const productOf = ({
  name = "",
  category,
  price,
  discount,
  limit,
  extension,
  opensAt,
  manufacturer,
  country,
  contact,
}) => ({
  name,
  category,
  price: Number(price),
  discount: Number(discount),
  limitPerShopper: Number(limit),
  holdExtension: Number(extension),
  ...(opensAt && { orderingOpensAt: new Date(opensAt).toISOString() }),
  ...(manufacturer && { manufacturer }),
  ...(country && { country }),
  ...(contact && { contact }),
});

/** The file that was chosen, if one was. @param {FormData} files @param {string} name */
export function fileOf(files, name) {
  const file = files.get(name);
  return file instanceof File && file.size > 0 ? file : null;
}

/** @param {{product?: Schemas["Product"]}} props */
export function ProductFields({ product }) {
  const { data: categories } = useData("/v1/categories");
  /** @type {[string, string][]} */
  const options = (categories?.items ?? []).map((c) => [
    c.id,
    c.path.map((step) => (language === "ko" ? step.nameKo : step.name)).join(" › "),
  ]);
  return html`<${Field} name="name" label=${t.name} value=${product?.name} maxlength="50" />
    <${Choice} name="category" label=${t.category} value=${product?.categoryPath.at(-1)?.id} options=${options} />
    <${Field} name="price" type="number" label=${t.price} value=${product?.price} min="100" max="10000000" />
    <${Field} name="discount" type="number" label=${t.discount} value=${product?.discount ?? 0} min="0" max="99" />
    <${Field} name="limit" type="number" label=${t.limitEach} value=${product?.limitPerShopper ?? 0} min="0" max="100"
      hint=${t.limitHint} />
    <${Field} name="extension" type="number" label=${t.holdExtension} value=${product?.holdExtension ?? 120} min="0" max="600"
      hint=${t.holdExtensionHint} />
    <${Field} name="opensAt" type="datetime-local" label=${t.opensAt} required=${false} hint=${t.opensAtHint} />
    <${Field} name="manufacturer" label=${t.manufacturer} value=${product?.manufacturer} maxlength="50" required=${false} />
    <${Field} name="country" label=${t.country} value=${product?.country} maxlength="50" required=${false} />
    <${Field} name="contact" label=${t.contact} value=${product?.contact} maxlength="50" required=${false} />`;
}

/** @param {{name: string, label: string}} props */
export const PictureField = ({ name, label }) =>
  html`<${Field} name=${name} type="file" label=${label} accept="image/*" required=${false} />`;

// Where an order is sent: one of the shopper's addresses, or a new one, which is kept for the next time.
/** @import { Schemas } from "../../types/call" */
import { useState } from "../vendor/hooks.js";
import { call } from "./api.js";
import { useAction, useData } from "./hooks.js";
import { html } from "./html.js";
import { Choice, Field, Loading, Trouble } from "./parts.js";
import { t } from "./words.js";

/** @param {{chosen: string, choose: (id: string) => void}} props */
export function Receiver({ chosen, choose }) {
  const { data, problem, reload } = useData("/v1/users/addresses");
  const [adding, setAdding] = useState(false);
  if (!data) return html`<${Loading} problem=${problem} />`;
  const standard = data.items.find((address) => address.default) ?? data.items[0];
  if (!chosen && standard) choose(standard.id);
  if (data.items.length === 0 || adding) {
    const added = async (/** @type {string} */ id) => {
      await reload();
      choose(id);
      setAdding(false);
    };
    return html`<${NewAddress} done=${added} />`;
  }
  return html`<div class="receiver">
    <${Choice} name="addressId" label=${t.sendTo} value=${chosen} onInput=${(/** @type {any} */ e) => choose(e.currentTarget.value)}
      options=${data.items.map((a) => [a.id, `${a.name}, ${a.address} (${a.zipCode})`])} />
    <button class="plain" onClick=${() => setAdding(true)}>${t.newAddress}</button></div>`;
}

/** @param {{done: (id: string) => Promise<void>}} props */
export function NewAddress({ done }) {
  const { busy, problem, run } = useAction(async (form) => {
    const { data } = await call("post", "/v1/users/addresses", {
      body: /** @type {Schemas["AddressRequest"]} */ (/** @type {unknown} */ (form)),
    });
    await done(data.id);
  });
  return html`<form class="narrow" onSubmit=${run}>
    <h3>${t.newAddress}</h3>
    <${ReceiverFields} />
    <button aria-disabled=${busy}>${t.save}</button><${Trouble} problem=${problem} />
  </form>`;
}

export const ReceiverFields = () => html`
  <${Field} name="name" label=${t.name} autocomplete="name" maxlength="30" />
  <${Field} name="phone" label=${t.phone} type="tel" autocomplete="tel" placeholder="010-1234-5678" />
  <${Field} name="zipCode" label=${t.zipCode} autocomplete="postal-code" inputmode="numeric" maxlength="5" />
  <${Field} name="address" label=${t.address} autocomplete="street-address" maxlength="100" />`;

/** @import { Schemas } from "../../types/call" */
import { useState } from "../vendor/hooks.js";
import { call } from "../shop/api.js";
import { useAction, useData, useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Button, Field, Loading, Trouble } from "../shop/parts.js";
import { NewAddress } from "../shop/receiver.js";
import { go } from "../shop/route.js";
import { logOut } from "../shop/session.js";
import { t } from "../shop/words.js";

export const View = () => useShopper() && html`<${Account} />`;

function Account() {
  const { data, problem } = useData("/v1/users/me");
  useTitle(t.account);
  if (!data) return html`<${Loading} problem=${problem} />`;
  return html`<h1>${t.account}</h1>
    <p class="quiet">${data.email}</p>
    <${Profile} account=${data} />
    <${Addresses} />
    <${Password} />
    <section><${Button} label=${t.logOutEverywhere} act=${() => logOut({ everywhere: true }).then(() => go("/"))} /></section>
    <${Erasure} />`;
}

/** A form that says when it has saved. @param {{title: string, save: (form: any) => Promise<unknown>, children?: unknown}} props */
function Form({ title, save, children }) {
  const [saved, setSaved] = useState(false);
  const { busy, problem, run } = useAction(async (form) => {
    setSaved(false);
    await save(form);
    setSaved(true);
  });
  return html`<section><h2>${title}</h2><form class="narrow" onSubmit=${run}>${children}
    <button aria-disabled=${busy}>${t.save}</button><${Trouble} problem=${problem} />
    <p role="status">${saved && t.saved}</p></form></section>`;
}

/** @param {{account: Schemas["Account"]}} props */
const Profile = ({
  account,
}) => html`<${Form} title=${t.profile} save=${(/** @type {Schemas["ProfileChange"]} */ body) => call("patch", "/v1/users/me", { body })}>
  <${Field} name="name" label=${t.name} value=${account.name} autocomplete="name" maxlength="30" />
  <${Field} name="phone" label=${t.phone} value=${account.phone} type="tel" autocomplete="tel" /><//>`;

const Password = () => html`<${Form}
    title=${t.changePassword} save=${(/** @type {Schemas["PasswordChange"]} */ body) => call("put", "/v1/users/me/password", { body })}>
  <${Field} name="currentPassword" type="password" label=${t.currentPassword} autocomplete="current-password" />
  <${Field} name="newPassword" type="password" label=${t.newPassword} autocomplete="new-password" minlength="8"
    hint=${t.passwordHint} /><//>`;

function Addresses() {
  const { data, problem, reload } = useData("/v1/users/addresses");
  const act = (/** @type {() => Promise<unknown>} */ change) => async () => {
    await change();
    await reload();
  };
  return html`<section><h2>${t.addresses}</h2>
    <${Trouble} problem=${problem} />
    <ul class="lines">${data?.items.map((address) => {
      const path = { id: address.id };
      return html`<li key=${address.id}>
      <span class="grow">${address.name}, ${address.address} (${address.zipCode}), ${address.phone}</span>
      ${
        address.default
          ? html`<span class="state">${t.standard}</span>`
          : html`<${Button} class="plain" label=${t.makeStandard} act=${act(() => call("put", "/v1/users/addresses/{id}/default", { path }))} />`
      }
      <${Button} class="plain" label=${t.remove} act=${act(() => call("delete", "/v1/users/addresses/{id}", { path }))} /></li>`;
    })}</ul>
    <details><summary>${t.newAddress}</summary><${NewAddress} done=${reload} /></details></section>`;
}

function Erasure() {
  const { busy, problem, run } = useAction(async ({ password = "" }) => {
    await call("post", "/v1/users/me/erasure", { body: { password } });
    await logOut();
    go("/");
  });
  return html`<section><details><summary>${t.erase}</summary><form class="narrow" onSubmit=${run}>
    <p>${t.eraseHint}</p>
    <${Field} name="password" type="password" label=${t.password} autocomplete="current-password" />
    <button aria-disabled=${busy}>${t.erase}</button><${Trouble} problem=${problem} /></form></details></section>`;
}

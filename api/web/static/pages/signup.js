/** @import { Schemas } from "../../types/call" */
import { useState } from "../vendor/hooks.js";
import { call } from "../shop/api.js";
import { useAction, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Button, Field, Trouble } from "../shop/parts.js";
import { ReceiverFields } from "../shop/receiver.js";
import { go } from "../shop/route.js";
import { logIn } from "../shop/session.js";
import { t } from "../shop/words.js";
import { next } from "./login.js";

/** Three steps: an e-mail address, the code that was mailed to it, and who it is. */
export function View() {
  const [step, setStep] = useState(/** @type {"email" | "code" | "person"} */ ("email"));
  const [email, setEmail] = useState("");
  useTitle(t.signUp);
  const sendCode = async (/** @type {string} */ to) => {
    await call("post", "/v1/users/email-auths", { body: { email: to } });
    setEmail(to);
    setStep("code");
  };
  const { busy, problem, run } = useAction(async (form) => {
    if (step === "email") return sendCode(form.email ?? "");
    if (step === "code") {
      await call("post", "/v1/users/email-auths/verify", { body: { email, code: form.code ?? "" } });
      return setStep("person");
    }
    const person = /** @type {Omit<Schemas["SignUpRequest"], "email" | "role">} */ (/** @type {unknown} */ (form));
    await call("post", "/v1/users/signup", { body: { ...person, email, role: "CUSTOMER" } });
    await logIn(email, person.password);
    go(next(), { replace: true });
  });
  return html`<form class="narrow" onSubmit=${run}>
    <h1>${t.signUp}</h1>
    ${step === "email" && html`<${Field} key="email" name="email" type="email" label=${t.email} autocomplete="email" />`}
    ${
      step === "code" &&
      html`<p role="status">${t.codeSent(email)}</p>
      <${Field} key="code" name="code" label=${t.code} inputmode="numeric" autocomplete="one-time-code" maxlength="6" />`
    }
    ${step === "person" && html`<${Person} />`}
    <button class="rush" aria-disabled=${busy}>${step === "email" ? t.sendCode : step === "code" ? t.verify : t.signUp}</button>
    <${Trouble} problem=${problem} />
  </form>
  ${step === "code" && html`<div class="narrow"><${Button} class="plain" label=${t.resend} act=${() => sendCode(email)} /></div>`}`;
}

const Person = () => html`
  <${Field} name="password" type="password" label=${t.password} autocomplete="new-password" minlength="8" hint=${t.passwordHint} />
  <${ReceiverFields} />`;

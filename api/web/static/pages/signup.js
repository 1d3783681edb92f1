import { useState } from "../vendor/hooks.js";
import { html } from "../shop/html.js";
import { call, logIn } from "../shop/api.js";
import { useAction } from "../shop/hooks.js";
import { Field, Trouble } from "../shop/parts.js";
import { go } from "../shop/route.js";
import { t } from "../shop/words.js";

/** Three steps: an e-mail address, the code that was mailed to it, and who it is. */
export function SignUp() {
  const [step, setStep] = useState(/** @type {"email" | "code" | "person"} */ ("email"));
  const [email, setEmail] = useState("");
  const { busy, problem, run } = useAction(async (form) => {
    if (step === "email") {
      await call("POST", "/v1/users/email-auths", { body: { email: form.email } });
      setEmail(form.email ?? "");
      setStep("code");
    } else if (step === "code") {
      await call("POST", "/v1/users/email-auths/verify", { body: { email, code: form.code } });
      setStep("person");
    } else {
      await call("POST", "/v1/users/signup", { body: { ...form, email, role: "CUSTOMER" } });
      await logIn(email, form.password ?? "");
      go("/", { replace: true });
    }
  });
  return html`<form class="narrow" onSubmit=${run}>
    <h1>${t.signUp}</h1>
    ${step === "email" && html`<${Field} key="email" name="email" type="email" label=${t.email} autocomplete="email" />`}
    ${step === "code" && html`<${Field} key="code" name="code" label=${t.code} inputmode="numeric" autocomplete="one-time-code" />`}
    ${step === "person" && html`<${Person} />`}
    <button class="rush" disabled=${busy}>${step === "email" ? t.sendCode : step === "code" ? t.verify : t.signUp}</button>
    <${Trouble} problem=${problem} />
  </form>`;
}

const Person = () => html`
  <${Field} name="password" type="password" label=${t.password} autocomplete="new-password" minlength="8" />
  <${Field} name="name" label=${t.name} autocomplete="name" />
  <${Field} name="phone" label=${t.phone} autocomplete="tel" placeholder="010-1234-5678" />
  <${Field} name="zipCode" label=${t.zipCode} autocomplete="postal-code" inputmode="numeric" />
  <${Field} name="address" label=${t.address} autocomplete="street-address" />`;

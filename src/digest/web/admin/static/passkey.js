// Forms with `data-passkey` (`create` or `get`): ask the browser for a passkey, and send its answer with the form.
"use strict";

const known = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON;
const named = !/^[\d.]+$|:/.test(location.hostname); // a passkey belongs to a name, never to an IP address

function say(form, text) {
  const note = form.querySelector("[role=alert]");
  note.textContent = text;
  note.hidden = !text;
}

async function post(form, path, extra) {
  const body = new URLSearchParams([...new FormData(form), ...Object.entries(extra)]);
  const answer = await fetch(path, { method: "POST", body, credentials: "same-origin" });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.problem);
  return value;
}

async function ask(kind, options) {
  if (kind === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

async function use(form) {
  say(form, "");
  try {
    const options = await post(form, form.dataset.options, {});
    let credential;
    try {
      credential = await ask(form.dataset.passkey, options);
    } catch {
      throw new Error(form.dataset.failed);
    }
    const done = await post(form, form.action, { credential: JSON.stringify(credential) });
    location.assign(done.next);
  } catch (problem) {
    say(form, problem.message);
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!known || !named) {
    if (!form.hidden) say(form, form.dataset.old);
    continue;
  }
  form.hidden = false;
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    use(form);
  });
}

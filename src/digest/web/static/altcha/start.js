// A browser hands out its cryptography over https alone: without it, a visitor waits as without script.
if (!globalThis.isSecureContext) {
  document.querySelector("altcha-widget").remove();
  document.getElementById("patience").hidden = false;
}
// Let the widget do its work in a worker of this site: the pages' policy allows no worker that a script makes of text.
$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker("/altcha/pbkdf2.js"));
// It may not look at how a visitor moves: the proof of work is all that the server asks for.
$altcha.defaults.set({ humanInteractionSignature: false, hideFooter: true, hideLogo: true });

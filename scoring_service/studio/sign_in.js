// Signing in: at a provider, or with a key, which goes into a cookie that this script cannot read.
import { ask, at, say, trying } from "./server.js";

at("sign-in").addEventListener("submit", trying(async (event) => {
  event.preventDefault();
  await ask("../session", { method: "POST", headers: { Authorization: `Bearer ${at("key").value}` } });
  at("key").value = "";
  at("sign-in").hidden = true;
  say("Signed in.");
  document.dispatchEvent(new Event("signed-in"));
}));

at("sign-out").addEventListener("click", trying(async () => {
  await ask("../session", { method: "DELETE" });
  location.reload();
}));

const ways = await (await ask("../signin/ways")).json();
at("provider").hidden = !ways.provider;
at("with-key").hidden = !ways.key;
at("sign-out").hidden = ways.open;
if (location.hash === "#not-signed-in") say("Signing in did not work: try again, or ask whoever runs this.");

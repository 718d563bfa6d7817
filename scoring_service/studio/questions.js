import { LARGE, opened, scaled } from "./scaling.js";
import { ask, at, element, say, trying } from "./server.js";

at("shown").addEventListener("change", trying(async () => {
  const file = at("shown").files[0];
  if (!file) return;
  const picture = await scaled(await opened(file), LARGE);
  const told = await (await ask("../v1/images/classify", {
    method: "POST", body: picture, headers: { "Content-Type": "image/jpeg" },
  })).json();
  list("labels", told.labels.map((each) => `${each.label}: ${percent(each.probability)}`));
}));

at("asking").addEventListener("submit", trying(async (event) => {
  event.preventDefault();
  const told = await (await ask("../v1/faq/match", {
    method: "POST", body: JSON.stringify({ question: at("question").value }), headers: { "Content-Type": "application/json" },
  })).json();
  list("matches", told.matches.map((each) => `${each.question} ${each.answer} (${percent(each.probability)})`));
  say(told.in_scope < 0.5 ? "This may not be in the FAQ." : "");
}));

const percent = (share) => `${(100 * share).toFixed(0)}%`;

function list(id, lines) {
  at(id).replaceChildren(...lines.map((line) => element("li", {}, line)));
}

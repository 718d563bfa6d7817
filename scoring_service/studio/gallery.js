// Films that were asked for; those that are not done are followed.
import { filmCard, follow } from "./card.js";
import { ask, at, element, trying } from "./server.js";

const AT_ONCE = 5; // that are followed

const fill = trying(async () => {
  const films = await (await ask("../v1/films")).json();
  const cards = films.map(filmCard);
  at("films").replaceChildren(...cards.map((card) => element("li", {}, card)));
  at("no-films").hidden = films.length > 0;
  const open = films.map((film, place) => [film, cards[place]]).filter(([film]) => film.state === "unknown");
  for (const [film, card] of open.slice(0, AT_ONCE)) follow(film.id, card);
});

document.addEventListener("shown", (event) => { if (event.detail === "gallery") fill(); });
document.addEventListener("signed-in", () => { if (!at("gallery").hidden) fill(); });

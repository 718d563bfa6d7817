// A film: how far it is, itself once it is there, or why there is none.
import { ask, element } from "./server.js";

const SECONDS = 2;
const ENDS = ["done", "refused", "failed", "canceled"];
const SAID = {
  uploading: () => "The video is not there yet",
  held: () => "Waiting for a style",
  queued: () => "Queued",
  reading: (film) => `Reading the video${film.frames ? `: ${film.frames} frames` : ""}`,
  stylizing: (film) => `Stylizing: ${film.chunks_done} of ${film.chunks} chunks${film.seconds_left == null ? "" : `, ${duration(film.seconds_left)} left`}`,
  joining: () => "Joining the chunks",
  done: () => "Done",
  refused: (film) => `Not taken: ${film.reason}`,
  failed: (film) => `Failed: ${film.reason}`,
  canceled: () => "Canceled",
};

function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  return seconds < 60 ? `${seconds} s` : minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function filmCard(film) {
  const card = element("article", { className: "film" },
    element("h3", {}, film.name), element("p", {}, film.style), element("p", { className: "state", role: "status" }),
    element("progress", { hidden: true, ariaLabel: `Chunks of ${film.name} that are done` }));
  show(card, film);
  return card;
}

function show(card, film) {
  const said = (SAID[film.state] || (() => film.reason))(film), text = card.querySelector(".state");
  if (text.textContent !== said) text.textContent = said; // or a screen reader says it again
  const bar = card.querySelector("progress");
  bar.hidden = film.state !== "stylizing";
  if (film.chunks) Object.assign(bar, { max: film.chunks, value: film.chunks_done });
  if (film.film && !card.querySelector("video")) {
    const src = `../v1/films/${film.id}/film`;
    const video = element("video", { src, controls: true, preload: "metadata", playsInline: true, ariaLabel: `The film of ${film.name}` });
    video.addEventListener("error", () => { text.textContent = "This browser cannot play the film: download it."; });
    card.append(video, element("a", { href: src, download: film.name }, "Download the film"));
  }
  if (film.sheet && !card.querySelector("img")) {
    const alt = `Contact sheet of ${film.name}: frames of the video, each beside what became of it`;
    card.append(element("img", { loading: "lazy", src: `../v1/films/${film.id}/sheet`, alt }));
  }
}

// Until there is an end, or the card is gone from the page.
export async function follow(id, card) {
  for (;;) {
    try {
      const film = await (await ask(`../v1/films/${id}`)).json();
      show(card, film);
      if (ENDS.includes(film.state)) return;
    } catch (error) {
      card.querySelector(".state").textContent = error.message;
    }
    await new Promise((done) => setTimeout(done, 1000 * SECONDS));
    if (!card.isConnected) return;
  }
}

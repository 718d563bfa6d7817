// The whole video: by a one-time link straight to storage, and then followed until there is a film.
import { filmCard, follow } from "./card.js";
import { mainStyle, takeFrame } from "./picture.js";
import { ask, at, say, trying } from "./server.js";

let chosen = null; // the video
let held = ""; // the id of a film whose video is uploaded already
let sending = null; // the request under way

const size = (bytes) => (bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);

function choose(file) {
  chosen = file;
  held = "";
  at("make").disabled = !file;
  at("chosen-video").textContent = file ? `${file.name}, ${size(file.size)}` : "";
}

document.addEventListener("video", (event) => choose(event.detail));
at("whole").addEventListener("change", () => choose(at("whole").files[0]));
for (const kind of ["dragover", "dragleave", "drop"]) {
  at("drop-video").addEventListener(kind, (event) => {
    event.preventDefault();
    at("drop-video").classList.toggle("over", kind === "dragover");
    if (kind === "drop") choose(event.dataTransfer.files[0]);
  });
}

at("make").addEventListener("click", trying(async () => {
  const file = chosen, style = mainStyle();
  at("make").disabled = true;
  try {
    const look = { style, settings: at("settings").textContent };
    const id = held ? (await post(`../v1/films/${held}/style`, look)).id : await upload(file, look);
    held = "";
    const card = filmCard({ id, name: file.name, style, state: "queued" });
    at("made").prepend(card);
    follow(id, card);
  } finally {
    at("make").disabled = false;
  }
}));

at("hold").addEventListener("click", trying(async () => {
  at("hold").hidden = true;
  const id = await upload(chosen, {});
  held = id;
  await takeFrame(`../v1/films/${id}/frame`);
}));

const post = async (path, body) => (await ask(path, {
  method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
})).json();

async function upload(file, look) {
  const link = await post("../v1/films", { name: file.name, size: file.size, ...look });
  await send(link, file);
  say(`${file.name} is uploaded.`);
  return link.id;
}

at("cancel").addEventListener("click", () => sending?.abort());

// XMLHttpRequest, as `fetch` does not tell how much of a body is sent.
function send({ url, headers }, file) {
  let told = -1;
  at("uploading").hidden = false;
  return new Promise((done, fail) => {
    sending = new XMLHttpRequest();
    sending.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
    sending.upload.addEventListener("progress", ({ loaded, total }) => {
      at("sent").value = loaded / total;
      const tenth = Math.floor((10 * loaded) / total);
      if (tenth > told) at("sent-text").textContent = `${10 * (told = tenth)}% uploaded`;
    });
    sending.addEventListener("load", () => (sending.status < 300 ? done() : fail(new Error(reason(sending)))));
    sending.addEventListener("error", () => fail(new Error("The connection broke: nothing was uploaded.")));
    sending.addEventListener("abort", () => fail(new Error("Canceled: nothing was uploaded.")));
    sending.send(file);
  }).finally(() => { at("uploading").hidden = true; });
}

function reason(answer) {
  try { return JSON.parse(answer.responseText).detail; } catch { return `Storage refused the video: ${answer.status}.`; }
}

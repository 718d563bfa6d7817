// Styles on a picture, or on a frame of a video, before a film is made.
import { LARGE, THUMBNAIL, opened, scaled } from "./scaling.js";
import { ask, at, element, say, trying } from "./server.js";

let source = null; // what is drawn: an image, or a video at the chosen second
let latest = null; // the file that was chosen last
let shares = {}; // of each style in the mixture
let number = 0; // of the picture, so that answers for one that was replaced are dropped

async function stylized(picture, style, strength = 1, colors = false) {
  const query = new URLSearchParams({ style, strength, preserve_colors: colors });
  const answer = await ask(`../v1/images/stylize?${query}`, {
    method: "POST", body: picture, headers: { "Content-Type": "image/jpeg" },
  });
  return URL.createObjectURL(await answer.blob());
}

const take = trying(async (file) => {
  if (!file) return;
  const video = !file.type.startsWith("image/");
  if (video) document.dispatchEvent(new CustomEvent("video", { detail: file }));
  at("hold").hidden = true;
  latest = file;
  const found = await opened(file).catch((error) => {
    at("hold").hidden = !video;
    throw error;
  });
  if (file !== latest) return;
  source = found;
  at("video").hidden = !video;
  if (!video) return paint();
  at("second").max = source.duration;
  at("second").value = source.duration / 10; // films begin black
  await seek();
});

// A frame of a video that the browser cannot show, once that is uploaded.
export async function takeFrame(url) {
  source = element("img", { src: url });
  await source.decode();
  at("video").hidden = true;
  await paint();
}

// Only once it was sought does a video have a picture to draw.
async function seek() {
  const sought = new Promise((done) => source.addEventListener("seeked", done, { once: true }));
  source.currentTime = at("second").value;
  await sought;
  await paint();
}

async function paint() {
  const mine = ++number, picture = await scaled(source, THUMBNAIL), large = await scaled(source, LARGE);
  const names = await (await ask("../v1/images/styles")).json();
  if (mine !== number) return;
  at("before").src = URL.createObjectURL(large);
  at("chosen").hidden = true;
  at("styles").replaceChildren();
  const images = names.map((name) => thumbnail(name));
  for (const [place, name] of names.entries()) {
    say(`${place + 1} of ${names.length} styles`);
    const url = await stylized(picture, name);
    if (mine !== number) return;
    images[place].src = url;
    images[place].alt = `This picture as ${name}`;
  }
  say("");
}

function thumbnail(name) {
  const image = element("img", { alt: "" });
  const button = element("button", { ariaPressed: "false" }, image, element("span", {}, name));
  button.addEventListener("click", trying(async () => {
    shares = { [name]: 1 };
    for (const each of at("styles").querySelectorAll("button")) each.setAttribute("aria-pressed", each === button);
    at("shares").replaceChildren();
    await update();
    await sliders(name);
  }));
  at("styles").append(element("li", {}, button));
  return image;
}

// One for each style that can be mixed with the chosen one.
async function sliders(chosen) {
  const names = await (await ask(`../v1/images/styles?${new URLSearchParams({ mixable_with: chosen })}`)).json();
  if (shares[chosen] === undefined) return; // another was chosen meanwhile
  at("shares").replaceChildren(...names.map((name) => {
    const input = element("input", { type: "range", min: 0, max: 1, step: 0.1 });
    input.value = shares[name] || 0;
    input.addEventListener("change", () => { shares[name] = Number(input.value); update(); });
    return element("label", {}, name, input);
  }));
}

// The style whose folder a film goes to: that which has most of the mixture.
export const mainStyle = () => Object.entries(shares).reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0])[0];
const toml = (name) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));

const update = trying(async () => {
  const used = Object.entries(shares).filter(([, share]) => share > 0), mine = number;
  if (!used.length) return say("Give one style more than nothing.");
  const style = used.map(([name, share]) => `${name}:${share}`).join(",");
  const strength = at("strength").value, colors = at("colors").checked;
  say("Painting...");
  const url = await stylized(await scaled(source, LARGE), style, strength, colors);
  if (mine !== number) return;
  at("after").src = url;
  at("chosen").hidden = false;
  const blend = used.map(([name, share]) => `${toml(name)} = ${share}`).join(", ");
  at("settings").textContent = `strength = ${Number(strength).toFixed(2)}\npreserve_colours = ${colors}\nblend = { ${blend} }\n`;
  divide();
  say("");
});

function divide() { at("after").style.clipPath = `inset(0 0 0 ${at("split").value}%)`; }

at("file").addEventListener("change", () => take(at("file").files[0]));
at("second").addEventListener("change", trying(seek));
at("split").addEventListener("input", divide);
at("strength").addEventListener("change", update);
at("colors").addEventListener("change", update);
for (const kind of ["dragover", "dragleave", "drop"]) {
  at("drop").addEventListener(kind, (event) => {
    event.preventDefault();
    at("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files[0]);
  });
}

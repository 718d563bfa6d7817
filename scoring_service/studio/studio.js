// The studio: no library, no build step, and nothing from elsewhere than its own server.
const at = (id) => document.getElementById(id);
const THUMBNAIL = 640, LARGE = 1280;
let source = null; // what is drawn: an image, or a video at the chosen second
let shares = {}; // of each style in the mixture
let number = 0; // of the picture, so that answers for one that was replaced are dropped

function say(text) { at("message").textContent = text; }

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (answer.status === 401) at("sign-in").hidden = false;
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Error(told.detail || `the server answered ${answer.status}`);
  }
  return answer;
}

const trying = (work) => async (...given) => {
  try { await work(...given); } catch (error) { say(error.message); }
};

// Tabs: arrows move between them, as is usual.
const tabs = [...document.querySelectorAll("[role=tab]")];
function show(tab) {
  for (const each of tabs) {
    each.setAttribute("aria-selected", each === tab);
    each.tabIndex = each === tab ? 0 : -1;
    at(each.getAttribute("aria-controls")).hidden = each !== tab;
  }
  say("");
}
tabs.forEach((tab, place) => {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(place + step + tabs.length) % tabs.length];
    show(next);
    next.focus();
  });
});

at("sign-in").addEventListener("submit", trying(async (event) => {
  event.preventDefault();
  await ask("../session", { method: "POST", headers: { Authorization: `Bearer ${at("key").value}` } });
  at("key").value = "";
  at("sign-in").hidden = true;
  say("Signed in.");
}));

// A picture of at most so many pixels a side, as JPEG: made here, so that little is sent.
function scaled(side) {
  const width = source.videoWidth || source.naturalWidth, height = source.videoHeight || source.naturalHeight;
  const factor = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * factor));
  canvas.height = Math.max(1, Math.round(height * factor));
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

async function stylized(picture, style, strength = 1, colors = false) {
  const query = new URLSearchParams({ style, strength, preserve_colors: colors });
  const answer = await ask(`../v1/images/stylize?${query}`, {
    method: "POST", body: picture, headers: { "Content-Type": "image/jpeg" },
  });
  return URL.createObjectURL(await answer.blob());
}

const take = trying(async (file) => {
  if (!file) return;
  const url = URL.createObjectURL(file), video = file.type.startsWith("video/");
  source = document.createElement(video ? "video" : "img");
  source.muted = true;
  source.src = url;
  await new Promise((done, fail) => {
    source.addEventListener(video ? "loadeddata" : "load", done);
    source.addEventListener("error", () => fail(new Error("This browser cannot show that file.")));
  });
  at("video").hidden = !video;
  if (video) at("second").max = source.duration;
  await paint();
});

async function paint() {
  const mine = ++number, picture = await scaled(THUMBNAIL);
  at("before").src = URL.createObjectURL(await scaled(LARGE));
  at("chosen").hidden = true;
  at("styles").replaceChildren();
  const names = await (await ask("../v1/images/styles")).json();
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
  const item = document.createElement("li"), button = document.createElement("button");
  const image = document.createElement("img"), text = document.createElement("span");
  image.alt = "";
  text.textContent = name;
  button.append(image, text);
  button.setAttribute("aria-pressed", false);
  button.addEventListener("click", () => {
    shares = { [name]: 1 };
    for (const each of at("styles").querySelectorAll("button")) each.setAttribute("aria-pressed", each === button);
    sliders();
    update();
  });
  item.append(button);
  at("styles").append(item);
  return image;
}

function sliders() {
  const names = [...at("styles").querySelectorAll("span")].map((each) => each.textContent);
  at("shares").replaceChildren(...names.map((name) => {
    const label = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, { type: "range", min: 0, max: 1, step: 0.1 });
    input.value = shares[name] || 0;
    input.addEventListener("change", () => { shares[name] = Number(input.value); update(); });
    label.append(name, input);
    return label;
  }));
}

const update = trying(async () => {
  const used = Object.entries(shares).filter(([, share]) => share > 0), mine = number;
  if (!used.length) return say("Give one style more than nothing.");
  const style = used.map(([name, share]) => `${name}:${share}`).join(",");
  const strength = at("strength").value, colors = at("colors").checked;
  say("Painting...");
  const url = await stylized(await scaled(LARGE), style, strength, colors);
  if (mine !== number) return;
  at("after").src = url;
  at("chosen").hidden = false;
  const blend = used.map(([name, share]) => `${name} = ${share}`).join(", ");
  at("settings").textContent = `strength = ${Number(strength).toFixed(2)}\npreserve_colours = ${colors}\nblend = { ${blend} }`;
  divide();
  say("");
});

function divide() { at("after").style.clipPath = `inset(0 0 0 ${at("split").value}%)`; }

at("file").addEventListener("change", () => take(at("file").files[0]));
at("second").addEventListener("change", () => {
  source.addEventListener("seeked", trying(paint), { once: true });
  source.currentTime = at("second").value;
});
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

at("shown").addEventListener("change", trying(async () => {
  const file = at("shown").files[0];
  const told = await (await ask("../v1/images/classify", {
    method: "POST", body: file, headers: { "Content-Type": file.type },
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
  at(id).replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
}

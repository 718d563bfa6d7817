// What the page asks of its server, and how it says what came of it.
export const at = (id) => document.getElementById(id);

export function say(text) { at("message").textContent = text; }

export async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (answer.status === 401) at("sign-in").hidden = false;
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Error(told.detail || `the server answered ${answer.status}`);
  }
  return answer;
}

export const trying = (work) => async (...given) => {
  try { return await work(...given); } catch (error) { say(error.message); }
};

export const element = (kind, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(kind), properties);
  made.append(...children);
  return made;
};

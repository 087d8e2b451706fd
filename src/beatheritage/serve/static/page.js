// Small pieces of the page that every panel uses.

export const $ = (id) => document.getElementById(id);

// An element with properties, attributes under "attributes", and children.
export function make(tag, { attributes = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Light or dark: as was chosen here, else as the system is.
export function dress() {
  const asked = localStorage.getItem("theme");
  const light = asked ? asked === "light" : matchMedia("(prefers-color-scheme: light)").matches;
  document.documentElement.dataset.theme = light ? "light" : "dark";
}

// Touches nothing where the words are there already, so that what is pressed stays pressed.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function say(text) {
  const line = $("message");
  if (!line) return;
  line.textContent = text;
  line.hidden = !text;
}

// Runs what may be refused, and says so where it is.
export async function tried(work) {
  try {
    say("");
    return await work();
  } catch (error) {
    say(error.message);
    return null;
  }
}

export const clockText = (time) => {
  const whole = Math.max(0, Math.round(time));
  const minutes = Math.floor(whole / 60_000);
  const seconds = String(Math.floor(whole / 1000) % 60).padStart(2, "0");
  return `${minutes}:${seconds}.${String(whole % 1000).padStart(3, "0")}`;
};

// A canvas with as many pixels as it is shown with.
export function fitted(canvas) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return { width, height };
}

// Small pieces of the page that every panel uses.

export const $ = (id) => document.getElementById(id);

// An element with properties, attributes under "attributes", and children.
export function make(tag, { attributes = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function say(text) {
  $("message").textContent = text;
  $("message").hidden = !text;
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

// What was asked for, kept in this browser under names, or as a JSON file.

import { make } from "./page.js";

const STORE = "presets";

export const presets = () => JSON.parse(localStorage.getItem(STORE) ?? "{}");

export function keep(name, said) {
  localStorage.setItem(STORE, JSON.stringify({ ...presets(), [name]: said }));
}

export function drop(name) {
  const left = presets();
  delete left[name];
  localStorage.setItem(STORE, JSON.stringify(left));
}

export function save(said) {
  const blob = new Blob([JSON.stringify(said, null, 2)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(blob), download: "preset.json" });
  link.click();
  URL.revokeObjectURL(link.href);
}

// A file's options: words and numbers by their keys, and nothing else.
export async function read(file) {
  const said = JSON.parse(await file.text());
  const plain = (value) => ["string", "number", "boolean"].includes(typeof value);
  if (said === null || typeof said !== "object" || !Object.values(said).every(plain)) {
    throw new Error(file.name);
  }
  return said;
}

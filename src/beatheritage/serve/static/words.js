// The page's words in the reader's language: words.json holds them, options.json those of options.

import { get } from "./api.js";
import { answerIn, learn } from "./told.js";

export const LANGUAGES = { en: "English", vi: "Tiếng Việt", zh: "简体中文", ja: "日本語" };
const LOCALES = { en: "en", vi: "vi", zh: "zh-CN", ja: "ja" };

let words = {};
let options = {};
let language = "en";

export async function load() {
  let messages;
  const files = ["words", "options", "messages"];
  [words, options, messages] = await Promise.all(files.map((name) => get(`/static/${name}.json`)));
  learn(messages);
  const asked = localStorage.getItem("language") ?? navigator.language.slice(0, 2);
  language = asked in LANGUAGES ? asked : "en";
  answerIn(language);
}

export const current = () => language;

export function speak(name) {
  language = name;
  answerIn(name);
  localStorage.setItem("language", name);
}

// The words of a key, with {names} filled in.
export function t(key, values = {}) {
  const text = words[key]?.[language] ?? words[key]?.en;
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// What an option is called; one that is new is called by its key.
export const optionName = (key) => options[key]?.[language] ?? key.replaceAll(/[._]/g, " ");

// Fills in every element that names its words.
export function label(root = document) {
  document.documentElement.lang = LOCALES[language];
  for (const element of root.querySelectorAll("[data-word]")) {
    element.textContent = t(element.dataset.word);
  }
}

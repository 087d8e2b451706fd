// What the server says in English, in the reader's language: messages.json holds its sentences, with
// numbered blanks where it fills something in.

let known = [];
let language = "en";

const escaped = (text) => text.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&");

// From an English sentence to what matches it; blanks take whatever stands there.
const pattern = (text) => new RegExp(`^${escaped(text).replaceAll(/\{\d\}/g, "(.+?)")}$`, "s");

export function learn(messages) {
  known = messages.map((each) => ({ ...each, pattern: pattern(each.en) }));
  // The one with most words of its own comes first.
  known.sort((one, other) => other.en.replaceAll(/\{\d\}/g, "").length - one.en.replaceAll(/\{\d\}/g, "").length);
}

export function answerIn(name) {
  language = name;
}

function sentence(text) {
  for (const each of known) {
    const found = each.pattern.exec(text);
    if (found) return each[language].replaceAll(/\{(\d)\}/g, (_, number) => found[Number(number) + 1]);
  }
  return null;
}

// A message, its place in front and how to mend it behind; what has no words here stays as it is.
export function told(text) {
  if (language === "en" || !text) return text;
  const whole = sentence(text);
  if (whole !== null) return whole;
  const mended = /^(.*) \((.*)\)$/s.exec(text);
  if (mended) return `${told(mended[1])} (${told(mended[2])})`;
  const placed = /^(.*?): (.*)$/s.exec(text);
  return placed ? `${placed[1]}: ${told(placed[2])}` : text;
}

// Words for a style: each off, wanted, or not wanted.

import { make } from "./page.js";
import { t } from "./words.js";

const STATES = ["off", "include", "exclude"];
const STATE_WORDS = { off: "descriptorOff", include: "descriptorInclude", exclude: "descriptorExclude" };
const SIGNS = { off: "", include: "+ ", exclude: "− " };

export class Descriptors {
  constructor() {
    this.element = make("fieldset", { id: "descriptors" });
    this.states = new Map();
    this.refused = {};
  }

  // names are those that the model knows; refused says why some state cannot be.
  build(names, refused) {
    const before = this.states;
    this.states = new Map(names.map((name) => [name, before.get(name) ?? "off"]));
    this.refused = refused;
    for (const [name, state] of this.states) if (refused[state]) this.states.set(name, "off");
    const about = make("p", { className: "quiet", textContent: names.length ? t("descriptorHow") : t("descriptorNone") });
    const buttons = names.map((name) => {
      const button = make("button", { type: "button", className: "chip" });
      button.onclick = () => {
        this.states.set(name, this.next(this.states.get(name)));
        this.dress(button, name);
      };
      this.dress(button, name);
      return button;
    });
    this.element.replaceChildren(make("legend", { textContent: t("descriptors") }), about, ...buttons);
    const why = Object.values(refused).find(Boolean);
    if (why) this.element.append(make("p", { className: "quiet", textContent: why }));
  }

  next(state) {
    let index = STATES.indexOf(state);
    do index = (index + 1) % STATES.length;
    while (this.refused[STATES[index]]);
    return STATES[index];
  }

  dress(button, name) {
    const state = this.states.get(name);
    button.textContent = SIGNS[state] + name;
    button.dataset.state = state;
    button.setAttribute("aria-label", `${name}: ${t(STATE_WORDS[state])}`);
  }

  // As the options say it.
  values() {
    const named = (state) => [...this.states].filter((each) => each[1] === state).map(([name]) => name);
    const said = {};
    const include = named("include");
    const exclude = named("exclude");
    if (include.length) said.descriptors = include.join(",");
    if (exclude.length) said.unlike = exclude.join(",");
    return said;
  }

  fill(said) {
    const listed = (key) => new Set(String(said[key] ?? "").split(","));
    const include = listed("descriptors");
    const exclude = listed("unlike");
    for (const name of this.states.keys()) {
      this.states.set(name, include.has(name) ? "include" : exclude.has(name) ? "exclude" : "off");
    }
    this.build([...this.states.keys()], this.refused);
  }
}

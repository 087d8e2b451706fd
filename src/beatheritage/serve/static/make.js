// The make panel: which model, every option of the command line, the usual ones in sight.

import { get, post } from "./api.js";
import { CurveField } from "./curve.js";
import { Descriptors } from "./descriptors.js";
import { ModelList } from "./models.js";
import { $, make, say, tried } from "./page.js";
import * as presets from "./presets.js";
import { told } from "./told.js";
import { optionName, t } from "./words.js";

const USUAL = ["mode", "stars", "keys", "seed", "creator", "version", "curve"];
const GROUP_WORDS = {
  "": "groupNames", metadata: "groupMetadata", settings: "groupSettings", style: "groupStyle", sampling: "groupSampling",
  quality: "groupQuality", difficulty: "groupDifficulty", ancestor: "groupAncestor",
  placing: "groupPlacing",
};
const MODES = ["std", "taiko", "catch", "mania"];
// What the song panel, the list of models and the descriptors say already.
const ELSEWHERE = new Set(["bpm", "offset", "model", "descriptors", "unlike"]);

export class MakePanel {
  constructor(songPanel, onJob) {
    this.songPanel = songPanel;
    this.onJob = onJob;
    this.options = [];
    this.refused = {};
    this.asking = Promise.resolve(); // until what is refused is known
    this.models = new ModelList(() => tried(() => this.suit()));
    this.descriptors = new Descriptors();
  }

  // What the server tells of models and options; words come with build.
  async fetch() {
    const [options] = await Promise.all([get("/api/options"), this.models.fetch()]);
    this.options = options.filter((each) => !ELSEWHERE.has(each.key));
    this.heed(options);
    this.build();
    await this.suit();
  }

  // The whole panel, in the words of the language that is spoken; what was said stays.
  build() {
    if (!this.options.length) return;
    const said = this.values();
    const preset = $("preset")?.value ?? "";
    this.models.build();
    const usual = this.options.filter((each) => USUAL.includes(each.key));
    usual.sort((one, other) => USUAL.indexOf(one.key) - USUAL.indexOf(other.key));
    const groups = [...new Set(this.options.map((each) => each.group))];
    $("make").replaceChildren(
      make("p", { id: "make-song", className: "quiet" }),
      this.models.element,
      this.group(t("groupUsual"), usual, make("canvas", { id: "curve", hidden: true })),
      this.descriptors.element,
      ...groups.map((group) => this.details(group)),
      this.set(),
      this.buttons(),
    );
    $("curve").setAttribute("role", "img");
    $("curve").setAttribute("aria-label", t("curveOf"));
    this.curve = new CurveField($("curve"), $("option-curve"));
    $("option-mode").onchange = () => tried(() => this.suit());
    $("make").onsubmit = (event) => {
      event.preventDefault();
      this.send("generate");
    };
    this.fill(said);
    $("preset").value = preset;
    this.dress();
    this.song(this.songPanel.song);
  }

  group(name, options, ...more) {
    const fields = options.map((each) => this.field(each));
    return make("fieldset", {}, make("legend", { textContent: name }), ...fields, ...more);
  }

  details(group) {
    const known = this.options.filter((each) => each.group === group && !USUAL.includes(each.key));
    if (!known.length) return "";
    const name = GROUP_WORDS[group] ? t(GROUP_WORDS[group]) : group;
    const id = `group-${group || "names"}`;
    const open = $(id)?.open ?? false;
    return make("details", { id, open }, make("summary", { textContent: name }), this.group(name, known));
  }

  field(option) {
    const id = `option-${option.key}`;
    const choose = (values) =>
      make("select", { id }, ...values.map(([value, text]) => make("option", { value, textContent: text })));
    let input;
    if (option.kind === "choice") input = choose(option.choices.map((each) => [each, each]));
    else if (option.kind === "flag") input = choose([["", t("usual")], ["true", t("yes")], ["false", t("no")]]);
    else {
      const number = option.kind !== "text";
      input = make("input", { id, type: number ? "number" : "text", placeholder: t("usual") });
      if (number) input.step = option.kind === "whole" ? 1 : "any";
      if (option.range) [input.min, input.max] = option.range;
    }
    const why = make("span", { className: "quiet why", id: `${id}-why`, hidden: true });
    input.setAttribute("aria-describedby", why.id);
    return make("label", {}, make("span", { textContent: optionName(option.key), title: option.key }), input, why);
  }

  // Asks what the mode and the model have no use for; of several questions the last one counts.
  async suit() {
    const { model } = this.models;
    const mode = $("option-mode");
    if (!model.modes.includes(mode.value)) [mode.value] = model.modes;
    this.models.mode = mode.value;
    const asking = Promise.all([get(`/api/options?mode=${mode.value}&model=${model.name}`), this.models.look()]);
    this.asking = asking;
    const [options] = await asking;
    if (this.asking !== asking) return;
    this.heed(options);
    this.dress();
  }

  heed(options) {
    this.refused = Object.fromEntries(options.map((each) => [each.key, each.refused]));
  }

  // What is refused is disabled, and says why.
  dress() {
    const { model } = this.models;
    for (const each of $("option-mode").options) each.disabled = !model.modes.includes(each.value);
    for (const { key } of this.options) {
      const input = $(`option-${key}`);
      const why = $(`option-${key}-why`);
      input.disabled = this.refused[key] !== "";
      input.title = why.textContent = told(this.refused[key]);
      why.hidden = !input.disabled;
    }
    const { descriptors = "", unlike = "" } = this.refused;
    this.descriptors.build(model.descriptors, { include: told(descriptors), exclude: told(unlike) });
    for (const button of [$("make-one"), $("make-set")]) {
      button.disabled = !model.here;
      button.title = model.here ? "" : t("downloadFirst");
    }
  }

  // What a whole set has instead of one map's mode and stars.
  set() {
    const value = $("set-levels")?.value ?? "";
    const levels = make("input", { id: "set-levels", size: 34, placeholder: "easy, normal, hard, insane", value });
    const chosen = this.modesOfSet();
    const modes = MODES.map((mode) => {
      const checked = chosen.includes(mode);
      const box = make("input", { type: "checkbox", value: mode, className: "set-mode", checked });
      return make("label", { className: "check" }, box, make("span", { textContent: mode }));
    });
    const legend = make("legend", { textContent: t("groupSet") });
    const asked = make("label", {}, make("span", { textContent: t("setLevels") }), levels);
    return make("fieldset", {}, legend, asked, ...modes);
  }

  modesOfSet() {
    return [...document.querySelectorAll(".set-mode:checked")].map((each) => each.value);
  }

  // The options of a set: names or stars of its difficulties, and its modes.
  ofSet() {
    const said = this.values();
    delete said.stars;
    delete said.version;
    const levels = $("set-levels").value.trim();
    if (levels) said[/^[\d.,\s]+$/.test(levels) ? "stars" : "difficulties"] = levels;
    const modes = this.modesOfSet();
    if (modes.length) {
      delete said.mode;
      said.modes = modes.join(",");
    }
    return said;
  }

  buttons() {
    const button = (word, work, id = "") => {
      const element = make("button", { type: "button", textContent: t(word), id });
      element.onclick = work;
      return element;
    };
    const names = Object.keys(presets.presets());
    const list = make(
      "select",
      { id: "preset", attributes: { "aria-label": t("presets") } },
      make("option", { value: "", textContent: t("presets") }),
      ...names.map((name) => make("option", { value: name, textContent: name })),
    );
    list.onchange = () => list.value && tried(() => this.apply(presets.presets()[list.value]));
    const file = make("input", { type: "file", accept: ".json", id: "preset-file", className: "visually-hidden" });
    file.onchange = () => file.files[0] && tried(() => this.import(file.files[0]));
    return make(
      "div",
      { className: "row actions" },
      make("button", { type: "submit", className: "primary", id: "make-one", textContent: t("makeOne") }),
      button("makeSet", () => this.send("spread"), "make-set"),
      list,
      button("savePreset", () => this.save()),
      button("dropPreset", () => this.drop()),
      button("exportPreset", () => presets.save(this.values())),
      make("label", { className: "button" }, make("span", { textContent: t("importPreset") }), file),
    );
  }

  song(song) {
    if (!$("make-song")) return;
    $("make-song").textContent = song ? `${song.artist} – ${song.title}` : t("noSong");
    for (const key of ["title", "artist"]) $(`option-${key}`).placeholder = song?.[key] || t("usual");
    this.curve.show(song?.heard ?? null);
  }

  // What was said and can be meant, by key; what was not said is left to the model.
  values() {
    const said = this.models.chosen ? { model: this.models.chosen } : {};
    for (const option of this.options) {
      const usual = option.kind === "choice" ? option.choices[0] : "";
      const value = $(`option-${option.key}`)?.value ?? usual;
      if (value !== usual && !this.refused[option.key]) said[option.key] = value;
    }
    return { ...said, ...this.descriptors.values() };
  }

  fill(said) {
    this.models.chosen = said.model ?? "";
    this.models.show();
    for (const option of this.options) {
      const usual = option.kind === "choice" ? option.choices[0] : "";
      $(`option-${option.key}`).value = said[option.key] ?? usual;
    }
    this.curve?.draw();
  }

  async apply(said) {
    this.fill(said);
    await this.suit();
    this.descriptors.fill(said);
  }

  async send(kind) {
    const { song, mended } = this.songPanel;
    if (!song) {
      say(t("noSong"));
      return;
    }
    const job = await tried(async () => {
      await this.asking; // what is refused is left out
      const options = kind === "spread" ? this.ofSet() : this.values();
      return post("/api/jobs", { kind, song: song.id, options, lines: mended });
    });
    if (job) this.onJob(job);
  }

  keep(name, said) {
    presets.keep(name, said);
    this.build();
    $("preset").value = name;
  }

  save() {
    const said = this.values();
    const name = prompt(t("presetName"), `${said.mode ?? "std"} ${said.stars ?? ""}`.trim());
    if (name) this.keep(name, said);
  }

  drop() {
    presets.drop($("preset").value);
    this.build();
  }

  async import(file) {
    const said = await presets.read(file);
    const known = new Set([...this.options.map((each) => each.key), ...ELSEWHERE]);
    const strange = Object.keys(said).find((key) => !known.has(key));
    if (strange) throw new Error(t("unknownOption", { name: strange }));
    this.keep(file.name.replace(/\.json$/, ""), said);
    await this.apply(said);
  }
}

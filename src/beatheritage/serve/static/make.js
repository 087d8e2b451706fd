// The make panel: which model, every option of the command line, the usual ones in sight.

import { get, post } from "./api.js";
import { CurveField } from "./curve.js";
import { Descriptors } from "./descriptors.js";
import { ModelList } from "./models.js";
import { $, make, say, tried } from "./page.js";
import * as presets from "./presets.js";
import { optionName, t } from "./words.js";

const USUAL = ["mode", "stars", "keys", "seed", "creator", "version", "curve"];
const GROUP_WORDS = {
  "": "groupNames", settings: "groupSettings", style: "groupStyle", sampling: "groupSampling",
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
    this.models = new ModelList(() => tried(() => this.suit()));
    this.descriptors = new Descriptors();
  }

  async build() {
    const said = this.values();
    await this.models.build();
    this.options = (await get("/api/options")).filter((each) => !ELSEWHERE.has(each.key));
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
    await this.suit();
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
    return make("details", {}, make("summary", { textContent: name }), this.group(name, known));
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

  // What the mode and the model have no use for is disabled, and says why.
  async suit() {
    const { model } = this.models;
    const mode = $("option-mode").value;
    for (const each of $("option-mode").options) each.disabled = !model.modes.includes(each.value);
    if (!model.modes.includes(mode)) {
      $("option-mode").value = model.modes[0];
      await this.suit();
      return;
    }
    this.models.mode = mode;
    await this.models.look();
    const options = await get(`/api/options?mode=${mode}&model=${model.name}`);
    this.refused = Object.fromEntries(options.map((each) => [each.key, each.refused]));
    for (const { key } of this.options) {
      const input = $(`option-${key}`);
      const why = $(`option-${key}-why`);
      input.disabled = this.refused[key] !== "";
      input.title = why.textContent = this.refused[key];
      why.hidden = !input.disabled;
    }
    const { descriptors = "", unlike = "" } = this.refused;
    this.descriptors.build(this.models.model.descriptors, { include: descriptors, exclude: unlike });
    $("make-set").disabled = model.name !== "";
    $("make-set").title = model.name ? t("setNative") : "";
    $("make-one").disabled = !this.models.model.here;
    $("make-one").title = this.models.model.here ? "" : t("downloadFirst");
  }

  // What a whole set has instead of one map's mode and stars.
  set() {
    const levels = make("input", { id: "set-levels", size: 34, placeholder: "easy, normal, hard, insane" });
    const modes = MODES.map((mode) => {
      const box = make("input", { type: "checkbox", value: mode, className: "set-mode" });
      return make("label", { className: "check" }, box, make("span", { textContent: mode }));
    });
    const legend = make("legend", { textContent: t("groupSet") });
    const asked = make("label", {}, make("span", { textContent: t("setLevels") }), levels);
    return make("fieldset", {}, legend, asked, ...modes);
  }

  // The options of a set: names or stars of its difficulties, and its modes.
  ofSet() {
    const said = this.values();
    delete said.stars;
    delete said.version;
    const levels = $("set-levels").value.trim();
    if (levels) said[/^[\d.,\s]+$/.test(levels) ? "stars" : "difficulties"] = levels;
    const modes = [...document.querySelectorAll(".set-mode:checked")].map((each) => each.value);
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
    list.onchange = () => list.value && tried(() => this.load(presets.presets()[list.value]));
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

  async load(said) {
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
    const body = { kind, song: song.id, options: kind === "spread" ? this.ofSet() : this.values(), lines: mended };
    const job = await tried(() => post("/api/jobs", body));
    if (job) this.onJob(job);
  }

  async keep(name, said) {
    presets.keep(name, said);
    await this.build();
    $("preset").value = name;
  }

  save() {
    const said = this.values();
    const name = prompt(t("presetName"), `${said.mode ?? "std"} ${said.stars ?? ""}`.trim());
    if (name) tried(() => this.keep(name, said));
  }

  drop() {
    presets.drop($("preset").value);
    tried(() => this.build());
  }

  async import(file) {
    const said = await presets.read(file);
    const known = new Set([...this.options.map((each) => each.key), ...ELSEWHERE]);
    const strange = Object.keys(said).find((key) => !known.has(key));
    if (strange) throw new Error(t("unknownOption", { name: strange }));
    await this.keep(file.name.replace(/\.json$/, ""), said);
    await this.load(said);
  }
}

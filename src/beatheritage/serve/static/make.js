// The make panel: every option of the command line, the usual ones in sight.

import { get, post } from "./api.js";
import { $, make, say, tried } from "./page.js";
import { t } from "./words.js";

const USUAL = ["mode", "stars", "keys", "seed", "creator", "version"];
const GROUP_WORDS = {
  "": "groupNames", settings: "groupSettings", style: "groupStyle", sampling: "groupSampling",
  quality: "groupQuality", difficulty: "groupDifficulty",
};
const MODES = ["std", "taiko", "catch", "mania"];
const STORE = "presets";
// What the song panel says already.
const ELSEWHERE = new Set(["bpm", "offset"]);

export class MakePanel {
  constructor(songPanel, onJob) {
    this.songPanel = songPanel;
    this.onJob = onJob;
    this.options = [];
  }

  async build() {
    this.options = (await get("/api/options")).filter((each) => !ELSEWHERE.has(each.key));
    const said = this.values();
    const groups = [...new Set(this.options.map((each) => each.group))];
    const rows = (list) => list.map((each) => this.field(each));
    const usual = this.options.filter((each) => USUAL.includes(each.key));
    usual.sort((one, other) => USUAL.indexOf(one.key) - USUAL.indexOf(other.key));
    $("make").replaceChildren(
      make("p", { id: "make-song", className: "quiet" }),
      make("fieldset", {}, make("legend", { textContent: t("groupUsual") }), ...rows(usual)),
      ...groups.map((group) => {
        const known = this.options.filter((each) => each.group === group && !USUAL.includes(each.key));
        const legend = GROUP_WORDS[group] ? t(GROUP_WORDS[group]) : group;
        const inside = make("fieldset", {}, make("legend", { textContent: legend }), ...rows(known));
        return known.length ? make("details", {}, make("summary", { textContent: legend }), inside) : "";
      }),
      this.set(),
      this.buttons(),
    );
    $("make").onsubmit = (event) => {
      event.preventDefault();
      this.send("generate");
    };
    this.fill(said);
    this.song(this.songPanel.song);
  }

  field(option) {
    const id = `option-${option.key}`;
    const label = option.key.replace(/^.*\./, "").replaceAll("_", " ");
    let input;
    if (option.kind === "choice") {
      input = make("select", { id }, ...option.choices.map((each) => make("option", { textContent: each })));
    } else if (option.kind === "flag") {
      const choices = ["", "true", "false"];
      input = make("select", { id }, ...choices.map((each) => make("option", { value: each, textContent: each || t("usual") })));
    } else {
      const number = option.kind !== "text";
      const step = option.kind === "whole" ? 1 : "any";
      input = make("input", { id, type: number ? "number" : "text", placeholder: t("usual") });
      if (number) input.step = step;
      if (option.range) [input.min, input.max] = option.range;
    }
    return make("label", {}, make("span", { textContent: label, title: option.key }), input);
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
    const button = (word, work, className = "") => {
      const element = make("button", { type: "button", textContent: t(word), className });
      element.onclick = work;
      return element;
    };
    const names = Object.keys(this.presets());
    const presets = make(
      "select",
      { id: "preset", attributes: { "aria-label": t("presets") } },
      make("option", { value: "", textContent: t("presets") }),
      ...names.map((name) => make("option", { value: name, textContent: name })),
    );
    presets.onchange = () => presets.value && this.fill(this.presets()[presets.value]);
    const given = make("input", { type: "file", accept: ".json", className: "visually-hidden" });
    given.onchange = () => tried(() => this.import(given.files[0]));
    return make(
      "div",
      { className: "row" },
      make("button", { type: "submit", className: "primary", id: "make-one", textContent: t("makeOne") }),
      button("makeSet", () => this.send("spread")),
      presets,
      button("savePreset", () => this.save()),
      button("exportPreset", () => this.export()),
      make("label", { className: "button" }, make("span", { textContent: t("importPreset") }), given),
    );
  }

  song(song) {
    const about = $("make-song");
    if (about) about.textContent = song ? `${song.artist} – ${song.title}` : t("noSong");
  }

  // What was said, by key; what was not said is left to the model.
  values() {
    const said = {};
    for (const option of this.options) {
      const usual = option.kind === "choice" ? option.choices[0] : "";
      const value = $(`option-${option.key}`)?.value ?? usual;
      if (value !== usual) said[option.key] = value;
    }
    return said;
  }

  fill(said) {
    for (const option of this.options) {
      const usual = option.kind === "choice" ? option.choices[0] : "";
      $(`option-${option.key}`).value = said[option.key] ?? usual;
    }
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

  presets() {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}");
  }

  keep(name, said) {
    localStorage.setItem(STORE, JSON.stringify({ ...this.presets(), [name]: said }));
    this.build();
  }

  save() {
    const said = this.values();
    const name = prompt(t("presetName"), `${said.mode ?? "std"} ${said.stars ?? ""}`.trim());
    if (name) this.keep(name, said);
  }

  export() {
    const blob = new Blob([JSON.stringify(this.values(), null, 2)], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(blob), download: "preset.json" });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async import(file) {
    const said = JSON.parse(await file.text());
    const known = new Set(this.options.map((each) => each.key));
    const strange = Object.keys(said).find((key) => !known.has(key));
    if (strange) throw new Error(t("unknownOption", { name: strange }));
    this.keep(file.name.replace(/\.json$/, ""), said);
    this.fill(said);
  }
}

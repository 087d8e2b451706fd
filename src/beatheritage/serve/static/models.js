// The list of models: which are here, how large, and their downloads.

import { get, post } from "./api.js";
import { make, tried } from "./page.js";
import { told } from "./told.js";
import { t } from "./words.js";

const LOOK_MS = 500;

export const size = (bytes) =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${Math.round(bytes / 1e6)} MB`;

export class ModelList {
  // onChoose hears the name of the model that is to write, empty for the native one.
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.chosen = "";
    this.mode = "std";
    this.models = [];
    this.element = make("fieldset", { id: "models", className: "models" });
    this.waiting = null;
  }

  get model() {
    return this.models.find((each) => each.name === this.chosen);
  }

  async fetch() {
    this.models = await get(`/api/models?mode=${this.mode}`);
  }

  build() {
    this.rows = new Map(this.models.map((model) => [model.name, this.row(model)]));
    const legend = make("legend", { textContent: t("model") });
    this.element.replaceChildren(legend, ...[...this.rows.values()].map((row) => row.element));
    this.show();
  }

  row(model) {
    const choice = make("input", { type: "radio", name: "model", value: model.name });
    choice.onchange = () => this.choose(model.name);
    const state = make("span", { className: "quiet" });
    const label = make("label", { className: "check" }, choice, make("span", { textContent: model.title }));
    const bar = make("progress", { max: 1, hidden: true, attributes: { "aria-label": model.title } });
    const button = make("button", { type: "button" });
    button.onclick = () => tried(() => this.download(model.name));
    const element = make("div", { className: "model" }, label, state, bar, button);
    return { element, choice, state, bar, button };
  }

  choose(name) {
    this.chosen = name;
    this.show();
    this.onChoose(name);
  }

  show() {
    for (const model of this.models) {
      const { choice, state, bar, button } = this.rows.get(model.name);
      const { downloading } = model;
      choice.checked = model.name === this.chosen;
      state.textContent = this.state(model);
      bar.hidden = !downloading;
      if (downloading?.total) bar.value = downloading.done / downloading.total;
      else bar.removeAttribute("value");
      button.hidden = model.here || model.lacks !== "";
      button.textContent = t(downloading ? "stop" : "download");
      button.setAttribute("aria-label", `${button.textContent}: ${model.title}`);
    }
  }

  state(model) {
    const large = size(model.bytes);
    if (model.here) return t("weightsHere", { size: large });
    if (model.lacks) return `${t("weightsAway", { size: large })} ${told(model.lacks)}`;
    if (model.downloading) {
      const { done, total } = model.downloading;
      return t("weightsComing", { done: size(done), size: size(total || model.bytes) });
    }
    return `${t("weightsAway", { size: large })} ${told(model.error)}`;
  }

  // Starts a download, or stops the one that runs.
  async download(name) {
    const running = this.models.find((each) => each.name === name).downloading;
    await post(`/api/models/${running ? "stop" : "download"}`, { name, mode: this.mode });
    await this.look();
  }

  async look() {
    clearTimeout(this.waiting);
    const before = this.model?.here;
    await this.fetch();
    this.show();
    if (before === false && this.model?.here) this.onChoose(this.chosen);
    if (this.models.some((each) => each.downloading)) {
      this.waiting = setTimeout(() => tried(() => this.look()), LOOK_MS);
    }
  }
}

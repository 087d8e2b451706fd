// The queue: what waits, runs and is done, as the server tells it.

import { follow, post } from "./api.js";
import { $, make, setText, tried } from "./page.js";
import { told } from "./told.js";
import { t } from "./words.js";

const STAGE_WORDS = {
  listening: "stageListening", timing: "stageTiming", writing: "stageWriting",
  adjusting: "stageAdjusting", placing: "stagePlacing", packing: "stagePacking",
};
const KIND_WORDS = { listen: "kindListen", generate: "kindMake", spread: "kindSet", range: "kindRange" };
// What is said of what was asked for, in this order.
const SAID = {
  mode: (mode) => mode, modes: (modes) => modes, stars: (stars) => `${stars} ★`,
  difficulties: (names) => names, keys: (keys) => `${keys}K`, model: (name) => name,
};
const MOST_SHOWN = 60;

const isOpen = (job) => job.state === "waiting" || job.state === "running";

// What is open in the order of its turn, then what has ended, the latest first.
const inOrder = (one, other) => {
  if (isOpen(one) !== isOpen(other)) return isOpen(one) ? -1 : 1;
  return isOpen(one) ? one.place - other.place : other.ended - one.ended;
};

function askedFor(words) {
  const said = Object.fromEntries(words.map((word) => word.split(/=(.*)/s)));
  return Object.keys(SAID).filter((key) => said[key]).map((key) => SAID[key](said[key]));
}

// One job's row. Its elements stay the same for as long as the job is shown, so that nothing is
// drawn anew under a pointer or takes the focus away.
class Row {
  constructor(panel) {
    this.panel = panel;
    this.about = make("div", { className: "about" });
    this.state = make("div");
    this.bar = make("progress", { max: 1, hidden: true });
    this.warnings = make("div", { className: "warning" });
    this.row = make("div", { className: "row" });
    this.element = make("li", {}, this.about, this.state, this.row, this.bar, this.warnings);
    this.actions = this.buttons();
    this.row.append(...Object.values(this.actions));
  }

  buttons() {
    const button = (name, work) => {
      const element = make("button", { type: "button", hidden: true });
      element.dataset.action = name;
      element.onclick = () => tried(work);
      return element;
    };
    const to = (what, body) => post(`/api/jobs/${this.job.id}/${what}`, body);
    return {
      open: button("open", () => this.panel.onOpen(this.job)),
      up: button("up", () => to("move", { before: this.before })),
      cancel: button("cancel", () => to("cancel")),
      again: button("again", () => to("retry")),
    };
  }

  show(job, before) {
    this.job = job;
    this.before = before;
    this.element.dataset.job = job.id;
    const named = [t(KIND_WORDS[job.kind]), ...askedFor(job.asked.words), this.panel.songName(job.song)];
    const what = named.filter(Boolean).join(" · ");
    setText(this.about, what);
    setText(this.state, stateOf(job));
    this.state.className = `quiet ${job.state}`;
    this.bar.hidden = job.state !== "running";
    this.bar.setAttribute("aria-label", what);
    if (job.share > 0) this.bar.value = job.share;
    else this.bar.removeAttribute("value");
    setText(this.warnings, job.warnings.map(told).join("\n"));
    this.allow(what, {
      open: job.maps.length > 0,
      up: before !== null,
      cancel: isOpen(job),
      again: job.state === "failed" || job.state === "cancelled",
    });
  }

  allow(what, allowed) {
    const words = { open: t("open"), up: t("up"), cancel: t("cancel"), again: t("again") };
    for (const [name, button] of Object.entries(this.actions)) {
      button.hidden = !allowed[name];
      setText(button, words[name]);
      button.setAttribute("aria-label", `${words[name]}: ${what}`);
    }
  }
}

export function stateOf(job) {
  if (job.state === "running") {
    const stage = STAGE_WORDS[job.stage] ? t(STAGE_WORDS[job.stage]) : "";
    const passed = Date.now() / 1000 - job.started;
    const left = job.share > 0.1 ? Math.ceil((passed * (1 - job.share)) / job.share) : 0;
    return left ? `${stage} – ${t("secondsLeft", { seconds: left })}` : stage || t("running");
  }
  if (job.state === "failed") return told(job.error);
  return t({ waiting: "waiting", done: "done", cancelled: "cancelled" }[job.state]);
}

export class JobsPanel {
  // onChange hears of every job that changes; onOpen of one whose maps are to be shown; songName tells
  // what a song is called.
  constructor(onChange, onOpen, songName) {
    this.onOpen = onOpen;
    this.songName = songName;
    this.jobs = new Map();
    this.rows = new Map();
    this.waiting = false;
    follow((job) => {
      const before = this.jobs.get(job.id);
      this.jobs.set(job.id, job);
      onChange(job, before);
      this.later();
    });
  }

  // Once a frame, however many change.
  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.build();
    });
  }

  build() {
    const shown = [...this.jobs.values()].sort(inOrder).slice(0, MOST_SHOWN);
    const list = $("jobs");
    let leading = null; // the job that waits in front of the next one
    shown.forEach((job, index) => {
      if (!this.rows.has(job.id)) this.rows.set(job.id, new Row(this));
      const row = this.rows.get(job.id);
      const waits = job.state === "waiting";
      row.show(job, waits ? leading : null);
      if (waits) leading = job.id;
      this.place(list, row.element, index);
    });
    const kept = new Set(shown.map((job) => job.id));
    for (const [id, row] of this.rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
  }

  // Moves as few elements as it can: one that is moved loses the focus and the pointer.
  place(list, element, index) {
    if (list.children[index + 1] === element) list.append(list.children[index]);
    const there = list.children[index] ?? null;
    if (there !== element) list.insertBefore(element, there);
  }

  // A song has gone, and its jobs with it.
  forget(song) {
    for (const job of this.jobs.values()) if (job.song === song) this.jobs.delete(job.id);
    this.later();
  }
}

// The queue: what waits, runs and came of it; moved, cancelled, tried again.

import { follow, post } from "./api.js";
import { $, make, tried } from "./page.js";
import { t } from "./words.js";

const STAGE_WORDS = {
  listening: "stageListening", timing: "stageTiming", writing: "stageWriting",
  placing: "stagePlacing", packing: "stagePacking",
};
const KIND_WORDS = { listen: "kindListen", generate: "kindMake", spread: "kindSet", range: "kindRange" };
const MOST_SHOWN = 60;

export class JobsPanel {
  constructor(onEnd, onOpen) {
    this.onEnd = onEnd;
    this.onOpen = onOpen;
    this.jobs = new Map();
    this.waiting = false;
    follow((job) => {
      const before = this.jobs.get(job.id);
      this.jobs.set(job.id, job);
      if (job.state === "done" && before && before.state !== "done") this.onEnd(job);
      this.later();
    });
  }

  // Once a frame, however many change.
  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.show();
    });
  }

  show() {
    const open = (job) => job.state === "waiting" || job.state === "running";
    const order = [...this.jobs.values()].sort((one, other) => {
      if (open(one) !== open(other)) return open(one) ? -1 : 1;
      return open(one) ? one.place - other.place : other.ended - one.ended;
    });
    const waiting = order.filter((job) => job.state === "waiting");
    const rows = order.slice(0, MOST_SHOWN).map((job) => this.row(job, waiting));
    $("jobs").replaceChildren(...rows);
  }

  row(job, waiting) {
    const words = job.asked.words.filter((word) => /^(mode|stars|keys)=/.test(word)).join(" ");
    const about = make("div", { textContent: `${t(KIND_WORDS[job.kind])} ${words}` });
    const state = make("div", { className: `quiet ${job.state}`, textContent: this.state(job) });
    const row = make("li", {}, about, state);
    if (job.state === "running") {
      const bar = make("progress", { max: 1, attributes: { "aria-label": this.state(job) } });
      if (job.share > 0) bar.value = job.share;
      row.append(bar);
    }
    for (const warning of job.warnings) row.append(make("div", { className: "warning", textContent: warning }));
    row.append(this.buttons(job, waiting));
    return row;
  }

  state(job) {
    if (job.state === "running") {
      const stage = STAGE_WORDS[job.stage] ? t(STAGE_WORDS[job.stage]) : "";
      const passed = Date.now() / 1000 - job.started;
      const left = job.share > 0.1 ? Math.ceil((passed * (1 - job.share)) / job.share) : 0;
      return left ? `${stage} – ${t("secondsLeft", { seconds: left })}` : stage || t("running");
    }
    if (job.state === "failed") return job.error;
    return t({ waiting: "waiting", done: "done", cancelled: "cancelled" }[job.state]);
  }

  buttons(job, waiting) {
    const row = make("div", { className: "row" });
    const add = (word, work) => {
      const button = make("button", { type: "button", textContent: t(word) });
      button.onclick = () => tried(work);
      row.append(button);
    };
    const index = waiting.indexOf(job);
    if (job.maps.length) add("open", () => this.onOpen(job));
    if (index > 0) add("up", () => post(`/api/jobs/${job.id}/move`, { before: waiting[index - 1].id }));
    if (job.state === "waiting" || job.state === "running") {
      add("cancel", () => post(`/api/jobs/${job.id}/cancel`));
    }
    if (job.state === "failed" || job.state === "cancelled") {
      add("again", () => post(`/api/jobs/${job.id}/retry`));
    }
    return row;
  }
}

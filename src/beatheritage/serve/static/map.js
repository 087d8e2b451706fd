// The map panel: see it, play it, mend it, take it home.

import { get, post } from "./api.js";
import { Beside } from "./beside.js";
import { $, clockText, make, setText, tried } from "./page.js";
import { Player } from "./player.js";
import { seekable } from "./song.js";
import { told } from "./told.js";
import { t } from "./words.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5];
const DIVISORS = [1, 2, 3, 4, 6, 8, 12, 16];
const PICK_PX = 40;
const SHOWN_BEFORE_MS = 300; // the newest object of a map that is being written

export class MapPanel {
  constructor(onJob) {
    this.onJob = onJob;
    this.player = new Player($("field"), $("timeline"), (player, time) => this.frame(player, time));
    this.scene = null;
    this.maps = []; // those beside one another
    this.takes = []; // of a range that was asked for
    this.listening = null; // the one of them that is heard, null for the map as it was
    this.found = []; // by the checker
    this.beside = new Beside($("beside"));
    this.watched = null; // the job whose map is being written, and how much of it is shown
    this.connect();
  }

  get clock() {
    return this.player.clock;
  }

  async open(job, heard) {
    const scenes = await Promise.all(job.maps.map((number) => get(`/api/maps/${number}`)));
    if (job.kind === "range") {
      this.takes = scenes;
      this.listening = null;
      this.showTakes();
      return;
    }
    this.maps = scenes;
    this.takes = [];
    this.heard = heard;
    this.show(scenes[0]);
    this.showTakes();
    if (this.watched?.followed) this.player.seek(0);
    this.watched = null;
    this.check();
  }

  // A map that is still being written, as far as it is: seen and heard, and not yet mended.
  async watch(job, heard) {
    const from = { id: job.id, shown: 0, busy: false, followed: !this.player.clock.running };
    if (this.watched?.id !== job.id) this.watched = from;
    const { watched } = this;
    if (watched.busy || job.written <= watched.shown) return;
    watched.busy = true;
    try {
      const scene = await get(`/api/jobs/${job.id}/sketch`);
      if (this.watched !== watched || !scene) return; // it has ended meanwhile
      watched.shown = scene.objects.length;
      this.heard = heard;
      this.maps = [];
      this.takes = [];
      this.showTakes();
      this.show(scene);
      watched.followed &&= !this.player.clock.running;
      if (watched.followed) this.player.seek(scene.objects.at(-1).time - SHOWN_BEFORE_MS);
    } finally {
      watched.busy = false;
    }
  }

  // What was being written will not come.
  leave(job) {
    if (this.watched?.id !== job.id) return;
    this.watched = null;
    if (!this.isSketch) return;
    this.scene = null;
    this.player.show(null, this.heard);
    this.labels();
  }

  get isSketch() {
    return this.scene !== null && this.scene.id === undefined;
  }

  show(scene) {
    this.scene = scene;
    this.maps = this.maps.map((each) => (each.id === scene.id ? scene : each));
    this.player.show(scene, this.heard);
    this.labels();
    this.choose(null);
  }

  // The same map with another revision: where one is in it stays.
  async revised(work) {
    const scene = await tried(work);
    if (!scene) return;
    this.show(scene);
    await this.check();
  }

  labels() {
    const { scene } = this;
    $("no-map").hidden = scene !== null;
    $("map").hidden = scene === null;
    if (!scene) return;
    for (const each of document.querySelectorAll(".finished")) each.hidden = this.isSketch;
    $("being-written").hidden = !this.isSketch;
    const name = `${scene.artist} – ${scene.title} [${scene.version}]`;
    $("map-name").textContent = name;
    $("map-stars").textContent = `${scene.stars.toFixed(2)} ★ · ${scene.objects.length}`;
    $("field").setAttribute("aria-label", t("fieldOf", { name, count: scene.objects.length }));
    $("timeline").setAttribute("aria-valuemax", String(Math.round(this.clock.duration)));
    this.sideBySide();
    if (this.isSketch) return;
    $("undo").disabled = scene.revision === 0;
    $("redo").disabled = scene.revision === scene.latest;
    $("osu").href = `/api/maps/${scene.id}/file`;
    $("osz").href = `/api/maps/archive?maps=${this.maps.map((each) => each.id).join(",")}`;
    $("difficulties").setAttribute("aria-label", t("difficulties"));
    $("difficulties").replaceChildren(
      ...this.maps.map((each) => {
        const text = `${each.version} ${each.stars.toFixed(2)} ★`;
        const button = make("button", { type: "button", textContent: text });
        button.setAttribute("aria-pressed", String(each.id === scene.id));
        button.onclick = () => tried(() => this.reopen(each.id));
        return button;
      }),
    );
    this.rangeSaid();
  }

  // Every difficulty of the set at one moment.
  sideBySide() {
    const possible = this.maps.length > 1;
    $("beside-choice").hidden = !possible;
    this.beside.show(possible && $("side-by-side").checked ? this.maps : []);
  }

  async reopen(number) {
    this.show(await get(`/api/maps/${number}`));
    await this.check();
  }

  async check() {
    this.found = (await tried(() => get(`/api/maps/${this.scene.id}/check`))) ?? [];
    this.showFindings();
  }

  showFindings() {
    const rows = this.found.map((each) => {
      const where = each.time === null ? "" : `${clockText(each.time)} `;
      const text = `${where}${each.rule}: ${told(each.message)}`;
      const button = make("button", { type: "button", className: `plain ${each.severity}`, textContent: text });
      button.onclick = () => {
        if (each.time !== null) this.player.seek(each.time);
        this.choose(each.objects[0] ?? null);
      };
      return make("li", {}, button);
    });
    $("findings").replaceChildren(...(rows.length ? rows : [make("li", { textContent: t("nothingFound") })]));
  }

  choose(index) {
    this.player.view.chosen = index;
    $("delete").disabled = index === null;
    const object = index === null ? null : this.scene.objects[index];
    const where = object && `${clockText(object.time)} (${Math.round(object.x)}, ${Math.round(object.y)})`;
    $("chosen").textContent = object ? t("chosen", { number: index + 1, where }) : t("noneChosen");
  }

  // The object after the chosen one, or the one before it; where none is, from the moment shown.
  step(by) {
    const { objects } = this.scene;
    const { chosen } = this.player.view;
    const next = objects.findIndex((each) => each.time >= this.player.time);
    const from = chosen ?? (by > 0 ? next - 1 : next < 0 ? objects.length : next);
    const index = Math.min(Math.max(from + by, 0), objects.length - 1);
    if (index < 0) return;
    this.player.seek(objects[index].time);
    this.choose(index);
  }

  rangeSaid() {
    const { range } = this.player.view;
    $("range").textContent = range ? `${clockText(range[0])} – ${clockText(range[1])}` : t("noRange");
    $("anew").disabled = !range;
  }

  setRange(at, time) {
    const range = [...(this.player.view.range ?? [time, time])];
    range[at] = time;
    if (range[1] < range[0]) range[1 - at] = time;
    this.player.view.range = range[1] > range[0] || at === 0 ? range : null;
    this.rangeSaid();
  }

  async anew() {
    const [start, end] = this.player.view.range;
    const seed = Math.floor(Math.random() * 2 ** 31);
    const body = {
      kind: "range", song: this.scene.song, map: this.scene.id, start, end,
      takes: $("takes").valueAsNumber || 1, options: { seed },
    };
    const job = await tried(() => post("/api/jobs", body));
    if (job) this.onJob(job);
  }

  // The old one and each take beside one another, one of them to keep.
  showTakes() {
    if (!this.takes.length) {
      $("take-list").replaceChildren();
      return;
    }
    const kept = this.scene;
    const offered = [t("before"), ...this.takes.map((_, index) => t("take", { number: index + 1 }))];
    const buttons = offered.map((textContent, index) => {
      const take = this.takes[index - 1] ?? null;
      const button = make("button", { type: "button", textContent });
      button.setAttribute("aria-pressed", String(this.listening === take));
      button.onclick = () => {
        this.player.show(take ?? kept, this.heard);
        this.listening = take;
        for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      };
      return button;
    });
    const keep = make("button", { type: "button", className: "primary", id: "keep", textContent: t("keep") });
    keep.onclick = () => {
      const take = this.listening ?? this.takes[0];
      this.takes = [];
      this.showTakes();
      this.revised(() => post(`/api/maps/${kept.id}/keep`, { take: take.id }));
    };
    $("take-list").setAttribute("aria-label", t("takes"));
    $("take-list").replaceChildren(...buttons, keep);
  }

  // A new object at the moment shown, where the chosen one stands.
  add() {
    const { x = 256, y = 192, column = 0 } = this.scene.objects[this.player.view.chosen] ?? {};
    this.edit({ do: "add", time: this.player.time, x: Math.round(x), y: Math.round(y), column });
  }

  edit(change) {
    const { id, revision } = this.scene;
    const divisor = Number($("divisor").value);
    return this.revised(() => post(`/api/maps/${id}/edit`, { revision, divisor, ...change }));
  }

  // The object under a place of the field, at the moment that is shown.
  pick([x, y]) {
    const { time } = this.player;
    let best = null;
    let nearest = PICK_PX;
    this.scene.objects.forEach((object, index) => {
      if (object.end < time - 300 || object.time > time + 1200) return;
      const away = Math.hypot(object.x - x, object.y - y);
      if (away < nearest) [nearest, best] = [away, index];
    });
    return best;
  }

  frame(player, time) {
    $("clock").textContent = clockText(time);
    const strip = $("timeline");
    strip.setAttribute("aria-valuenow", String(Math.round(time)));
    strip.setAttribute("aria-valuetext", clockText(time));
    const playing = player.clock.running;
    setText($("toggle"), t(playing ? "pause" : "play"));
    this.beside.draw(time);
    const { attempt } = player;
    $("score").hidden = attempt === null;
    if (attempt) {
      const percent = (attempt.accuracy * 100).toFixed(2);
      $("score").textContent = `${percent} %  ${attempt.combo}×  ${attempt.last}`;
    }
  }

  // Everything that is said, in the language that is spoken.
  build() {
    $("timeline").setAttribute("aria-label", t("timeline"));
    this.labels();
    this.choose(this.player.view.chosen);
    this.showTakes();
    this.showFindings();
  }

  connect() {
    const { player } = this;
    const option = (value, textContent = `${value}`) => make("option", { value, textContent });
    $("speed").replaceChildren(...SPEEDS.map((each) => option(each)));
    $("speed").value = "1";
    $("divisor").replaceChildren(...DIVISORS.map((each) => option(each, `1/${each}`)));
    $("divisor").value = "4";
    $("toggle").onclick = () => {
      player.toggle();
      if (player.attempt) $("field").focus();
    };
    $("speed").onchange = () => player.clock.setRate(Number($("speed").value));
    $("loop").onchange = () => {
      player.loops = $("loop").checked;
    };
    $("sounds").onchange = () => {
      player.sounds = $("sounds").checked;
    };
    $("myself").onchange = () => {
      player.play($("myself").checked);
      if (player.attempt) $("field").focus(); // where keys are notes
    };
    $("side-by-side").onchange = () => this.sideBySide();
    $("previous").onclick = () => this.step(-1);
    $("next").onclick = () => this.step(1);
    $("from-here").onclick = () => this.setRange(0, Math.round(player.time));
    $("to-here").onclick = () => this.setRange(1, Math.round(player.time));
    $("anew").onclick = () => this.anew();
    $("undo").onclick = () => this.revised(() => post(`/api/maps/${this.scene.id}/undo`));
    $("redo").onclick = () => this.revised(() => post(`/api/maps/${this.scene.id}/redo`));
    $("delete").onclick = () => this.edit({ do: "delete", index: player.view.chosen });
    $("add").onclick = () => this.add();
    seekable($("timeline"), player.clock, () => player.view.zoom, (zoom) => {
      player.view.zoom = zoom;
    }, (time) => player.seek(time));
    this.dragging();
    $("field").addEventListener("keydown", (event) => this.nudge(event));
  }

  // Dragging an object moves it; where it is let go it is kept, in mania by its column.
  dragging() {
    const field = $("field");
    let held = null;
    field.addEventListener("pointerdown", (event) => {
      if (!this.scene || this.isSketch || this.player.attempt || this.player.clock.running) return;
      const place = this.player.onField(event);
      const index = this.scene.mode === "std" || this.scene.mode === "catch" ? this.pick(place) : null;
      this.choose(index);
      if (index === null) return;
      field.setPointerCapture(event.pointerId);
      const { x, y } = this.scene.objects[index];
      held = { index, place, x, y };
    });
    field.addEventListener("pointerup", (event) => {
      if (!held) return;
      const [x, y] = this.player.onField(event);
      const { index, place } = held;
      const moved = { x: held.x + x - place[0], y: held.y + y - place[1] };
      held = null;
      if (Math.hypot(x - place[0], y - place[1]) > 2) this.edit({ do: "move", index, ...moved });
    });
  }

  // Arrows move the chosen object: by pixels, and with Alt along the grid.
  nudge(event) {
    if (!this.scene || this.isSketch || this.player.attempt) return;
    if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      this.step(event.key === "PageUp" ? -1 : 1);
    }
    const index = this.player.view.chosen;
    if (index === null) return;
    const object = this.scene.objects[index];
    const step = event.shiftKey ? 20 : 4;
    const line = this.scene.lines.findLast((each) => each.time <= object.time) ?? this.scene.lines[0];
    const tick = line.beat_length / Number($("divisor").value);
    const moves = event.altKey
      ? { ArrowLeft: { time: object.time - tick }, ArrowRight: { time: object.time + tick } }
      : {
          ArrowLeft: { x: object.x - step, column: object.column - 1 },
          ArrowRight: { x: object.x + step, column: object.column + 1 },
          ArrowUp: { y: object.y - step },
          ArrowDown: { y: object.y + step },
        };
    if (event.key === "Delete") this.edit({ do: "delete", index });
    else if (event.key in moves) {
      const asked = moves[event.key];
      if (this.scene.mode !== "mania") delete asked.column;
      this.edit({ do: "move", index, ...asked });
    } else return;
    event.preventDefault();
  }
}


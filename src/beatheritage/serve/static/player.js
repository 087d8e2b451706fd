// The player: a map over its song, watched or played.

import { Clock } from "./clock.js";
import * as modes from "./draw/modes.js";
import * as std from "./draw/std.js";
import { Attempt } from "./judge.js";
import { fitted } from "./page.js";
import { Drummer, hit, strikes } from "./sound.js";
import * as timeline from "./timeline.js";

const CATCHER_PX_PER_MS = 0.5;
const DASH = 2;
const LAST_MS = 60; // before the song's end, from where it begins again
// Keys by mode; mania's lie around the middle of the keyboard.
const STD_KEYS = ["KeyZ", "KeyX"];
const TAIKO_KEYS = { KeyD: true, KeyF: false, KeyJ: false, KeyK: true }; // is it a kat
const MANIA_KEYS = {
  4: "DFJK", 5: "DF JK", 6: "SDFJKL", 7: "SDF JKL", 8: "ASDFJKL;", 9: "ASDF JKL;", 10: "ASDFVNJKL;",
};
const code = (key) =>
  key === " " ? "Space" : key === ";" ? "Semicolon" : `Key${key}`;

export class Player {
  constructor(field, strip, onFrame) {
    this.field = field;
    this.strip = strip;
    this.onFrame = onFrame;
    this.clock = new Clock();
    this.drummer = new Drummer(this.clock);
    this.scene = null;
    this.heard = null;
    this.view = { chosen: null, range: null, zoom: 1 };
    this.sounds = true;
    this.loops = false;
    this.attempt = null;
    this.pointer = [256, 192];
    this.pressed = new Set();
    this.catcherX = 256;
    this.frames = []; // what drawing cost, ms, the latest last
    this.lastFrame = 0;
    this.listen();
    this.frame = this.frame.bind(this);
    requestAnimationFrame(this.frame);
  }

  show(scene, heard) {
    this.scene = scene;
    this.heard = heard;
    this.strikes = scene ? strikes(scene) : [];
    this.attempt = null;
    this.drummer.reset();
  }

  get time() {
    return this.clock.time;
  }

  async toggle() {
    if (this.clock.running) {
      this.clock.stop();
      return;
    }
    await this.clock.start();
    this.drummer.reset();
  }

  async seek(time) {
    await this.clock.seek(time);
    this.drummer.reset();
    if (this.attempt) this.play(true);
  }

  play(myself) {
    this.attempt = myself && this.scene ? new Attempt(this.scene, this.time) : null;
    this.catcherX = 256;
  }

  frame(now) {
    requestAnimationFrame(this.frame);
    const passed = now - this.lastFrame;
    this.lastFrame = now;
    if (this.field.offsetParent === null) return;
    const time = this.time;
    const begun = performance.now();
    this.advance(time, passed);
    this.draw(time);
    this.frames.push(performance.now() - begun);
    if (this.frames.length > 600) this.frames.shift();
    this.onFrame(this, time);
  }

  advance(time, passed) {
    if (this.scene && this.sounds && this.clock.running) {
      this.drummer.drum(this.strikes, (when, sound) => hit(this.clock.context, when, sound));
    }
    const [start, end] = this.view.range ?? [0, this.clock.duration - LAST_MS];
    if (this.loops && this.clock.running && time >= end) this.seek(start);
    if (!this.attempt || !this.clock.running) return;
    if (this.scene.mode === "catch") this.run(passed * this.clock.rate);
    this.attempt.pass(time, this.catcherX);
  }

  run(passed) {
    const right = this.pressed.has("ArrowRight") - this.pressed.has("ArrowLeft");
    const fast = this.pressed.has("ShiftLeft") || this.pressed.has("ShiftRight") ? DASH : 1;
    const moved = this.catcherX + right * passed * CATCHER_PX_PER_MS * fast;
    this.catcherX = Math.min(512, Math.max(0, moved));
  }

  draw(time) {
    const size = fitted(this.field);
    if (this.scene) {
      const view = { ...modes.watched(this.scene, time, size), chosen: this.view.chosen };
      modes.draw(this.field.getContext("2d"), this.scene, time, { ...view, ...this.mine() });
    }
    timeline.draw(this.strip.getContext("2d"), this.scene, this.heard, time, {
      ...fitted(this.strip),
      ...this.view,
    });
  }

  // What the one who plays holds in their hands.
  mine() {
    if (!this.attempt) return {};
    const cursor = this.scene.mode === "std" ? this.pointer : null;
    return { cursor, catcher: this.catcherX, held: this.columns() };
  }

  columns() {
    const keys = [...(MANIA_KEYS[Math.round(this.scene.circle_size)] ?? "")].map(code);
    return keys.map((key) => this.pressed.has(key));
  }

  listen() {
    this.field.addEventListener("pointermove", (event) => {
      this.pointer = this.onField(event);
    });
    this.field.addEventListener("pointerdown", (event) => {
      this.pointer = this.onField(event);
      if (this.attempt && this.scene.mode === "std") this.press({ point: this.pointer });
    });
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keyup", (event) => this.pressed.delete(event.code));
  }

  key(event) {
    if (!this.attempt || event.repeat || /INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) return;
    this.pressed.add(event.code);
    const { mode } = this.scene;
    if (mode === "std" && STD_KEYS.includes(event.code)) this.press({ point: this.pointer });
    else if (mode === "taiko" && event.code in TAIKO_KEYS) this.press({ kat: TAIKO_KEYS[event.code] });
    else if (mode === "mania") {
      const column = [...MANIA_KEYS[Math.round(this.scene.circle_size)]].map(code).indexOf(event.code);
      if (column < 0) return;
      this.press({ column });
    } else if (mode !== "catch" || !/Arrow|Shift/.test(event.code)) return;
    event.preventDefault();
  }

  press(how) {
    this.attempt.press(this.time, how);
    if (this.clock.context) hit(this.clock.context, this.clock.context.currentTime, 0);
  }

  // A pointer's place in osu! pixels.
  onField(event) {
    const box = this.field.getBoundingClientRect();
    const ratio = this.field.width / box.width;
    const x = (event.clientX - box.left) * ratio;
    const y = (event.clientY - box.top) * ratio;
    const matrix = std.fit(this.field.getContext("2d"), this.field.width, this.field.height);
    return [(x - matrix.left) / matrix.scale, (y - matrix.top) / matrix.scale];
  }
}

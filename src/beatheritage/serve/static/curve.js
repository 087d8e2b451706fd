// How hard the map is along the song, drawn over its waveform; written as the option of that name.

import { fitted } from "./page.js";

const LEAST = 0.1;
const NEAR_PX = 14;

export const parse = (text) =>
  text
    .split(",")
    .map((part) => part.split(":").map(Number))
    .filter((knot) => knot.length === 2 && knot.every(Number.isFinite));

export const write = (knots) =>
  knots.map(([second, share]) => `${+second.toFixed(1)}:${+share.toFixed(2)}`).join(",");

export class CurveField {
  // input holds the text; what is drawn is what it says.
  constructor(canvas, input) {
    this.canvas = canvas;
    this.input = input;
    this.heard = null;
    this.held = null;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.held !== null && this.drag(event));
    canvas.addEventListener("pointerup", () => {
      this.held = null;
    });
    canvas.addEventListener("dblclick", (event) => this.remove(event));
    input.addEventListener("input", () => this.draw());
  }

  get knots() {
    return parse(this.input.value);
  }

  set knots(knots) {
    this.input.value = write(knots.sort((one, other) => one[0] - other[0]));
    this.draw();
  }

  get seconds() {
    return (this.heard?.duration ?? 0) / 1000;
  }

  show(heard) {
    this.heard = heard;
    this.canvas.hidden = !heard;
    this.draw();
  }

  x(second) {
    return (second / this.seconds) * this.canvas.width;
  }

  y(share) {
    return (1 - share) * (this.canvas.height - 12) + 6;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const second = ((event.clientX - box.left) / box.width) * this.seconds;
    const share = 1 - (event.clientY - box.top) / box.height;
    return [Math.min(Math.max(second, 0), this.seconds), Math.min(Math.max(share, LEAST), 1)];
  }

  near(event) {
    const ratio = this.canvas.width / this.canvas.clientWidth;
    const [second, share] = this.at(event);
    return this.knots.findIndex(
      (knot) =>
        Math.hypot(this.x(knot[0]) - this.x(second), this.y(knot[1]) - this.y(share)) < NEAR_PX * ratio,
    );
  }

  press(event) {
    if (this.input.disabled) return;
    this.canvas.setPointerCapture(event.pointerId);
    const near = this.near(event);
    if (near < 0) this.knots = [...this.knots, this.at(event)];
    this.held = near < 0 ? this.near(event) : near;
  }

  drag(event) {
    const knots = this.knots;
    const [second, share] = this.at(event);
    const low = (knots[this.held - 1]?.[0] ?? -0.1) + 0.1;
    const high = (knots[this.held + 1]?.[0] ?? this.seconds + 0.1) - 0.1;
    knots[this.held] = [Math.min(Math.max(second, low), high), share];
    this.knots = knots;
  }

  remove(event) {
    const near = this.near(event);
    if (near >= 0) this.knots = this.knots.filter((_, index) => index !== near);
  }

  draw() {
    if (!this.heard || this.canvas.offsetParent === null) return;
    const { width, height } = fitted(this.canvas);
    const context = this.canvas.getContext("2d");
    context.fillStyle = "#0b0d14";
    context.fillRect(0, 0, width, height);
    this.wave(context, width, height);
    const { knots } = this;
    if (!knots.length) return;
    const places = knots.map(([second, share]) => [this.x(second), this.y(share)]);
    context.strokeStyle = "#7fb2ff";
    context.lineWidth = 3;
    context.beginPath();
    context.moveTo(0, places[0][1]);
    for (const [x, y] of places) context.lineTo(x, y);
    context.lineTo(width, places.at(-1)[1]);
    context.stroke();
    context.fillStyle = "#ffe08a";
    for (const [x, y] of places) context.fillRect(x - 5, y - 5, 10, 10);
  }

  // The loudest moment under each column.
  wave(context, width, height) {
    const { peaks } = this.heard;
    context.fillStyle = "#2b3d63";
    for (let x = 0; x < width; x += 2) {
      const from = Math.floor((x / width) * peaks.length);
      const to = Math.max(from + 1, Math.floor(((x + 2) / width) * peaks.length));
      let most = 0;
      for (let index = from; index < to; index += 1) most = Math.max(most, peaks[index] ?? 0);
      const tall = (most / 255) * height;
      context.fillRect(x, height - tall, 2, tall);
    }
  }
}

// Taiko: one lane, notes from the right.

import { clamp, clear, disc, seen } from "./shared.js";

const TARGET_SHARE = 0.18;
const FADE_MS = 160;
export const isKat = (object) => (object.sound & (2 | 8)) !== 0;
export const isBig = (object) => (object.sound & 4) !== 0;
const DON = "#eb4b4b";
const KAT = "#4b9ceb";
const ROLL = "#f2b84b";
const DENDEN = "#b98cff";

export function shade(object) {
  if (object.kind === "circle") return isKat(object) ? KAT : DON;
  return object.kind === "spinner" ? DENDEN : ROLL;
}

// ms that a note of the usual scroll is on its way.
const WAY_MS = 1500;

export function draw(context, scene, time, view) {
  const { width, height } = view;
  clear(context, width, height);
  const middle = height * 0.5;
  const size = Math.min(height * 0.14, width * 0.06);
  const target = width * TARGET_SHARE;
  context.fillStyle = "#1b1f2b";
  context.fillRect(0, middle - size * 1.9, width, size * 3.8);
  const place = (object, when) => target + ((when - time) / WAY_MS) * (width - target) * object.scroll;
  bars(context, scene, time, { width, middle, size, target });
  disc(context, target, middle, size, null, "#7f879c", 3);
  disc(context, target, middle, size * 1.5, null, "#4b5268", 2);
  const visible = seen(scene.objects, time - FADE_MS, time + WAY_MS * 4);
  for (let at = visible.length - 1; at >= 0; at -= 1) {
    const object = scene.objects[visible[at]];
    const x = place(object, object.time);
    if (x > width + size * 2) continue;
    const big = isBig(object) ? 1.45 : 1;
    context.globalAlpha = time > object.end ? clamp(1 - (time - object.end) / FADE_MS, 0, 1) : 1;
    if (object.kind === "circle") {
      const lifted = time > object.time ? (time - object.time) * 0.5 : 0;
      const shown = time > object.time ? target : x;
      disc(context, shown, middle - lifted, size * big, shade(object), "#fff", 4);
    } else {
      const end = place(object, object.end);
      context.strokeStyle = shade(object);
      context.lineWidth = size * 2 * big;
      context.lineCap = "round";
      context.beginPath();
      context.moveTo(object.kind === "spinner" ? Math.max(x, target) : x, middle);
      context.lineTo(object.kind === "spinner" ? Math.max(x, target) : end, middle);
      context.stroke();
    }
    if (view.chosen === visible[at]) disc(context, x, middle, size * 1.8, null, "#fff", 3);
    context.globalAlpha = 1;
  }
}

function bars(context, scene, time, { width, middle, size, target }) {
  context.strokeStyle = "#5b637a";
  context.lineWidth = 2;
  const { lines } = scene;
  lines.forEach((line, index) => {
    const bar = line.beat_length * line.meter;
    const until = Math.min(lines[index + 1]?.time ?? Infinity, time + WAY_MS);
    const first = Math.max(0, Math.floor((time - WAY_MS * 0.3 - line.time) / bar));
    for (let at = line.time + first * bar; at < until; at += bar) {
      const x = target + ((at - time) / WAY_MS) * (width - target);
      context.beginPath();
      context.moveTo(x, middle - size * 1.9);
      context.lineTo(x, middle + size * 1.9);
      context.stroke();
    }
  });
}

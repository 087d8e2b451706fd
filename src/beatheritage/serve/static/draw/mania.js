// Mania: columns, notes from above.

import { clear, seen } from "./shared.js";

const AHEAD_MS = 700;
const LINE_SHARE = 0.86;
const COLOURS = ["#e8ecf7", "#7fb2ff", "#f2c46b"];

// The middle column of an odd number is set apart, the others alternate from the edge.
function shade(column, keys) {
  if (keys % 2 === 1 && column === (keys - 1) / 2) return COLOURS[2];
  const fromEdge = Math.min(column, keys - 1 - column);
  return COLOURS[fromEdge % 2];
}

export function draw(context, scene, time, view) {
  const { width, height } = view;
  clear(context, width, height);
  const keys = Math.round(scene.circle_size);
  const wide = Math.min(width / (keys + 2), height * 0.11);
  const left = (width - wide * keys) / 2;
  const line = height * LINE_SHARE;
  const place = (when) => line - ((when - time) / AHEAD_MS) * line;
  for (let column = 0; column < keys; column += 1) {
    context.fillStyle = column % 2 ? "#151924" : "#1b1f2b";
    context.fillRect(left + column * wide, 0, wide, height);
    if (view.held?.[column]) {
      context.fillStyle = "rgba(127,178,255,.35)";
      context.fillRect(left + column * wide, line, wide, height - line);
    }
  }
  context.fillStyle = "#7f879c";
  context.fillRect(left, line, wide * keys, 3);
  const tall = Math.max(8, height * 0.022);
  for (const index of seen(scene.objects, time, time + AHEAD_MS)) {
    const object = scene.objects[index];
    const x = left + object.column * wide + 2;
    const bottom = Math.min(line, place(object.time));
    const fill = shade(object.column, keys);
    if (object.kind === "hold") {
      context.globalAlpha = 0.55;
      context.fillStyle = fill;
      context.fillRect(x + 3, place(object.end), wide - 10, bottom - place(object.end));
      context.globalAlpha = 1;
    }
    context.fillStyle = fill;
    context.fillRect(x, bottom - tall, wide - 4, tall);
    if (view.chosen === index) {
      context.strokeStyle = "#ff8f8f";
      context.lineWidth = 3;
      context.strokeRect(x, bottom - tall, wide - 4, tall);
    }
  }
}

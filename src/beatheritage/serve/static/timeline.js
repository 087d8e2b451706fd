// The strip under the map: waveform, beats, objects, kiai, breaks, the range, what was found.

import { colour } from "./draw/shared.js";
import { shade } from "./draw/taiko.js";

const PX_PER_MS = 0.12;
const TICK_COLOURS = ["#ffffff", "#8a93a8", "#4b9ceb", "#eb4b4b"];

// What a strip shows, and where.
export const span = (view, time) => {
  const half = view.width / 2 / (PX_PER_MS * view.zoom);
  return { from: time - half, to: time + half };
};

export const place = (view, time, when) =>
  view.width / 2 + (when - time) * PX_PER_MS * view.zoom;

export const moment = (view, time, x) => time + (x - view.width / 2) / (PX_PER_MS * view.zoom);

export function draw(context, scene, heard, time, view) {
  const { width, height } = view;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#0b0d14";
  context.fillRect(0, 0, width, height);
  const { from, to } = span(view, time);
  const band = (start, end, fill) => {
    const x = place(view, time, start);
    context.fillStyle = fill;
    context.fillRect(x, 0, place(view, time, end) - x, height);
  };
  for (const [start, end] of scene?.kiai ?? []) band(start, end, "rgba(242,196,107,.16)");
  for (const [start, end] of scene?.breaks ?? []) band(start, end, "rgba(125,220,154,.14)");
  if (view.range) band(view.range[0], view.range[1], "rgba(127,178,255,.28)");
  if (heard) wave(context, heard, time, view, from, to);
  ticks(context, scene?.lines ?? heard?.lines ?? [], time, view, from, to);
  if (scene) objects(context, scene, time, view, from, to);
  context.fillStyle = "#ffe08a";
  context.fillRect(width / 2 - 1, 0, 2, height);
}

function wave(context, heard, time, view, from, to) {
  const { peaks } = heard;
  context.fillStyle = "#2b3d63";
  const middle = view.height / 2;
  for (let x = 0; x < view.width; x += 2) {
    const index = Math.round(moment(view, time, x) / 10);
    const tall = ((peaks[index] ?? 0) / 255) * middle;
    context.fillRect(x, middle - tall, 2, 2 * tall);
  }
}

export function ticks(context, lines, time, view, from, to) {
  lines.forEach((line, number) => {
    const until = Math.min(lines[number + 1]?.time ?? to, to);
    const first = number === 0 ? -Infinity : 0;
    let beat = Math.max(first, Math.ceil((from - line.time) / line.beat_length));
    for (; line.time + beat * line.beat_length <= until; beat += 1) {
      const x = place(view, time, line.time + beat * line.beat_length);
      const down = ((beat % line.meter) + line.meter) % line.meter === 0;
      context.fillStyle = TICK_COLOURS[down ? 0 : 1];
      const tall = down ? view.height : view.height * 0.35;
      context.fillRect(x, view.height - tall, down ? 2 : 1, tall);
    }
  });
}

function objects(context, scene, time, view, from, to) {
  const middle = view.height * 0.62;
  const size = view.height * 0.15;
  scene.objects.forEach((object, index) => {
    if (object.end < from || object.time > to) return;
    const x = place(view, time, object.time);
    const fill = scene.mode === "taiko" ? shade(object) : colour(scene.colours[object.colour]);
    context.strokeStyle = fill;
    context.fillStyle = fill;
    if (object.end > object.time) {
      context.lineWidth = size;
      context.beginPath();
      context.moveTo(x, middle);
      context.lineTo(place(view, time, object.end), middle);
      context.stroke();
    }
    context.beginPath();
    context.arc(x, middle, size, 0, 2 * Math.PI);
    context.fill();
    if (view.chosen === index) {
      context.strokeStyle = "#fff";
      context.lineWidth = 3;
      context.stroke();
    }
  });
}

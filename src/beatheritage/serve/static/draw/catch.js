// Catch: fruits fall, the catcher runs.

import { FIELD, clamp, clear, colour, disc, firstAtLeast, mix, preempt } from "./shared.js";

const SIZES = { fruit: 1, slider_head: 1, drop: 0.5, slider_repeat: 1, slider_end: 1 };

// Where an even catcher stands at a time.
export function catcher(scene, time) {
  const { fruits } = scene.catch;
  const next = firstAtLeast(fruits, time, (each) => each.time);
  const before = fruits[next - 1];
  const after = fruits[next];
  if (!before || !after) return (before ?? after ?? { x: 256 }).x;
  return mix(before.x, after.x, clamp((time - before.time) / (after.time - before.time), 0, 1));
}

export function draw(context, scene, time, view) {
  clear(context, view.width, view.height);
  const scale = Math.min(view.width / 560, view.height / 420);
  context.setTransform(scale, 0, 0, scale, (view.width - FIELD.width * scale) / 2, 10 * scale);
  const ahead = preempt(scene.approach_rate);
  const floor = 360;
  const size = 54.4 - 4.48 * scene.circle_size;
  const { fruits } = scene.catch;
  const first = firstAtLeast(fruits, time, (each) => each.time);
  for (let index = first; index < fruits.length && fruits[index].time < time + ahead; index += 1) {
    const fruit = fruits[index];
    const y = floor * (1 - (fruit.time - time) / ahead);
    const object = scene.objects[fruit.object];
    const stroke = fruit.hyper ? "#ff5a5a" : "#fff";
    const fill = colour(scene.colours[object.colour]);
    disc(context, fruit.x, y, size * 0.55 * SIZES[fruit.part], fill, stroke, fruit.hyper ? 5 : 2);
    if (view.chosen === fruit.object) disc(context, fruit.x, y, size, null, "#fff", 3);
  }
  for (const object of scene.objects) {
    if (object.kind === "spinner" && object.time <= time && time <= object.end) {
      for (let drop = 0; drop < 12; drop += 1) {
        const x = ((drop * 197 + Math.floor(time / 600) * 61) % 512);
        const y = (drop * 53 + time * 0.35) % floor;
        disc(context, x, y, 9, "#ffe14d");
      }
    }
  }
  const x = view.catcher ?? catcher(scene, time);
  context.fillStyle = "#7fb2ff";
  context.fillRect(x - scene.catch.width / 2, floor, scene.catch.width, 12);
  disc(context, x, floor + 20, 12, "#7fb2ff");
}

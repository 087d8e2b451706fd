// osu!: circles, sliders, spinners, and where an even hand would hold the cursor.

import { FIELD, clamp, clear, colour, disc, firstAtLeast, mix, preempt, seen } from "./shared.js";

const FADE_OUT_MS = 240;
const MARGIN_PX = 64;

export const radius = (scene) => 54.4 - 4.48 * scene.circle_size;

// The place on a slider's body at a share of its length; bodies are sampled evenly.
export function along(body, share) {
  const last = body.length / 2 - 1;
  const place = clamp(share, 0, 1) * last;
  const index = Math.min(Math.floor(place), last - 1);
  const rest = place - index;
  return [
    mix(body[2 * index], body[2 * index + 2], rest),
    mix(body[2 * index + 1], body[2 * index + 3], rest),
  ];
}

// Where a slider's ball is at a time.
export function ball(object, time) {
  const slide = (object.end - object.time) / object.slides;
  const way = slide > 0 ? clamp((time - object.time) / slide, 0, object.slides) : object.slides;
  const turned = Math.floor(way) % 2 === 1;
  const share = way >= object.slides ? (object.slides % 2 ? 1 : 0) : way - Math.floor(way);
  return along(object.body, way < object.slides && turned ? 1 - share : share);
}

const endOf = (object) =>
  object.body ? along(object.body, object.slides % 2) : [object.x, object.y];

// Where the cursor of an even player is at a time.
export function cursor(scene, time) {
  const { objects } = scene;
  const next = firstAtLeast(objects, time, (each) => each.time);
  const before = objects[next - 1];
  if (!before) return objects.length ? [objects[0].x, objects[0].y] : [256, 192];
  if (time <= before.end && before.body) return ball(before, time);
  if (time <= before.end && before.kind === "spinner") {
    const angle = (time - before.time) / 40;
    return [256 + 60 * Math.cos(angle), 192 + 60 * Math.sin(angle)];
  }
  const from = endOf(before);
  const after = objects[next];
  if (!after) return from;
  const share = clamp((time - before.end) / Math.max(1, after.time - before.end), 0, 1);
  const eased = share * share * (3 - 2 * share);
  return [mix(from[0], after.x, eased), mix(from[1], after.y, eased)];
}

export function fit(context, width, height) {
  const scale = Math.min(
    width / (FIELD.width + 2 * MARGIN_PX),
    height / (FIELD.height + 2 * MARGIN_PX),
  );
  const left = (width - FIELD.width * scale) / 2;
  const top = (height - FIELD.height * scale) / 2;
  context.setTransform(scale, 0, 0, scale, left, top);
  return { scale, left, top };
}

export function draw(context, scene, time, view) {
  clear(context, view.width, view.height);
  fit(context, view.width, view.height);
  context.strokeStyle = "#252a3a";
  context.lineWidth = 1;
  context.strokeRect(0, 0, FIELD.width, FIELD.height);
  const ahead = preempt(scene.approach_rate);
  const visible = seen(scene.objects, time - FADE_OUT_MS, time + ahead);
  for (let at = visible.length - 1; at >= 0; at -= 1) {
    const index = visible[at];
    drawObject(context, scene, index, time, ahead, view);
  }
  if (view.cursor) disc(context, ...view.cursor, 7, "#ffe08a", "#fff", 2);
}

function drawObject(context, scene, index, time, ahead, view) {
  const object = scene.objects[index];
  const appeared = clamp((time - object.time + ahead) / (ahead * 0.6), 0, 1);
  const gone = clamp((time - object.end) / FADE_OUT_MS, 0, 1);
  const alpha = time > object.end ? 1 - gone : appeared;
  if (alpha <= 0) return;
  context.globalAlpha = alpha;
  if (object.kind === "spinner") spinner(context, object, time);
  else if (object.body) slider(context, scene, object, time, view);
  if (object.kind !== "spinner" && (time <= object.time || !object.body)) {
    circle(context, scene, object, time, gone, view);
  }
  if (object.kind !== "spinner" && time < object.time) {
    const share = (object.time - time) / ahead;
    const size = radius(scene) * (1 + 3 * clamp(share, 0, 1));
    disc(context, object.x, object.y, size, null, colour(scene.colours[object.colour]), 3);
  }
  if (view.chosen === index) {
    disc(context, object.x, object.y, radius(scene) + 6, null, "#ffffff", 3);
  }
  context.globalAlpha = 1;
}

function circle(context, scene, object, time, gone, view) {
  const size = radius(scene) * (1 + 0.25 * gone);
  disc(context, object.x, object.y, size - 2, colour(scene.colours[object.colour]), "#fff", 4);
  if (time <= object.time || !view.plays) {
    context.fillStyle = "#fff";
    context.font = `600 ${size * 0.8}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(object.number), object.x, object.y + 1);
  }
}

function slider(context, scene, object, time) {
  const size = radius(scene);
  context.beginPath();
  context.moveTo(object.body[0], object.body[1]);
  for (let index = 2; index < object.body.length; index += 2) {
    context.lineTo(object.body[index], object.body[index + 1]);
  }
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = "#fff";
  context.lineWidth = 2 * size;
  context.stroke();
  const [red, green, blue] = scene.colours[object.colour];
  context.strokeStyle = colour([red * 0.35, green * 0.35, blue * 0.35]);
  context.lineWidth = 2 * size - 8;
  context.stroke();
  if (object.slides > 1) returns(context, object, time, size);
  if (time >= object.time && time <= object.end) {
    const [x, y] = ball(object, time);
    disc(context, x, y, size * 1.6, null, "rgba(255,224,138,.75)", 3);
    disc(context, x, y, size - 4, colour(scene.colours[object.colour]), "#fff", 3);
  }
}

// An arrow at the end where the next return happens.
function returns(context, object, time, size) {
  const slide = (object.end - object.time) / object.slides;
  const done = Math.max(0, Math.floor((time - object.time) / slide));
  const left = object.slides - 1 - done;
  for (const [turn, share] of [[0, 1], [1, 0]]) {
    const upcoming = left > 0 && (done % 2 === turn || left > 1);
    if (!upcoming) continue;
    const [x, y] = along(object.body, share);
    const [backX, backY] = along(object.body, share ? 0.97 : 0.03);
    const angle = Math.atan2(backY - y, backX - x);
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.beginPath();
    context.moveTo(-size * 0.3, -size * 0.35);
    context.lineTo(size * 0.35, 0);
    context.lineTo(-size * 0.3, size * 0.35);
    context.lineWidth = 6;
    context.strokeStyle = "#fff";
    context.stroke();
    context.restore();
  }
}

function spinner(context, object, time) {
  const share = clamp((time - object.time) / Math.max(1, object.end - object.time), 0, 1);
  disc(context, 256, 192, 150, "rgba(127,178,255,.12)", "#7fb2ff", 4);
  disc(context, 256, 192, Math.max(4, 150 * (1 - share)), null, "#fff", 3);
  disc(context, 256, 192, 8, "#fff");
}

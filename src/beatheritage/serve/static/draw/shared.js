// What the drawings of all modes share. Each is a pure function of a scene and a time.

export const FIELD = { width: 512, height: 384 };

export const colour = ([red, green, blue], alpha = 1) => `rgba(${red},${green},${blue},${alpha})`;

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export const mix = (from, to, share) => from + (to - from) * share;

// The first index whose value is not below; values ascend.
export function firstAtLeast(list, value, of = (each) => each) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle]) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The longest that any object lasts, so that a search by start finds all that are still there.
const longest = new WeakMap();
export function lasting(objects) {
  if (!longest.has(objects)) {
    longest.set(objects, objects.reduce((most, each) => Math.max(most, each.end - each.time), 0));
  }
  return longest.get(objects);
}

// Objects that are seen between two times, in order of their starts.
export function seen(objects, from, to) {
  const first = firstAtLeast(objects, from - lasting(objects), (each) => each.time);
  const last = firstAtLeast(objects, to, (each) => each.time);
  const found = [];
  for (let index = first; index < last; index += 1) {
    if (objects[index].end >= from) found.push(index);
  }
  return found;
}

export function clear(context, width, height) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#0b0d14";
  context.fillRect(0, 0, width, height);
}

export function disc(context, x, y, radius, fill, stroke = null, line = 0) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  if (fill) {
    context.fillStyle = fill;
    context.fill();
  }
  if (stroke) {
    context.strokeStyle = stroke;
    context.lineWidth = line;
    context.stroke();
  }
}

// osu!'s approach rate to ms.
export const preempt = (rate) => (rate < 5 ? 1200 + 120 * (5 - rate) : 1200 - 150 * (rate - 5));

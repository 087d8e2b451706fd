// The drawing of each mode, by its name.

import * as catcher from "./catch.js";
import * as mania from "./mania.js";
import * as std from "./std.js";
import * as taiko from "./taiko.js";

const MODES = { std, taiko, catch: catcher, mania };

export const draw = (context, scene, time, view) =>
  MODES[scene.mode].draw(context, scene, time, view);

// What is seen where nobody plays: an even hand, nothing chosen, nothing held.
export const watched = (scene, time, size) => ({
  ...size,
  chosen: null,
  cursor: scene.mode === "std" ? std.cursor(scene, time) : null,
  catcher: null,
  held: null,
});

// Playing it yourself: what a press is worth, by the windows of each mode's overall difficulty.

import { radius } from "./draw/std.js";
import { isKat } from "./draw/taiko.js";

// Half widths in ms, the best first, and what each is worth.
const WINDOWS = {
  std: (od) => [[80 - 6 * od, 300], [140 - 8 * od, 100], [200 - 10 * od, 50]],
  taiko: (od) => [[50 - 3 * od, 300], [od < 5 ? 120 - 8 * od : 110 - 6 * od, 150]],
  mania: (od) => [[64 - 3 * od, 300], [97 - 3 * od, 200], [127 - 3 * od, 100], [151 - 3 * od, 50]],
  catch: () => [[Infinity, 300]],
};
const BEST = 300;

export const windows = (mode, od) => WINDOWS[mode](od);

export function worth(mode, od, off) {
  const found = windows(mode, od).find(([half]) => Math.abs(off) <= half);
  return found ? found[1] : 0;
}

const latest = (mode, od) => windows(mode, od).at(-1)[0];

// Spinners spin by themselves, and rolls are no part of taiko's accuracy.
const judges = (mode, object) => object.kind !== "spinner" && (mode !== "taiko" || object.kind === "circle");

// One attempt at a map: what has been hit, what was missed, how well.
export class Attempt {
  constructor(scene, from) {
    this.scene = scene;
    this.left = scene.objects
      .map((object, index) => ({ object, index }))
      .filter(({ object }) => object.time >= from && judges(scene.mode, object));
    this.fruits = (scene.catch?.fruits ?? []).filter((fruit) => fruit.time >= from);
    this.won = 0;
    this.judged = 0;
    this.combo = 0;
    this.last = "";
  }

  get accuracy() {
    return this.judged ? this.won / (this.judged * BEST) : 1;
  }

  count(value) {
    this.judged += 1;
    this.won += value;
    this.combo = value ? this.combo + 1 : 0;
    this.last = value ? String(value) : "✕";
  }

  // A press at a time: where it points in osu!, which colour in taiko, which column in mania.
  press(time, { point = null, kat = null, column = null } = {}) {
    const { mode, overall_difficulty: od } = this.scene;
    if (mode === "catch") return;
    const reach = latest(mode, od);
    const next = this.left.findIndex(({ object }) => {
      if (object.time - time > reach) return false;
      return column === null || object.column === column;
    });
    if (next < 0) return;
    const { object } = this.left[next];
    if (point && Math.hypot(point[0] - object.x, point[1] - object.y) > radius(this.scene)) return;
    const wrong = kat !== null && object.kind === "circle" && kat !== isKat(object);
    this.left.splice(next, 1);
    this.count(wrong ? 0 : worth(mode, od, time - object.time));
  }

  // What time has taken away; in catch, what the catcher stood under.
  pass(time, catcherX = null) {
    const { mode, overall_difficulty: od } = this.scene;
    if (mode === "catch") {
      while (this.fruits.length && this.fruits[0].time <= time) {
        const fruit = this.fruits.shift();
        const reached = Math.abs(fruit.x - catcherX) <= this.scene.catch.width / 2;
        this.count(reached ? BEST : 0);
      }
      return;
    }
    const reach = latest(mode, od);
    while (this.left.length && this.left[0].object.time + reach < time) {
      this.left.shift();
      this.count(0);
    }
  }
}

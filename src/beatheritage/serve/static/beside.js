// Difficulties side by side: each in a field of its own, all at one moment.

import * as modes from "./draw/modes.js";
import { fitted, make } from "./page.js";

export class Beside {
  constructor(box) {
    this.box = box;
    this.fields = [];
  }

  show(scenes) {
    this.fields = scenes.map((scene) => ({
      scene,
      canvas: make("canvas", { attributes: { role: "img", "aria-label": scene.version } }),
    }));
    this.box.hidden = scenes.length === 0;
    this.box.replaceChildren(
      ...this.fields.map(({ scene, canvas }) => {
        const name = `${scene.version} ${scene.stars.toFixed(2)} ★`;
        return make("figure", {}, canvas, make("figcaption", { textContent: name }));
      }),
    );
  }

  draw(time) {
    for (const { scene, canvas } of this.fields) {
      modes.draw(canvas.getContext("2d"), scene, time, modes.watched(scene, time, fitted(canvas)));
    }
  }
}

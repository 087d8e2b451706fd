// Sounds that are made here: hitsounds and the metronome, laid onto the clock ahead of time.

import { firstAtLeast } from "./draw/shared.js";

const AHEAD_MS = 180;
const WHISTLE = 2;
const FINISH = 4;
const CLAP = 8;

function strike(context, when, frequency, length, level, kind = "sine") {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = kind;
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(level, when);
  gain.gain.exponentialRampToValueAtTime(0.0001, when + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(when);
  oscillator.stop(when + length);
}

export function hit(context, when, sound) {
  strike(context, when, 190, 0.06, 0.5);
  if (sound & WHISTLE) strike(context, when, 1500, 0.12, 0.12);
  if (sound & FINISH) strike(context, when, 620, 0.45, 0.16, "triangle");
  if (sound & CLAP) strike(context, when, 320, 0.05, 0.35, "square");
}

export const click = (context, when, isDownbeat) =>
  strike(context, when, isDownbeat ? 1760 : 1175, 0.04, 0.4, "square");

// Hands sounds out as their moments come near, each once.
export class Drummer {
  constructor(clock) {
    this.clock = clock;
    this.until = -Infinity;
  }

  reset() {
    this.until = this.clock.time;
  }

  // Everything of a list of [time, sound] that is due, given to play(when, sound).
  drum(list, play) {
    if (!this.clock.running) {
      this.until = this.clock.time;
      return;
    }
    const now = this.clock.time;
    const from = Math.max(this.until, now - 20);
    const to = now + AHEAD_MS;
    for (let index = firstAtLeast(list, from, (each) => each[0]); index < list.length; index += 1) {
      const [time, sound] = list[index];
      if (time >= to) break;
      play(Math.max(this.clock.context.currentTime, this.clock.when(time)), sound);
    }
    this.until = to;
  }
}

// Every strike of a map, [time, sound], slider ends and returns among them.
export function strikes(scene) {
  const list = [];
  for (const object of scene.objects) {
    if (object.kind === "spinner") {
      list.push([object.end, object.sound]);
      continue;
    }
    list.push([object.time, object.sound]);
    if (!object.body || scene.mode === "taiko") continue;
    const slide = (object.end - object.time) / object.slides;
    for (let each = 1; each <= object.slides; each += 1) {
      list.push([object.time + each * slide, object.sound]);
    }
  }
  return list.sort((one, other) => one[0] - other[0]);
}

// Every beat between two times, [time, isDownbeat].
export function beats(lines, from, to) {
  const list = [];
  lines.forEach((line, index) => {
    const until = Math.min(lines[index + 1]?.time ?? to, to);
    const first = index === 0 ? Math.ceil((from - line.time) / line.beat_length) : 0;
    for (let beat = first; line.time + beat * line.beat_length < until; beat += 1) {
      const down = ((beat % line.meter) + line.meter) % line.meter === 0;
      list.push([line.time + beat * line.beat_length, down]);
    }
  });
  return list;
}

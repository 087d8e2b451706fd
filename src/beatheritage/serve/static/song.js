// The song panel: drop one, see its beats, mend its timing.

import { get, remove, upload } from "./api.js";
import { $, fitted, make, say, setText, tried } from "./page.js";
import { Drummer, beats, click } from "./sound.js";
import * as timeline from "./timeline.js";
import { told } from "./told.js";
import { t } from "./words.js";

const TAPS_FOR_TEMPO = 4;
const FORGET_TAPS_MS = 2500;

export class SongPanel {
  constructor(clock, onSong) {
    this.clock = clock;
    this.onSong = onSong;
    this.song = null;
    this.names = new Map(); // of every song that is here
    this.lines = []; // as they stand, mended or not
    this.taps = [];
    this.zoom = 1;
    this.drummer = new Drummer(clock);
    this.connect();
    const frame = () => {
      requestAnimationFrame(frame);
      this.draw();
    };
    frame();
  }

  // The person's own lines, none where they are those that were found.
  get mended() {
    const found = this.song?.heard?.lines ?? [];
    const same = JSON.stringify(found) === JSON.stringify(this.lines);
    return same ? [] : this.lines.map((each) => [each.time, 60_000 / each.beat_length, each.meter]);
  }

  async list() {
    const songs = await get("/api/songs");
    $("songs").replaceChildren(
      ...songs.map((song) => {
        const name = song.artist ? `${song.artist} – ${song.title}` : song.title;
        const button = make("button", { type: "button", className: "plain", textContent: name });
        button.dataset.song = song.id;
        button.onclick = () => tried(() => this.open(song.id));
        return make("li", {}, button);
      }),
    );
    this.names = new Map(songs.map((song) => [song.id, song.title]));
    this.mark();
  }

  // Which of the songs is the one that is open.
  mark() {
    for (const button of document.querySelectorAll("#songs button")) {
      button.setAttribute("aria-current", String(button.dataset.song === this.song?.id));
    }
  }

  async open(id) {
    await this.fetch(id);
    const bytes = await (await fetch(`/api/songs/${id}/audio`)).arrayBuffer();
    await this.clock.load(bytes);
    this.drummer.reset();
    this.build();
    this.onSong(this.song);
  }

  // Listening is done: what it told is shown, the audio stays as it is.
  async refresh(id) {
    if (this.song?.id !== id || this.song.heard) return;
    await this.fetch(id);
    this.build();
    this.onSong(this.song);
  }

  async fetch(id) {
    this.song = await get(`/api/songs/${id}`);
    const { heard } = this.song;
    if (heard) heard.peaks = Uint8Array.from(atob(heard.peaks), (each) => each.charCodeAt(0));
    this.lines = structuredClone(heard?.lines ?? []);
  }

  build() {
    const { song } = this;
    $("heard").hidden = !song;
    this.mark();
    if (!song) return;
    $("song-name").textContent = [song.artist, song.title].filter(Boolean).join(" – ");
    const { heard } = song;
    $("timing-said").textContent = heard ? this.said(heard) : t("hearing");
    const [line] = this.lines;
    $("bpm").value = line ? +(60_000 / line.beat_length).toFixed(3) : "";
    $("offset").value = line ? +line.time.toFixed(3) : "";
    $("meter").value = line ? line.meter : 4;
    $("runners").replaceChildren(
      ...(heard?.runners_up ?? []).map((bpm) => {
        const button = make("button", { type: "button", textContent: `${bpm} BPM` });
        button.onclick = () => this.change({ bpm });
        return button;
      }),
    );
    $("cover").hidden = !heard;
    if (heard) $("cover").src = `/api/songs/${song.id}/background`;
    $("cover").alt = t("coverOf", { name: song.title });
    const label = t("waveformOf", { name: song.title, bpm: $("bpm").value });
    $("waveform").setAttribute("aria-label", label);
  }

  said(heard) {
    if (heard.error) return told(heard.error);
    const sure = t("sure", { percent: Math.round(heard.confidence * 100) });
    const changes = this.lines.length > 1 ? ` ${t("changes", { count: this.lines.length })}` : "";
    return `${sure}${changes} ${heard.warnings.map(told).join(" ")}`;
  }

  // The whole timing at another tempo, offset or meter; later changes keep their distance.
  change({ bpm = null, offset = null, meter = null }) {
    const [first] = this.lines;
    const line = first ?? { time: 0, beat_length: 500, meter: 4 };
    const ratio = bpm ? 60_000 / bpm / line.beat_length : 1;
    const moved = offset === null ? 0 : offset - line.time;
    const old = first ? this.lines : [line];
    this.lines = old.map((each, index) => ({
      time: each.time + moved,
      beat_length: each.beat_length * ratio,
      meter: meter ?? (index ? each.meter : line.meter),
    }));
    this.drummer.reset();
    this.build();
    this.onSong(this.song);
  }

  tap() {
    const now = performance.now();
    if (now - (this.taps.at(-1) ?? -Infinity) > FORGET_TAPS_MS) this.taps = [];
    this.taps.push(now);
    if (this.taps.length < TAPS_FOR_TEMPO) return;
    const beat = (now - this.taps[0]) / (this.taps.length - 1);
    const bpm = Math.round((60_000 / beat) * 2) / 2;
    const offset = this.clock.running ? { offset: Math.round(this.clock.time) } : {};
    this.change({ bpm: Math.min(1000, Math.max(20, bpm)), ...offset });
  }

  draw() {
    if ($("waveform").offsetParent === null || !this.song) return;
    const { time, running } = this.clock;
    setText($("listen"), t(running ? "pause" : "play"));
    if ($("metronome").checked && running) {
      const list = beats(this.lines, time - 100, time + 400);
      this.drummer.drum(list, (when, down) => click(this.clock.context, when, down));
    }
    const heard = this.song.heard ? { ...this.song.heard, lines: this.lines } : null;
    const view = { ...fitted($("waveform")), zoom: this.zoom };
    timeline.draw($("waveform").getContext("2d"), null, heard, time, view);
  }

  async take(file) {
    $("upload").hidden = false;
    await tried(async () => {
      const song = await upload(file, (share) => {
        $("upload").value = share;
      });
      await this.list();
      await this.open(song.id);
    });
    $("upload").hidden = true;
    $("file").value = "";
  }

  connect() {
    $("file").onchange = (event) => event.target.files[0] && this.take(event.target.files[0]);
    const drop = $("drop");
    for (const name of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", name === "dragover");
      });
    }
    drop.addEventListener("drop", (event) => {
      if (event.dataTransfer.files[0]) this.take(event.dataTransfer.files[0]);
    });
    const bpm = () => 60_000 / (this.lines[0]?.beat_length ?? 500);
    const offset = () => this.lines[0]?.time ?? 0;
    const typed = (id, name) => {
      $(id).onchange = (event) => {
        const value = event.target.valueAsNumber;
        if (event.target.checkValidity() && !Number.isNaN(value)) this.change({ [name]: value });
        else say(t("badNumber", { low: event.target.min || "−∞", high: event.target.max || "∞" }));
      };
    };
    typed("bpm", "bpm");
    typed("offset", "offset");
    typed("meter", "meter");
    $("double").onclick = () => this.change({ bpm: bpm() * 2 });
    $("halve").onclick = () => this.change({ bpm: bpm() / 2 });
    $("earlier").onclick = () => this.change({ offset: offset() - 1 });
    $("later").onclick = () => this.change({ offset: offset() + 1 });
    $("tap").onclick = () => this.tap();
    $("found").onclick = () => {
      this.lines = structuredClone(this.song?.heard?.lines ?? []);
      this.build();
    };
    $("listen").onclick = () => (this.clock.running ? this.clock.stop() : this.clock.start());
    $("forget").onclick = () =>
      tried(async () => {
        await remove(`/api/songs/${this.song.id}`);
        this.forgotten = this.song.id;
        this.clock.stop();
        this.song = null;
        this.build();
        await this.list();
        this.onSong(null);
      });
    seekable($("waveform"), this.clock, () => this.zoom, (zoom) => {
      this.zoom = zoom;
    });
  }
}

// Drag, click, arrows and wheel on a strip move through the song.
export function seekable(strip, clock, zoom, setZoom, seek = (time) => clock.seek(time)) {
  let held = null;
  strip.addEventListener("pointerdown", (event) => {
    strip.setPointerCapture(event.pointerId);
    held = { x: event.clientX, time: clock.time, moved: false };
  });
  strip.addEventListener("pointermove", (event) => {
    if (!held) return;
    const ratio = strip.width / strip.clientWidth;
    const view = { width: strip.width, zoom: zoom() };
    const away = (held.x - event.clientX) * ratio;
    held.moved ||= Math.abs(away) > 3;
    if (held.moved) seek(timeline.moment(view, held.time, view.width / 2 + away));
  });
  strip.addEventListener("pointerup", (event) => {
    if (held && !held.moved) {
      const box = strip.getBoundingClientRect();
      const x = (event.clientX - box.left) * (strip.width / box.width);
      seek(timeline.moment({ width: strip.width, zoom: zoom() }, clock.time, x));
    }
    held = null;
  });
  strip.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      if (event.ctrlKey) setZoom(Math.min(4, Math.max(0.25, zoom() * (event.deltaY > 0 ? 0.8 : 1.25))));
      else seek(clock.time + event.deltaY * 2);
    },
    { passive: false },
  );
  strip.addEventListener("keydown", (event) => {
    if ("+-".includes(event.key)) {
      setZoom(Math.min(4, Math.max(0.25, zoom() * (event.key === "+" ? 1.25 : 0.8))));
      return;
    }
    const step = event.shiftKey ? 5000 : 500;
    const moves = { ArrowLeft: -step, ArrowRight: step, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const wanted = clock.time + moves[event.key];
    seek(Math.min(Math.max(0, wanted), clock.duration));
  });
}



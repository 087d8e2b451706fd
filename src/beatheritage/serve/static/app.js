// The studio's page: three panels over one song, and the queue beside them.

import { JobsPanel } from "./jobs.js";
import { MakePanel } from "./make.js";
import { MapPanel } from "./map.js";
import { $, make, tried } from "./page.js";
import { SongPanel } from "./song.js";
import { LANGUAGES, current, label, load, speak, t } from "./words.js";

const PANELS = ["song", "make", "map"];

function open(name) {
  for (const each of PANELS) {
    $(`panel-${each}`).hidden = each !== name;
    $(`tab-${each}`).setAttribute("aria-selected", String(each === name));
  }
}

function dress() {
  const asked = localStorage.getItem("theme");
  const light = asked ? asked === "light" : matchMedia("(prefers-color-scheme: light)").matches;
  document.documentElement.dataset.theme = light ? "light" : "dark";
}

async function start() {
  dress();
  await load();
  label();
  const map = new MapPanel(() => {});
  const song = new SongPanel(map.clock, (kept) => {
    making.song(kept);
  });
  const making = new MakePanel(song, () => {});
  let latest = null; // the job that this page asked for last: its maps are shown when it is done
  making.onJob = (job) => {
    latest = job.id;
  };
  map.onJob = making.onJob;
  const show = async (job) => {
    if (song.song?.id !== job.song) await song.open(job.song);
    await map.open(job, song.song.heard);
    open("map");
  };
  const jobs = new JobsPanel(
    (job, before) => {
      if (job.state !== "done") return;
      if (job.kind === "listen") song.refresh(job.song);
      else if (job.id === latest && before?.state !== "done") tried(() => show(job));
    },
    (job) => tried(() => show(job)),
  );
  await making.build();
  map.build();
  for (const each of PANELS) $(`tab-${each}`).onclick = () => open(each);
  open("song");
  $("theme").onclick = () => {
    const next = document.documentElement.dataset.theme === "light" ? "dark" : "light";
    localStorage.setItem("theme", next);
    dress();
  };
  const options = Object.entries(LANGUAGES).map(([value, textContent]) => make("option", { value, textContent }));
  $("language").replaceChildren(...options);
  $("language").value = current();
  $("language").onchange = async () => {
    speak($("language").value);
    label();
    await making.build();
    map.build();
    map.showTakes();
    if (map.scene) await map.check();
    song.show();
    jobs.show();
  };
  document.addEventListener("keydown", (event) => {
    const busy = /INPUT|SELECT|TEXTAREA|BUTTON|SUMMARY|A/.test(event.target.tagName);
    if (event.code !== "Space" || busy || map.player.attempt) return;
    event.preventDefault();
    map.player.toggle();
  });
  // What tests read: how frames and sound come along.
  globalThis.studio = { jobs, map, song, t };
}

tried(start);

// The studio's page: three panels over one song, and the queue beside them.

import { JobsPanel } from "./jobs.js";
import { MakePanel } from "./make.js";
import { MapPanel } from "./map.js";
import { $, dress, make, tried } from "./page.js";
import { SongPanel } from "./song.js";
import { LANGUAGES, current, label, load, speak, t } from "./words.js";

const PANELS = ["song", "make", "map"];
const SEEN = ["generate", "spread"]; // kinds of jobs that are seen while they are written
let making = null;

function open(name) {
  if ($(`panel-${name}`).hidden) for (const each of [globalThis, $("main")]) each.scrollTo(0, 0);
  for (const each of PANELS) {
    $(`panel-${each}`).hidden = each !== name;
    $(`tab-${each}`).setAttribute("aria-selected", String(each === name));
    $(`tab-${each}`).tabIndex = each === name ? 0 : -1;
  }
  making?.curve?.draw();
}

// Arrows go from tab to tab, as in every list of tabs.
function step(event) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) return;
  const at = PANELS.findIndex((each) => event.target.id === `tab-${each}`);
  const next = PANELS[(at + by + PANELS.length) % PANELS.length];
  open(next);
  $(`tab-${next}`).focus();
}

async function start() {
  dress();
  await load();
  label();
  const map = new MapPanel(() => {});
  const song = new SongPanel(map.clock, (kept) => {
    making.song(kept);
    if (!kept) jobs.forget(song.forgotten);
  });
  making = new MakePanel(song, () => {});
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
  // The job asked for last is seen as it comes.
  const watch = async (job) => {
    if (song.song?.id !== job.song) return;
    const first = map.watched?.id !== job.id;
    await map.watch(job, song.song.heard);
    if (first) open("map");
  };
  // Who has seen it come stays where they have gone meanwhile.
  const end = (job) => (map.watched?.id === job.id ? map.open(job, song.song.heard) : show(job));
  // A page that is opened anew goes on with what is being written.
  const resume = (job) => {
    if (latest !== null || song.song || job.state !== "running" || !SEEN.includes(job.kind)) return;
    latest = job.id;
    tried(() => song.open(job.song));
  };
  const jobs = new JobsPanel(
    (job, before) => {
      resume(job);
      if (job.id === latest && job.state === "running" && job.written) tried(() => watch(job));
      if (job.state === "failed" || job.state === "cancelled") map.leave(job);
      if (job.state !== "done") return;
      if (job.kind === "listen") song.refresh(job.song);
      else if (job.id === latest && before?.state !== "done") tried(() => end(job));
    },
    (job) => tried(() => show(job)),
    (id) => song.names.get(id),
  );
  map.build();
  for (const each of PANELS) {
    $(`tab-${each}`).onclick = () => open(each);
    $(`tab-${each}`).onkeydown = step;
  }
  open("song");
  $("theme").onclick = () => {
    const next = document.documentElement.dataset.theme === "light" ? "dark" : "light";
    localStorage.setItem("theme", next);
    dress();
  };
  const options = Object.entries(LANGUAGES).map(([value, textContent]) => make("option", { value, textContent }));
  $("language").replaceChildren(...options);
  $("language").value = current();
  $("language").onchange = () => {
    speak($("language").value);
    label();
    for (const each of [making, map, song, jobs]) each.build();
  };
  document.addEventListener("keydown", (event) => {
    const busy = /^(INPUT|SELECT|TEXTAREA|BUTTON|SUMMARY|A)$/.test(event.target.tagName);
    if (event.code !== "Space" || busy || map.player.attempt) return;
    event.preventDefault();
    map.player.toggle();
  });
  await Promise.all([making.fetch(), song.list()]);
  jobs.later();
  // What tests read: how frames and sound come along.
  globalThis.studio = { jobs, making, map, song, t };
}

tried(start);

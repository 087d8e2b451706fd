// The HTTP API; the cookie that came with the page is the token.

import { told } from "./told.js";

export class Refusal extends Error {
  constructor({ what, where, mend }) {
    super([where, told(what)].filter(Boolean).join(": ") + (mend ? ` (${told(mend)})` : ""));
  }
}

async function read(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const text = await response.text();
  let refusal = { what: text || response.statusText, where: "", mend: "" };
  try {
    refusal = { ...refusal, ...JSON.parse(text) };
  } catch {
    // Plain words, such as the guard's.
  }
  throw new Refusal(refusal);
}

export const get = async (path) => read(await fetch(path));

export const post = async (path, body = {}) =>
  read(
    await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );

export const remove = async (path) => read(await fetch(path, { method: "DELETE" }));

// Sends a file and says how much of it has arrived, which fetch cannot.
export function upload(file, onShare) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file);
    request.upload.onprogress = (event) => onShare(event.loaded / event.total);
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status });
      read(answer).then(resolve, reject);
    };
    request.onerror = () => reject(new Refusal({ what: "the server does not answer" }));
    request.open("POST", "/api/songs");
    request.send(form);
  });
}

// Calls back for every job that changes, from the first on, however often the connection breaks.
export function follow(onJob) {
  const source = new EventSource("/api/events");
  source.onmessage = (event) => onJob(JSON.parse(event.data));
  return source;
}

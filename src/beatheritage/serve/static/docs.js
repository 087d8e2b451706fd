// The API's own description, laid out to be read; nothing comes from elsewhere.

import { get } from "./api.js";
import { $, dress, make, tried } from "./page.js";

const nameOf = (reference) => reference.split("/").at(-1);

// What a schema says, in a few words.
function kind(schema = {}) {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(kind).join(" or ");
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" or ");
  if (schema.const) return JSON.stringify(schema.const);
  if (schema.prefixItems) return `(${schema.prefixItems.map(kind).join(", ")})`;
  if (schema.type === "array") return `list of ${kind(schema.items)}`;
  return [schema.format ?? schema.type ?? "anything", limits(schema)].filter(Boolean).join(", ");
}

function limits({ minimum, maximum, maxLength }) {
  const least = minimum === undefined ? "" : `from ${minimum}`;
  const most = maximum === undefined ? "" : `to ${maximum}`;
  const long = maxLength === undefined ? "" : `at most ${maxLength} characters`;
  return [least, most, long].filter(Boolean).join(" ");
}

const line = (name, about, required) =>
  make(
    "li",
    {},
    make("code", { textContent: name }),
    ` ${about}${required ? ", required" : ""}`,
  );

function operation(path, method, told) {
  const body = Object.values(told.requestBody?.content ?? {})[0]?.schema;
  const parameters = (told.parameters ?? []).map((each) =>
    line(each.name, `${each.in}: ${kind(each.schema)}`, each.required),
  );
  if (body) parameters.push(line("body", kind(body), told.requestBody.required));
  const answers = Object.entries(told.responses).map(([status, each]) => line(status, each.description));
  return make(
    "article",
    { className: "operation" },
    make("h3", {}, make("code", { textContent: `${method.toUpperCase()} ${path}` })),
    make("p", { textContent: told.description ?? told.summary ?? "" }),
    make("ul", {}, ...parameters, ...answers),
  );
}

function schema(name, told) {
  const required = new Set(told.required ?? []);
  const rows = Object.entries(told.properties ?? {}).map(([key, each]) => line(key, kind(each), required.has(key)));
  return make(
    "article",
    { className: "operation", id: name },
    make("h3", {}, make("code", { textContent: name })),
    make("p", { textContent: told.description ?? "" }),
    make("ul", {}, ...rows),
  );
}

tried(async () => {
  dress();
  const told = await get("/api/openapi.json");
  const groups = new Map();
  for (const [path, methods] of Object.entries(told.paths)) {
    for (const [method, each] of Object.entries(methods)) {
      const [tag = ""] = each.tags ?? [];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method, each));
    }
  }
  for (const [tag, articles] of groups) $("operations").append(make("h2", { textContent: tag }), ...articles);
  const { schemas = {} } = told.components ?? {};
  $("schemas").append(...Object.entries(schemas).map(([name, each]) => schema(name, each)));
});

// A small page for trying queries: it needs no network but this server.
const form = document.querySelector("form");
const output = document.querySelector("pre");

async function ask(query, variables) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (form.token.value) headers.authorization = `Bearer ${form.token.value}`;
  const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return response.json();
}

async function run(event) {
  event?.preventDefault();
  try {
    output.textContent = JSON.stringify(await ask(form.query.value, JSON.parse(form.variables.value || "{}")), null, 2);
  } catch (error) {
    output.textContent = String(error);
  }
}

async function listFields() {
  const section = document.querySelector("#fields");
  // Where introspection is refused, asking would only be an error, and an empty list a riddle.
  section.hidden = document.querySelector("#only-trusted") !== null;
  if (section.hidden) return;
  const found = await ask("{ __schema { types { name kind fields { name description type { name kind ofType { name kind ofType { name } } } } } } }");
  const list = document.querySelector("dl");
  if (!found.data) {
    output.textContent = found.errors[0].message;
    return;
  }
  for (const type of found.data.__schema.types) {
    if (type.kind !== "OBJECT" || type.name.startsWith("__")) continue;
    for (const field of type.fields) {
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = `${type.name}.${field.name}`;
      text.textContent = field.description;
      list.append(term, text);
    }
  }
  document.querySelector("[name=find]").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const term of list.querySelectorAll("dt")) {
      term.hidden = term.nextElementSibling.hidden = !(term.textContent + term.nextElementSibling.textContent).toLowerCase().includes(wanted);
    }
  });
}

form.addEventListener("submit", run);
form.addEventListener("keydown", (event) => { if (event.ctrlKey && event.key === "Enter") run(event); });
listFields().catch((error) => { output.textContent = String(error); });

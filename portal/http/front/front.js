// Does what the links in letters promise, by the public API. The token stands behind the # of the address, which browsers
// keep to themselves; it is sent in the body of requests, never in an address.
const INVITATION = `
query ($token: String!) { result: invitation(token: $token) {
  kind organizationName recordName recordCountry email role expiresAt requests } }`;
const SIGN_IN = `
mutation ($input: SignInInput!) { result: signIn(input: $input) {
  ... on SignedIn { token organizations { organizationId name role } }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const REGISTER = `
mutation ($input: RegisterAccountInput!) { result: registerAccount(input: $input) {
  ... on AccountRegistered { next token }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const CONFIRM = `
mutation ($input: ConfirmAccountInput!) { result: confirmAccount(input: $input) {
  ... on AccountConfirmed { token }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const FORGOTTEN = `
mutation ($input: RequestPasswordResetInput!) { result: requestPasswordReset(input: $input) {
  ... on PasswordResetRequested { email }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const RESET = `
mutation ($input: ResetPasswordInput!) { result: resetPassword(input: $input) {
  ... on PasswordReset { signInNext }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const CONFIRM_EMAIL_CHANGE = `
mutation ($input: ConfirmEmailChangeInput!) { result: confirmEmailChange(input: $input) {
  ... on EmailChangeConfirmed { isChanged }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const ACCEPT_AS_SUPPLIER = `
mutation ($input: AcceptSupplierInvitationInput!) { result: acceptSupplierInvitation(input: $input) {
  ... on SupplierInvitationAccepted { organization { name } }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const ACCEPT_AS_MEMBER = `
mutation ($input: AcceptMemberInvitationInput!) { result: acceptMemberInvitation(input: $input) {
  ... on MemberInvitationAccepted { organization { name } }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const REFUSE = `
mutation ($input: RefuseSupplierInvitationInput!) { result: refuseSupplierInvitation(input: $input) {
  ... on SupplierInvitationRefused { reason }
  ... on Problem { code message } ... on InvalidInput { problems { message } } } }`;
const SIGN_OUT = `mutation { result: signOut { ... on SignedOut { ended } ... on Problem { code message } } }`;

const about = document.querySelector("#about");
const task = document.querySelector("#task");
const status = document.querySelector("#status");

async function ask(query, variables, session) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (session) headers.authorization = `Bearer ${session}`;
  const body = JSON.stringify({ query, variables });
  let answer;
  try {
    answer = await (await fetch("graphql", { method: "POST", headers, body, cache: "no-store" })).json();
  } catch {
    throw new Error("The portal could not be reached. Please try again in a moment.");
  }
  if (answer.errors?.length) throw new Error(answer.errors[0].message);
  return answer.data.result;
}

async function change(mutation, input, session) {
  const result = await ask(mutation, { input }, session);
  if (result?.code) {
    const words = result.problems?.map((one) => one.message).join(" ") || result.message;
    throw Object.assign(new Error(words), { code: result.code });
  }
  return result;
}

function say(words) {
  status.textContent = words;
  if (words) status.scrollIntoView({ block: "nearest" });
}

// The link is used up: it leaves the address bar, and the page is what it is for everybody.
function finish(words) {
  history.replaceState(null, "", location.pathname);
  task.hidden = true;
  task.replaceChildren();
  about.hidden = false;
  say(words);
}

function show(name, texts = {}) {
  task.replaceChildren(document.querySelector(`template#${name}`).content.cloneNode(true));
  for (const place of task.querySelectorAll("[data-text]")) place.textContent = texts[place.dataset.text];
  for (const box of task.querySelectorAll("[data-shows]")) {
    const field = box.form.elements[box.dataset.shows];
    box.addEventListener("change", () => { field.type = box.checked ? "text" : "password"; });
  }
  about.hidden = true;
  task.hidden = false;
  say("");
  task.querySelector("h2").focus();
}

function onSend(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const given = Object.fromEntries(new FormData(form));
    button.disabled = true;
    say("One moment ...");
    try {
      await work(given);
    } catch (problem) {
      say(problem.message);
    } finally {
      button.disabled = false;
    }
  });
}

const findForm = (name) => task.querySelector(`[data-form=${name}]`);

// This page keeps no session: whoever goes on signs in with a program of their own. That it ends may fail unseen.
const signOut = (session) => ask(SIGN_OUT, {}, session).catch(() => {});

function showConfirmation(token) {
  show("confirmation");
  onSend(task.querySelector("form"), async ({ password }) => {
    const { token: session } = await change(CONFIRM, { token, password });
    await signOut(session);
    finish("Your address is confirmed, and your account is open. Did you come by an invitation? Open its link again.");
  });
}

function showPasswordReset(token) {
  show("password-reset");
  onSend(task.querySelector("form"), async ({ newPassword }) => {
    await change(RESET, { token, newPassword });
    finish("Your password was changed, and every device was signed out. Sign in with the new one.");
  });
}

// A button, since programs that look through letters open links.
function showEmailChange(token) {
  show("email-change");
  onSend(task.querySelector("form"), async () => {
    const { isChanged } = await change(CONFIRM_EMAIL_CHANGE, { token });
    finish(isChanged ? "Your address was changed. Sign in with the new one."
      : "Thank you. Open the link in the letter to your other address as well.");
  });
}

async function showInvitation(token) {
  const found = await ask(INVITATION, { token });
  if (!found) {
    finish("This invitation is not valid: it was used, has ended, was taken back, or a newer one was sent.");
    return;
  }
  show("invitation", describe(found));
  for (const name of ["signIn", "register"]) findForm(name).elements.email.value = found.email ?? "";
  onSend(findForm("signIn"), async (given) => {
    const signedIn = await signIn(given);
    await accept(token, found, signedIn.token, signedIn.organizations);
  });
  onSend(findForm("register"), async (given) => {
    const made = await change(REGISTER, { ...given, invitationToken: token });
    if (made.next === "DONE") await accept(token, found, made.token, []);
    else say(`A letter is on its way to ${given.email}. Open its link, then open this invitation again and sign in.`);
  });
  onSend(findForm("refuse"), async ({ reason, remark }) => {
    await change(REFUSE, { token, reason, remark: remark || null });
    finish(`Thank you. ${found.organizationName} was told.`);
  });
  task.querySelector("[data-part=refusal]").hidden = found.kind !== "SUPPLIER";
}

// Whether the account has a second factor is told only once the password is right.
async function signIn({ code, ...given }) {
  try {
    return await change(SIGN_IN, { ...given, code: code || null });
  } catch (problem) {
    if (problem.code !== "SECOND_FACTOR_NEEDED") throw problem;
    task.querySelector("[data-part=code]").hidden = false;
    findForm("signIn").elements.code.focus();
    throw new Error("Your account has a second factor. Enter the code of your authenticator app, or a recovery code.");
  }
}

function describe(found) {
  const until = `The link works once, until ${new Date(found.expiresAt).toLocaleDateString()}.`;
  if (found.kind === "MEMBER") {
    const words = `You are invited to join its team as ${found.role.toLowerCase()}, with the address ${found.email}. ` +
      "If you do not want to, do nothing.";
    return { title: `${found.organizationName} invites you`, words, until };
  }
  const place = found.recordCountry ? ` (${found.recordCountry})` : "";
  const many = `${found.requests} questionnaires wait for your answers. `;
  const waiting = ["", "One questionnaire waits for your answers. "][found.requests] ?? many;
  const words = `It has you down as its supplier ${found.recordName}${place}. ${waiting}You answer once. ` +
    "You see your score before you send anything, and nobody sees it until you share it.";
  return { title: `${found.organizationName} invites your company`, words, until };
}

async function accept(token, found, session, organizations) {
  if (found.kind === "MEMBER") {
    try {
      await welcome(ACCEPT_AS_MEMBER, { token }, session, found);
    } catch (problem) {
      await signOut(session);
      throw problem;
    }
    return;
  }
  const owned = organizations.filter((one) => one.role === "OWNER");
  show("organization");
  for (const one of owned) findForm("own").elements.organizationId.add(new Option(one.name, one.organizationId));
  findForm("own").hidden = owned.length === 0;
  task.querySelector("[data-part=new]").open = owned.length === 0;
  findForm("new").elements.name.value = found.recordName ?? "";
  findForm("new").elements.country.value = found.recordCountry ?? "";
  onSend(findForm("own"), (given) => welcome(ACCEPT_AS_SUPPLIER, { token, ...given }, session, found));
  onSend(findForm("new"), ({ name, country, size }) => {
    const newOrganization = { name, country: country.toUpperCase() || null, size: size || null };
    return welcome(ACCEPT_AS_SUPPLIER, { token, newOrganization }, session, found);
  });
}

async function welcome(mutation, input, session, found) {
  const { organization } = await change(mutation, input, session);
  await signOut(session);
  finish(found.kind === "MEMBER"
    ? `Welcome: you belong to ${organization.name} now.`
    : `Welcome: ${organization.name} is linked with ${found.organizationName} now, and sees what it asks for.`);
}

const PAGES = {
  "confirmation": showConfirmation,
  "password-reset": showPasswordReset,
  "email-change": showEmailChange,
  "invitation": showInvitation,
};

async function open() {
  const [, name, token] = location.hash.match(/^#(confirmation|password-reset|email-change|invitation)=([\w-]+)/) ?? [];
  if (!name) return;
  try {
    await PAGES[name](token);
  } catch (problem) {
    say(problem.message);
  }
}

onSend(document.querySelector("#forgotten"), async ({ email }) => {
  await change(FORGOTTEN, { email });
  say(`If ${email} has an account, a letter with a link is on its way. The link works for one hour.`);
});
addEventListener("hashchange", open);
open();

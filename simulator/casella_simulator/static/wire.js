// Calls to /_sim.
async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  return answerOf(await fetch(path, options));
}

async function answerOf(response) {
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `HTTP ${response.status}`);
  return answer;
}

export const loadState = () => call("GET", "/_sim/state");
export const addPhone = (number) => call("POST", "/_sim/phones", { number });
export const write = (provider, from, to, text, media) => call("POST", "/_sim/inbound", { provider, from, to, text, media });

export const setFaults = (faults, phone) =>
  call("PUT", phone ? `/_sim/phones/${encodeURIComponent(phone)}/faults` : "/_sim/faults", faults);

export async function upload(file) {
  const headers = { "Content-Type": file.type || "application/octet-stream", "X-File-Name": encodeURIComponent(file.name) };
  return answerOf(await fetch("/_sim/media", { method: "POST", headers, body: file }));
}

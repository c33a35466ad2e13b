// What starts a component: sent with every update, so it is short and fetches the rest, once. An update is a
// line of JSON, with the paths of the program and its words among it, and whatever bytes follow it. Streamlit's
// own script tells where the app is served, whatever page or base path the address shows.
const programs = new Map(); // path -> promise of a module
const base = document.querySelector('script[src*="static/js/"]')?.src.replace(/static\/js\/.*/, "") ?? document.baseURI;
export default async (component) => {
  const data = new Uint8Array(component.data);
  const end = data.indexOf(10);
  const needed = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  const { module } = needed;
  try {
    const files = new URL("app/static/", base);
    if (!programs.has(module)) programs.set(module, import(new URL(module, files)));
    return await (await programs.get(module)).show(component, needed, data.subarray(end + 1), files);
  } catch (error) {
    programs.delete(module);
    component.parentElement.textContent = needed.failure;
    if (needed.tells_failure) component.setStateValue("failed", "1");
    console.error(error);
  }
};

// Sent with every update, so it is short and fetches the rest, once. Streamlit's own script tells
// where the app is served, whatever page or base path the address shows.
let program;
const base = document.querySelector('script[src*="static/js/"]')?.src.replace(/static\/js\/.*/, "") ?? document.baseURI;
export default async (component) => {
  const data = new Uint8Array(component.data);
  const end = data.indexOf(10);
  const needed = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  try {
    const files = new URL("app/static/", base);
    program ??= import(new URL(needed.module, files));
    return await (await program).show(component, needed, data.subarray(end + 1), files);
  } catch (error) {
    program = undefined;
    component.parentElement.textContent = needed.failure;
    component.setStateValue("failed", "1");
    console.error(error);
  }
};

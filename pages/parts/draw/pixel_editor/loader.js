// Sent with every update, so it is short and fetches the rest, once. Streamlit's own script tells
// where the app is served, whatever page or base path the address shows.
let program;
const base = document.querySelector('script[src*="static/js/"]')?.src.replace(/static\/js\/.*/, "") ?? document.baseURI;
export default async (component) => {
  const files = new URL("app/static/", base);
  try {
    program ??= import(new URL(component.data.module, files));
    return await (await program).show(component, new URL(component.data.words, files));
  } catch (error) {
    program = undefined;
    component.parentElement.textContent = component.data.failure;
    console.error(error);
  }
};

// Sent with every update, so it is short and fetches the rest, once. Streamlit's own script tells
// where the app is served, whatever page or base path the address shows.
let diagram;
const base = document.querySelector('script[src*="static/js/"]')?.src.replace(/static\/js\/.*/, "") ?? document.baseURI;
export default async (component) => {
  const data = new Uint8Array(component.data);
  const end = data.indexOf(10);
  try {
    diagram ??= import(new URL(`app/static/${new TextDecoder().decode(data.subarray(0, end))}`, base));
    return (await diagram).show(component, data.subarray(end + 1));
  } catch (error) {
    diagram = undefined;
    component.parentElement.textContent = "The network cannot be drawn: its program did not load. Reload the page.";
    console.error(error);
  }
};

// Sent with every update, so it is short and fetches live_chart.js, once. Streamlit's own script tells
// where the app is served, whatever page or base path the address shows.
let chart;
const base = document.querySelector('script[src*="static/js/"]')?.src.replace(/static\/js\/.*/, "") ?? document.baseURI;
export default async ({ data, parentElement }) => {
  const update = JSON.parse(new TextDecoder().decode(data));
  const files = new URL("app/static/", base);
  try {
    chart ??= import(new URL(update.module, files));
    const program = await chart;
    return await (update.lines ? program.show(parentElement, update, files) : program.showGhosts(parentElement, update));
  } catch (error) {
    chart = undefined;
    parentElement.textContent = update.failure;
    console.error(error);
  }
};

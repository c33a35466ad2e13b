/** Return a new element with a class and children; text stays text. */
export function make(name, className, ...children) {
  const node = document.createElement(name);
  if (className.trim()) node.className = className.trim();
  node.append(...children);
  return node;
}

/** Return a button that says something and does something. */
export function button(className, text, press) {
  const node = make("button", className, text);
  node.type = "button";
  node.addEventListener("click", press);
  return node;
}

// Imported before anything that draws: custom elements stay plain ones, which take clicks and keys
// all the same. The toolkit's own need style sheets that a simulated page does not have.
customElements.define = () => undefined;
// The toolkit takes the simulated document for an element, and writes its colours there.
Reflect.set(document, "style", document.createElement("div").style);

/** Finds and creates DOM elements. */

/** Returns the first element that the selector matches. Throws if there is none, which is a bug in the markup. */
export function find<Kind extends HTMLElement>(
  root: ParentNode,
  selector: string,
  kind: new () => Kind,
): Kind {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the playground has no ${selector}`);
  return found;
}

/** Creates an element with a class and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

/** Makes the static source focusable, so that the keyboard can scroll it and open the editor. */
export function reachSource(root: ParentNode, name: string): void {
  const code = root.querySelector<HTMLElement>('.tp-code pre');
  if (code === null) return;
  code.tabIndex = 0;
  code.setAttribute('role', 'region');
  code.setAttribute('aria-label', `Source of ${name}`);
}

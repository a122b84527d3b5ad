/** Finding and making elements. */

/** The one element that the selector names; a shell without it is a defect of ours. */
export function find<Kind extends HTMLElement>(
  root: ParentNode,
  selector: string,
  kind: new () => Kind,
): Kind {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the playground has no ${selector}`);
  return found;
}

/** An element with a class and children. */
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

/** Makes the static source a stop of the Tab key: it scrolls, and it leads into the editor. */
export function reachSource(root: ParentNode, name: string): void {
  const code = root.querySelector<HTMLElement>('.tp-code pre');
  if (code === null) return;
  code.tabIndex = 0;
  code.setAttribute('role', 'region');
  code.setAttribute('aria-label', `Source of ${name}`);
}

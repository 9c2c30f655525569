/** Filters and shortcuts; the page is whole without it. It only ever reads text and sets `hidden` and `open`. */

const one = <T extends Element>(type: new () => T, selector: string, root: ParentNode = document): T => {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page has no ${selector}`);
  return found;
};

const form = one(HTMLFormElement, 'form');
const text = one(HTMLInputElement, '[name=text]', form);
const section = one(HTMLSelectElement, '[name=section]', form);
const kind = one(HTMLSelectElement, '[name=kind]', form);
const effect = one(HTMLSelectElement, '[name=effect]', form);
const danger = one(HTMLInputElement, '[name=danger]', form);
const status = one(HTMLOutputElement, 'output', form);
const empty = one(HTMLElement, '.empty');

interface Item {
  readonly element: HTMLElement;
  /** Read when somebody searches for the first time. */
  words: string | null;
}
const groups = [...document.querySelectorAll<HTMLElement>('section[data-section]')].map((element) => ({
  element,
  count: one(HTMLElement, '.count', element),
  items: [...element.querySelectorAll<HTMLElement>('.change')].map((item): Item => ({
    element: item,
    words: null,
  })),
}));
const total = groups.reduce((sum, { items }) => sum + items.length, 0);
const number = (n: number): string => n.toLocaleString('en-US');
const wordsOf = (item: Item): string => (item.words ??= item.element.textContent.toLowerCase());

function filter(): void {
  const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { element, count, items } of groups) {
    const inSection = section.value === '' || section.value === element.dataset['section'];
    let here = 0;
    for (const item of items) {
      const { dataset } = item.element;
      const fits =
        inSection &&
        (kind.value === '' || kind.value === dataset['kind']) &&
        (effect.value === '' || effect.value === dataset['effect']) &&
        (!danger.checked || dataset['danger'] !== undefined) &&
        wanted.every((word) => wordsOf(item).includes(word));
      if (item.element.hidden === fits) item.element.hidden = !fits;
      if (fits) here += 1;
    }
    element.hidden = here === 0;
    count.textContent = here === items.length ? number(here) : `${number(here)} of ${number(items.length)}`;
    shown += here;
  }
  empty.hidden = shown > 0;
  status.textContent =
    shown === total ? `${number(total)} changes` : `${number(shown)} of ${number(total)} changes`;
}

let waiting = 0;
const soon = (): void => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(filter);
};
form.addEventListener('input', soon);
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('reset', () => setTimeout(filter));

const openAll = (open: boolean): void => {
  for (const details of document.querySelectorAll<HTMLDetailsElement>('.change:not([hidden]) details'))
    details.open = open;
};
one(HTMLButtonElement, '[data-do=open]', form).addEventListener('click', () => openAll(true));
one(HTMLButtonElement, '[data-do=close]', form).addEventListener('click', () => openAll(false));
addEventListener('beforeprint', () => openAll(true));

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = /^(?:INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '');
  if (event.key === '/' && !typing) {
    event.preventDefault();
    text.focus();
    text.select();
  } else if (event.key === 'Escape' && document.activeElement === text) {
    text.value = '';
    filter();
  }
});

form.parentElement!.hidden = false;
filter();

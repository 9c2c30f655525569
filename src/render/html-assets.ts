/**
 * The style of the page. Colours: WCAG AA against their background in both schemes. A change is a block and no
 * list item: Chromium numbers list items anew for each that is hidden, seconds for thousands of them.
 */
export const css = `
:root {
  color-scheme: light dark;
  --bg: #ffffff; --panel: #f6f7f9; --line: #d5d9e0; --text: #1c2026; --soft: #565e6b; --link: #0b5cad;
  --remove: #a4161a; --widen: #8a4b00; --narrow: #14663a; --other: #565e6b; --danger-bg: #a4161a; --danger: #ffffff;
  --add-bg: #e2f5e8; --add: #0d5227; --del-bg: #fdeaea; --del: #8b1a1d; --mod-bg: #fdf1de; --mod: #7a4300;
  --focus: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #14171c; --panel: #1d2128; --line: #363c47; --text: #e6e9ee; --soft: #a3abb8; --link: #7db8f5;
    --remove: #ff9a98; --widen: #f2b866; --narrow: #7fd6a0; --other: #a3abb8; --danger-bg: #ffb3b0; --danger: #3d0607;
    --add-bg: #17311f; --add: #a6e8bc; --del-bg: #3b1b1d; --del: #ffb9b7; --mod-bg: #372913; --mod: #f6cd8f;
    --focus: #7db8f5;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 7rem; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
main, header, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.75rem; }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2rem 0 .75rem; font-size: 1.15rem; }
h3 { margin: 0; font-size: 1rem; font-weight: 400; overflow-wrap: anywhere; }
p { margin: .25rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--bg); padding: .4rem .8rem; z-index: 9; }
.soft, .count { color: var(--soft); font-weight: 400; }
.name, .u { unicode-bidi: isolate; }
code, pre, .mono { font: 13px/1.5 ui-monospace, "Liberation Mono", Menlo, Consolas, monospace; }
.name.mono { font-weight: 700; font-size: 14px; }
nav ul { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; margin: 1rem 0; padding: 0; }
nav a { display: block; padding: .35rem .8rem; border: 1px solid var(--line); border-left: 4px solid var(--tone); border-radius: 6px; color: var(--text); text-decoration: none; }
nav a:hover { background: var(--panel); }
nav b { font-variant-numeric: tabular-nums; }
.person, .removes { --tone: var(--remove); } .widens { --tone: var(--widen); } .narrows { --tone: var(--narrow); } .other { --tone: var(--other); }
.box { margin: 1rem 0; padding: .75rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--tone, var(--line)); border-radius: 6px; background: var(--panel); }
.refused { --tone: var(--remove); }
.box h2 { margin: 0 0 .4rem; font-size: 1rem; }
.box ul { margin: 0; padding-left: 1.2rem; }
.bar { background: var(--bg); border-bottom: 1px solid var(--line); }
@media (min-width: 48rem) { .bar { position: sticky; top: 0; z-index: 2; } }
form { max-width: 68rem; margin: 0 auto; padding: .6rem 1.25rem; display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; }
label { color: var(--soft); font-size: 13px; display: flex; align-items: center; gap: .35rem; }
label.text { flex: 1 1 16rem; }
input[type=search], select, button { font: inherit; color: var(--text); background: var(--panel); border: 1px solid var(--soft); border-radius: 6px; padding: .3rem .5rem; }
input[type=search] { flex: 1; min-width: 8rem; }
button { cursor: pointer; font-size: 13px; }
kbd { font: 12px ui-monospace, monospace; border: 1px solid var(--line); border-radius: 4px; padding: 0 .35rem; color: var(--soft); }
output { color: var(--soft); font-size: 13px; min-width: 11rem; font-variant-numeric: tabular-nums; }
.changes { list-style: none; margin: 0; padding: 0; }
.change { display: block; border: 1px solid var(--line); border-left: 4px solid var(--tone); border-radius: 6px; padding: .6rem .9rem; margin: 0 0 .6rem; }
.many .change { content-visibility: auto; contain-intrinsic-block-size: auto 9rem; }
.act { color: var(--tone); font-weight: 600; }
.kind { color: var(--soft); }
.tag { display: inline-block; border: 1px solid currentcolor; border-radius: 999px; padding: 0 .55rem; font-size: 12px; margin-right: .1rem; }
.tag.widens, .tag.unclear { color: var(--widen); } .tag.narrows { color: var(--narrow); } .tag.none { color: var(--other); }
.danger { margin: .35rem 0 0; }
.danger b { background: var(--danger-bg); color: var(--danger); border-radius: 4px; padding: .05rem .45rem; margin-right: .1rem; }
details { margin-top: .4rem; }
summary { cursor: pointer; color: var(--soft); font-size: 13px; width: max-content; max-width: 100%; }
pre { margin: .4rem 0 0; padding: .5rem 0; background: var(--panel); border-radius: 6px; tab-size: 2; }
pre span { display: block; padding: 0 .75rem; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
pre .a { background: var(--add-bg); color: var(--add); } pre .d { background: var(--del-bg); color: var(--del); } pre .m { background: var(--mod-bg); color: var(--mod); }
pre .h { color: var(--soft); font-weight: 600; }
.empty { padding: 2rem 0; color: var(--soft); }
footer { padding-top: 1rem; padding-bottom: 3rem; color: var(--soft); font-size: 13px; }
@media print {
  .bar, nav, .skip { display: none; }
  body { font-size: 11px; } pre, code { font-size: 10px; }
  .many .change { content-visibility: visible; }
  .change, .box { break-inside: avoid-page; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;

/** Filters and shortcuts; the page is whole without it. It only ever reads text and sets `hidden` and `open`. */
export const script = `
'use strict';
{
  const form = document.querySelector('form');
  const [text, section, kind, effect, danger] = ['text', 'section', 'kind', 'effect', 'danger'].map(
    (name) => form.elements.namedItem(name),
  );
  const status = form.querySelector('output');
  const empty = document.querySelector('.empty');
  const groups = [...document.querySelectorAll('section[data-section]')].map((element) => ({
    element,
    count: element.querySelector('.count'),
    items: [...element.querySelectorAll('.change')].map((item) => ({ item, words: null })),
  }));
  const total = groups.reduce((sum, { items }) => sum + items.length, 0);
  const number = (n) => n.toLocaleString('en-US');
  const wordsOf = (entry) => (entry.words ??= entry.item.textContent.toLowerCase());

  const filter = () => {
    const wanted = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const { element, count, items } of groups) {
      const inSection = section.value === '' || section.value === element.dataset.section;
      let here = 0;
      for (const entry of items) {
        const { dataset } = entry.item;
        const fits =
          inSection &&
          (kind.value === '' || kind.value === dataset.kind) &&
          (effect.value === '' || effect.value === dataset.effect) &&
          (!danger.checked || dataset.danger !== undefined) &&
          wanted.every((word) => wordsOf(entry).includes(word));
        if (entry.item.hidden === fits) entry.item.hidden = !fits;
        if (fits) here += 1;
      }
      element.hidden = here === 0;
      count.textContent = here === items.length ? number(here) : number(here) + ' of ' + number(items.length);
      shown += here;
    }
    empty.hidden = shown > 0;
    status.textContent =
      shown === total ? number(total) + ' changes' : number(shown) + ' of ' + number(total) + ' changes';
  };
  let waiting = 0;
  const soon = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(filter);
  };
  form.addEventListener('input', soon);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));
  const openAll = (open) => {
    for (const details of document.querySelectorAll('.change:not([hidden]) details')) details.open = open;
  };
  form.querySelector('[data-do=open]').addEventListener('click', () => openAll(true));
  form.querySelector('[data-do=close]').addEventListener('click', () => openAll(false));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === '/' && !typing) {
      event.preventDefault();
      text.focus();
      text.select();
    } else if (event.key === 'Escape' && document.activeElement === text) {
      text.value = '';
      filter();
    }
  });
  addEventListener('beforeprint', () => openAll(true));
  form.parentElement.hidden = false;
  filter();
}
`;

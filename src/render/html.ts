import { createHash } from 'node:crypto';
import type { Change, WordedChange, WordedPlan } from '../kinds/plan.ts';
import type { Detail } from '../kinds/change.ts';
import { kinds } from '../kinds/index.ts';
import type { Overridden, RailViolation } from '../core/rails.ts';
import { clean, plural } from '../core/text.ts';
import { accessLines, accessTitle } from './access.ts';
import { dangerTexts, documentLines, documentsOf } from './change.ts';
import { htmlProse } from './prose.ts';
import { sentencesOf } from './kind-words.ts';
import { lookedText } from './looked.ts';
import script from './page/script.ts?text';
import css from './page/style.css?text';
import {
  baseLine,
  isSettled,
  relaxedTitle,
  ruleDangers,
  ruleEffect,
  rulesHeading,
  ruleSign,
} from './rules.ts';
import {
  actionSign,
  beforeRules,
  effectWord,
  grouped,
  nothingText,
  overriddenTitle,
  partialText,
  sections,
  summaryParts,
  withoutChanges,
} from './sections.ts';
import type { Section } from './sections.ts';

const entities: { readonly [sign: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Other people's text as the text of an element: the only place where it ever stands. */
const text = (raw: string): string => clean(raw).replaceAll(/[&<>"']/g, (sign) => entities[sign]!);

const hash = (source: string): string => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;

/** Nothing is loaded, and only these very scripts and styles run. */
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(css)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** From here on the browser lays out only what is seen. */
const many = 200;

/** The plan as one page that needs nothing else: to be kept as an artifact, filtered, printed. */
export function renderHtml(plan: WordedPlan, violations: readonly RailViolation[]): string {
  const account = text(plan.account);
  const parts = sections(plan);
  const [first, last] = [parts.filter(beforeRules), parts.filter((part) => !beforeRules(part))];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Plan for AWS account ${account}</title>
<style>${css}</style>
</head>
<body${plan.changes.length > many ? ' class="many"' : ''}>
<a class="skip" href="#changes">Skip to the changes</a>
<header>
<h1>Plan for AWS account <span class="u">${account}</span></h1>
<p>${headline(plan)}</p>
${partialNote(plan)}${overriddenBox(plan.overridden)}${relaxedBox(plan)}${violationBox(violations)}${overview(parts)}</header>
${parts.length > 0 ? filterBar(parts) : ''}<main id="changes" tabindex="-1">
${accessBox(plan)}${first.map(sectionHtml).join('\n')}
${rulesBox(plan)}${last.map(sectionHtml).join('\n')}
${parts.length > 0 ? '<p class="empty" hidden>No change fits the filter.</p>' : ''}
<p>Looked at: ${text(lookedText(plan.looked))}.</p>
${noteBox(plan.notes)}</main>
<footer><p>Made by rollcall. Steps that carry out the changes: <code>rollcall plan --format json</code>.</p></footer>
${parts.length > 0 ? `<script>${script}</script>` : ''}
</body>
</html>
`;
}

function headline(plan: WordedPlan): string {
  if (isSettled(plan)) return text(nothingText('The account', plan));
  if (plan.changes.length === 0) return `<strong>${withoutChanges(plan)}</strong>`;
  const { changes, actions, widening, dangers, people, rules, byHand, calls } = summaryParts(plan);
  return `<strong>${changes}</strong>: ${actions} · <strong>${widening}</strong>${dangers === '' ? '' : ` (${dangers})`} · ${[...people, ...rules, ...byHand, calls].join(' · ')}`;
}

const partialNote = (plan: WordedPlan): string =>
  (plan.changes.length > 0 ? partialText(plan) : [])
    .map((told) => `<p><strong class="u">${text(told)}</strong></p>\n`)
    .join('');

const overriddenBox = (overridden: readonly Overridden[]): string =>
  railBox('overridden', overriddenTitle, overridden);

const relaxedBox = (plan: WordedPlan): string => railBox('relaxed', text(relaxedTitle(plan)), plan.relaxed);

/** @param title our own words, or escaped. */
function railBox(id: string, title: string, overridden: readonly Overridden[]): string {
  if (overridden.length === 0) return '';
  const items = overridden.map(
    ({ rail, message }) => `<li><code>${text(rail)}</code>: <span class="u">${text(message)}</span></li>`,
  );
  return `<div class="box refused" role="note" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<ul>${items.join('\n')}</ul></div>
`;
}

function violationBox(violations: readonly RailViolation[]): string {
  if (violations.length === 0) return '';
  const items = violations.map(
    ({ rail, message, hint }) =>
      `<li><code>${text(rail)}</code>: <span class="u">${text(message)}</span><br><span class="soft u">${text(hint)}</span></li>`,
  );
  return `<div class="box refused" role="note" aria-labelledby="refused">
<h2 id="refused">Refused by ${violations.length === 1 ? 'a rail' : 'rails'}: as it stands, nothing of this plan will be applied</h2>
<ul>${items.join('\n')}</ul></div>
`;
}

function accessBox(plan: WordedPlan): string {
  const lines = accessLines(plan);
  if (lines.length === 0) return '';
  const items = lines.map(
    ({ sign, who, isOne, what, through }) =>
      `<li><span class="mono" aria-hidden="true">${sign}</span> <span class="u"><b>${htmlProse(who, text)}</b> ${sign === '+' ? 'gain' : 'lose'}${isOne ? 's' : ''} ${htmlProse(what, text)}</span><br><span class="soft u">${htmlProse(through, text)}</span></li>`,
  );
  return `<section class="box" aria-labelledby="access"><h2 id="access">${accessTitle}</h2><ul>${items.join('\n')}</ul></section>\n`;
}

/** What changed without a call, or what is known of it. */
function rulesBox(plan: WordedPlan): string {
  const line = baseLine(plan);
  if (plan.rules.length === 0) return line === null ? '' : `<p class="soft u">${text(line)}</p>\n`;
  const items = plan.rules.map((rule) => {
    const marks = ruleDangers(rule).map(
      ({ label, text: told }) => `<p class="danger"><b>${label}</b> <span class="u">${text(told)}</span></p>`,
    );
    return `<li><span class="mono" aria-hidden="true">${ruleSign(rule)}</span> <span class="u">${text(rule.text)}</span><br><span class="tag ${rule.effect}">${ruleEffect[rule.effect]}</span> <span class="soft u">${text(rule.reason)}</span>${marks.join('')}</li>`;
  });
  return `<section class="box" aria-labelledby="rules"><h2 id="rules">${text(rulesHeading(plan))} <span class="count">${grouped(plan.rules.length)}</span></h2><ul>${items.join('\n')}</ul></section>\n`;
}

function noteBox(notes: readonly string[]): string {
  if (notes.length === 0) return '';
  const items = notes.map((note) => `<li><span class="u">${text(note)}</span></li>`).join('\n');
  return `<section class="box" aria-labelledby="notes"><h2 id="notes">Notes</h2><ul>${items}</ul></section>\n`;
}

function overview(parts: readonly Section[]): string {
  if (parts.length === 0) return '';
  const items = parts.map(
    ({ id, title, changes }) =>
      `<li class="${id}"><a href="#${id}">${title} <b>${grouped(changes.length)}</b></a></li>`,
  );
  return `<nav aria-label="Sections"><ul>${items.join('')}</ul></nav>\n`;
}

const effects = ['widens', 'unclear', 'narrows', 'none'] as const;

/** Hidden until the script that serves it runs. */
function filterBar(parts: readonly Section[]): string {
  const changes = parts.flatMap((section) => section.changes);
  const present = <T extends string>(all: readonly T[], has: (change: WordedChange) => T): T[] =>
    all.filter((one) => changes.some((change) => has(change) === one));
  const options = (list: readonly (readonly [string, string])[]): string =>
    [['', 'all'] as const, ...list]
      .map(([value, label]) => `<option value="${value}">${label}</option>`)
      .join('');
  const named = present(
    kinds.map(({ name }) => name),
    ({ kind }) => kind,
  );
  const found = present(effects, ({ effect }) => effect);
  return `<div class="bar" hidden>
<form role="search" aria-label="Filter the changes" autocomplete="off">
<label class="text">Filter <input type="search" name="text" spellcheck="false" aria-keyshortcuts="/"> <kbd>/</kbd></label>
<label>Section <select name="section">${options(parts.map(({ id, title }) => [id, title]))}</select></label>
<label>Kind <select name="kind">${options(named.map((kind) => [kind, kind]))}</select></label>
<label>Effect <select name="effect">${options(found.map((effect) => [effect, effectWord[effect]]))}</select></label>
<label><input type="checkbox" name="danger"> administrators and escalations only</label>
<button type="reset">Reset</button>
<button type="button" data-do="open">Open all</button>
<button type="button" data-do="close">Close all</button>
<output role="status"></output>
</form>
</div>
`;
}

function sectionHtml({ id, title, changes }: Section): string {
  return `<section class="${id}" data-section="${id}" aria-labelledby="${id}">
<h2 id="${id}" tabindex="-1">${title} <span class="count">${grouped(changes.length)}</span></h2>
<ul class="changes" role="list">
${changes.map((change) => changeHtml(change, id)).join('\n')}
</ul>
</section>`;
}

function changeHtml(change: WordedChange, section: Section['id']): string {
  const { kind, name, action, summary, effect, dangers } = change;
  const what = summary === action ? '' : `: <span class="u">${text(summary)}</span>`;
  const marks = dangerTexts(change, change).map(
    ({ label, text: told }) =>
      `<p class="danger"><b>${label}</b> <span class="u">${htmlProse(told, text)}</span></p>`,
  );
  return `<li class="change" data-kind="${kind}" data-effect="${effect}"${dangers ? ' data-danger' : ''}>
<h3><span class="act"><span class="mono" aria-hidden="true">${actionSign[action]}</span> ${action}</span> <span class="kind">${kind}</span> <span class="name mono">${text(name)}</span>${what}</h3>
${whyHtml(change)}
${marks.join('\n')}${detailsHtml(change, section !== 'other')}</li>`;
}

/** Several reasons are a list: what comes and what goes must not run into each other. */
function whyHtml(change: WordedChange): string {
  const { effect } = change;
  const tag = `<span class="tag ${effect}">${effectWord[effect]}</span>`;
  const sentences = sentencesOf(change, change as Pick<Change, 'reasons'>).map((one) => htmlProse(one, text));
  if (sentences.length < 2) return `<p>${tag} <span class="u soft">${sentences.join('')}</span></p>`;
  const items = sentences.map((one) => `<li><span class="u soft">${one}</span></li>`);
  return `<p>${tag}</p>\n<ul class="why">${items.join('')}</ul>`;
}

const lineClass: { readonly [sign in Detail['sign']]: string } = { '+': 'a', '-': 'd', '~': 'm', ' ': '' };

const line = ({ sign, text: told }: Detail): string =>
  `<span${lineClass[sign] === '' ? '' : ` class="${lineClass[sign]}"`}>${sign} ${text(told)}</span>`;

function detailsHtml(change: WordedChange, open: boolean): string {
  const { details } = change;
  const documents = documentsOf(change, change.facts);
  if (details.length + documents.length === 0) return '';
  const lines = [
    ...details.map(line),
    ...documents.flatMap((one) => [
      ...(documents.length > 1 ? [`<span class="h">policy ${text(one.name)}</span>`] : []),
      ...documentLines(one).map(line),
    ]),
  ];
  const label = [
    ...(details.length > 0 ? [plural(details.length, 'detail')] : []),
    ...(documents.length > 0 ? [plural(documents.length, 'policy document')] : []),
  ].join(', ');
  return `<details${open ? ' open' : ''}><summary>${label}</summary><pre>${lines.join('')}</pre></details>`;
}

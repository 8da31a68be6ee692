// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_style.hpp"

namespace sendconnector::ctl {

const char* const headers_style = R"(
:root {
  --page: #f4f5f7; --card: #ffffff; --ink: #1b1f26; --soft: #5c6573; --line: #e1e4ea; --stripe: #f8f9fb;
  --accent: #2159c4; --accent-soft: #e6eefc;
  --good: #12733c; --good-soft: #e1f4e8; --doubt: #8a5a00; --doubt-soft: #fdf1d6;
  --bad: #b3261e; --bad-soft: #fde7e5; --plain-soft: #eceef2; --slow: #e39b1c;
  --mono: ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #111418; --card: #1a1e24; --ink: #e6e9ee; --soft: #9aa4b2; --line: #2b313a; --stripe: #1e232a;
    --accent: #7aa7ff; --accent-soft: #1f2d47;
    --good: #6fd596; --good-soft: #143322; --doubt: #f0bf5f; --doubt-soft: #3a2d10;
    --bad: #ff8f86; --bad-soft: #421c1a; --plain-soft: #272d36; --slow: #f0bf5f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink); line-height: 1.5; font-size: 15px;
  overflow-wrap: anywhere; font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
main, .top > div { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
main { padding-bottom: 56px; }
.top { background: var(--card); border-bottom: 1px solid var(--line); padding: 28px 0 24px; margin-bottom: 24px; }
.eyebrow { margin: 0 0 4px; color: var(--soft); font-size: 13px; }
h1 { margin: 0 0 12px; font-size: 26px; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; }
.people { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 0 0 18px; }
.people dt { color: var(--soft); }
.people dd { margin: 0; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 0; list-style: none; }
.chip {
  display: inline-flex; gap: 7px; align-items: baseline; padding: 3px 11px; border-radius: 999px;
  background: var(--plain-soft); color: var(--soft); font-size: 13.5px; white-space: nowrap;
}
.chip.long { white-space: normal; border-radius: 12px; max-width: 100%; }
.chip b { font-weight: 650; letter-spacing: .02em; }
.good { background: var(--good-soft); color: var(--good); }
.doubtful { background: var(--doubt-soft); color: var(--doubt); }
.bad { background: var(--bad-soft); color: var(--bad); }
.ours { background: var(--accent-soft); color: var(--accent); white-space: normal; }
.figures { display: flex; flex-wrap: wrap; gap: 14px; margin: 0 0 24px; }
.figure { flex: 1 1 130px; min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 18px; }
.figure { max-width: 320px; }
.figure.wide { flex: 4 1 400px; max-width: none; }
.figure.ours { background: var(--accent-soft); border-color: var(--accent); }
.figure.ours dd { color: var(--accent); }
.figure.ours small { color: var(--ink); }
.figure dt { color: var(--soft); font-size: 13px; }
.figure dd { margin: 2px 0 0; font-size: 21px; font-weight: 600; letter-spacing: -.01em; line-height: 1.3; }
.figure small { display: block; font-size: 13px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.remarks { margin: 0 0 24px; padding: 0; list-style: none; display: grid; gap: 8px; }
.remarks li { padding: 9px 16px; border-radius: 10px; border-left: 4px solid currentColor; }
.remarks li.neutral { background: var(--plain-soft); color: var(--soft); }
.remarks span { display: block; color: var(--ink); }
.remarks span::first-letter { text-transform: uppercase; }
.panel {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; margin: 0 0 24px; overflow: hidden;
}
h2 { font-size: 17px; margin: 0; padding: 15px 20px 13px; font-weight: 650; }
h2 small { font-weight: 400; font-size: 13px; color: var(--soft); margin-left: 6px; }
h3 { font-size: 14px; margin: 0; padding: 12px 20px 6px; border-top: 1px solid var(--line); font-weight: 600; }
h3 small { font-weight: 400; color: var(--soft); margin-left: 6px; }
table { width: 100%; border-collapse: collapse; }
th {
  text-align: left; font-weight: 500; font-size: 12.5px; color: var(--soft); padding: 7px 12px;
  border-top: 1px solid var(--line); background: var(--stripe); white-space: nowrap;
}
td { padding: 10px 12px; vertical-align: top; border-top: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 20px; }
th:last-child, td:last-child { padding-right: 20px; }
.number { color: var(--soft); font-variant-numeric: tabular-nums; }
.time { white-space: nowrap; }
.time, .untold { font-variant-numeric: tabular-nums; }
.hops small { display: block; color: var(--soft); font-size: 13px; }
.delay { width: 130px; font-variant-numeric: tabular-nums; }
.delay svg { display: block; width: 100%; height: 6px; margin-top: 6px; border-radius: 3px; background: var(--plain-soft); }
.delay rect { fill: var(--accent); }
.slowest .delay rect { fill: var(--slow); }
.slowest .delay b { color: var(--doubt); }
.delay b { white-space: nowrap; }
.skewed .delay b { color: var(--doubt); font-weight: 600; }
.host { min-width: 170px; width: 26%; }
.how { width: 25%; }
.how .lock { color: var(--good); }
.mono { font-family: var(--mono); font-size: 13px; }
tr.left td { background: var(--accent-soft); }
tr.left .chip { background: var(--card); margin-top: 6px; border-radius: 8px; }
.results td { padding-top: 5px; padding-bottom: 5px; border-top: 0; }
.results td:first-child { width: 150px; }
.results tr:last-child td { padding-bottom: 14px; }
.results small { color: var(--soft); font-size: 13px; }
.pair { display: inline-block; margin-right: 14px; }
.pair i { font-style: normal; color: var(--soft); }
.details td { padding: 4px 12px; border-top: 0; }
.details td:first-child { width: 320px; color: var(--soft); padding-left: 20px; }
.details tr:last-child td { padding-bottom: 14px; }
.details .meaning { border-radius: 6px; padding: 1px 8px; margin-left: 8px; font-size: 13.5px; }
.details .neutral { color: var(--soft); padding: 1px 0; }
.others td { padding-top: 6px; padding-bottom: 6px; }
.others td:first-child { width: 320px; }
.single { border-top: 1px solid var(--line); }
.single tr:first-child td { padding-top: 12px; }
.others td:first-child { color: var(--soft); }
.rest { padding: 12px 20px; margin: 0; color: var(--soft); border-top: 1px solid var(--line); }
summary { cursor: pointer; list-style-position: inside; padding: 15px 20px 13px; font-weight: 650; font-size: 17px; }
summary small { font-weight: 400; font-size: 13px; color: var(--soft); margin-left: 6px; }
footer { color: var(--soft); font-size: 13px; text-align: center; }
@media (max-width: 820px) {
  main, .top > div { padding-left: 16px; padding-right: 16px; }
  .top { padding: 20px 0 18px; margin-bottom: 16px; }
  h1 { font-size: 21px; }
  .people { grid-template-columns: 1fr; gap: 0; }
  .people dt { font-size: 12.5px; }
  .people dd { margin-bottom: 6px; }
  .figures { gap: 10px; margin-bottom: 16px; }
  .figure { flex-basis: 40%; max-width: none; }
  .figure { padding: 10px 14px; }
  .figure dd { font-size: 17px; }
  .figure.wide { flex-basis: 100%; }
  .panel, .remarks { margin-bottom: 16px; }
  h2, h3, summary { padding-left: 16px; padding-right: 16px; }
  .hops thead { display: none; }
  .hops, .hops tbody, .hops tr, .hops td { display: block; width: auto; }
  .hops tr { border-top: 1px solid var(--line); padding: 12px 16px; position: relative; }
  .hops tr.left { background: var(--accent-soft); }
  .hops td, .hops td:first-child, .hops td:last-child { border: 0; padding: 2px 0; background: none; }
  .hops td { position: relative; min-height: 1.5em; }
  .hops td, .hops td:first-child, .hops td:last-child { padding-left: 62px; }
  .hops td:empty { display: none; }
  .hops td::before { content: attr(data-label); position: absolute; left: 0; color: var(--soft); font-size: 13px; line-height: 1.8; }
  .hops td.number, .hops td.number:first-child { padding-left: 0; font-weight: 600; color: var(--ink); }
  .hops td.number::before { content: "Hop "; position: static; font-size: inherit; color: inherit; }
  .time small { display: inline; margin-left: 8px; }
  .delay svg { max-width: 260px; margin-bottom: 6px; }
  .results, .results tbody, .results tr, .results td { display: block; width: auto; }
  .results td, .results td:first-child, .results td:last-child { padding: 0 16px; width: auto; }
  .results tr { padding: 5px 0; }
  .results tr:last-child { padding-bottom: 14px; }
  .results tr:last-child td { padding-bottom: 0; }
  .results .chip { margin-bottom: 4px; }
  .details, .details tbody, .details tr, .details td, .others, .others tbody, .others tr, .others td { display: block; width: auto; }
  .details td, .details td:first-child, .others td, .others td:first-child { width: auto; padding: 0 16px; border: 0; }
  .details tr { padding: 4px 0; }
  .details tr:last-child { padding-bottom: 14px; }
  .details tr:last-child td { padding-bottom: 0; }
  .details .meaning { margin-left: 0; display: inline-block; }
  .others tr { border-top: 1px solid var(--line); padding: 7px 0; }
  .rest { padding: 12px 16px; }
}
@media print {
  body { background: none; font-size: 10pt; }
  .panel, .figure, .top { border-color: #bbb; break-inside: avoid; }
}
)";

} // namespace sendconnector::ctl

/** Style sheet of the report page: light and dark, from a phone's width up, no fonts or images from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #16191f; --soft: #5b6472; --rule: #e3e6ea; --track: #eef0f3;
  --wasm: #2f6fed; --native: #0c9a73; --wasm-pairing: #1b86ad; --snarkjs: #d9822b; --rapidsnark: #b1449a; --plain: #5b6472;
  --good: #0b7a55; --good-back: #e2f5ee; --bad: #b3372c; --bad-back: #fbe9e7; --none-back: #eef0f3;
  --load: #5f6b7e; --witness: #b5651d; --transform: #1b86ad; --sum: #2f6fed; --rest: #7a8494; --on-bar: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216; --card: #171b21; --text: #e8ebf0; --soft: #9aa4b2; --rule: #2a3038; --track: #232932;
    --wasm: #6fa0ff; --native: #38c99b; --wasm-pairing: #8cc6f5; --snarkjs: #f0a355; --rapidsnark: #e07fc9; --plain: #9aa4b2;
    --good: #5fd9ae; --good-back: #12332a; --bad: #ff9a8f; --bad-back: #3b1f1d; --none-back: #232932;
    --load: #7b8698; --witness: #f0a355; --transform: #8cc6f5; --sum: #6fa0ff; --rest: #8a93a1; --on-bar: #0f1216;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -0.02em; margin: 0 0 8px; }
h2 { font-size: 19px; letter-spacing: -0.01em; margin: 44px 0 14px; }
h3 { font-size: 15px; margin: 0 0 10px; }
p { margin: 0 0 8px; }
.soft { color: var(--soft); }
.small { font-size: 13px; }
.warning { background: var(--bad-back); color: var(--bad); border-radius: 8px; padding: 10px 14px; margin-top: 16px; }
.cards { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); margin-top: 28px; }
.pair { display: grid; gap: 16px; grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: start; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 18px 20px; min-width: 0; }
.card.wide { margin-top: 16px; }
.big { font-size: 34px; line-height: 1.1; font-weight: 650; letter-spacing: -0.03em; margin-bottom: 6px; }
.big.wasm { color: var(--wasm); } .big.native { color: var(--native); }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 9px 10px; border-bottom: 1px solid var(--rule); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; text-align: right; }
tr:last-child td { border-bottom: 0; }
.number { white-space: nowrap; }
.verdict { display: inline-block; border-radius: 999px; padding: 1px 10px; font-size: 13px; white-space: nowrap; }
.verdict.good { background: var(--good-back); color: var(--good); }
.verdict.bad { background: var(--bad-back); color: var(--bad); }
.verdict.none { background: var(--none-back); color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0 0 12px; padding: 0; list-style: none; font-size: 13px; color: var(--soft); }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg { flex: none; }
.chip { width: 11px; height: 11px; border-radius: 3px; flex: none; }
figure { margin: 0; }
figcaption { color: var(--soft); font-size: 13px; margin-bottom: 12px; }
.drawing svg { display: block; width: 100%; height: auto; }
.drawing.middle, .drawing.narrow { display: none; }
.tick, .axis-title { fill: var(--soft); font-size: 12px; }
.bar-title { fill: var(--text); font-size: 13px; } .bar-value { fill: var(--text); font-size: 13px; font-weight: 600; }
.on-bar { fill: var(--on-bar); font-size: 11px; font-weight: 600; }
.grid { stroke: var(--rule); } .axis { stroke: var(--soft); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.wasm, .spread.wasm { stroke: var(--wasm); } .line.native, .spread.native { stroke: var(--native); }
.line.snarkjs { stroke: var(--snarkjs); } .line.rapidsnark { stroke: var(--rapidsnark); }
.spread { stroke-width: 4; stroke-opacity: 0.3; stroke-linecap: round; }
.ideal { fill: none; stroke: var(--soft); stroke-dasharray: 4 5; }
.dot { stroke: var(--card); stroke-width: 1.5; }
.dot.wasm { fill: var(--wasm); } .dot.native { fill: var(--native); } .dot.snarkjs { fill: var(--snarkjs); }
.dot.rapidsnark { fill: var(--rapidsnark); } .dot.plain { fill: var(--plain); stroke: none; }
.stage-load { fill: var(--load); background: var(--load); } .stage-witness { fill: var(--witness); background: var(--witness); }
.stage-transform { fill: var(--transform); background: var(--transform); } .stage-sum { fill: var(--sum); background: var(--sum); }
.stage-rest { fill: var(--rest); background: var(--rest); }
.back-wasm { background: var(--wasm); } .back-native { background: var(--native); } .back-wasm-pairing { background: var(--wasm-pairing); } .back-snarkjs { background: var(--snarkjs); }
.back-rapidsnark { background: var(--rapidsnark); }
.bars { display: grid; grid-template-columns: max-content minmax(24px, 1fr) max-content; gap: 7px 12px; align-items: center; font-size: 13px; }
.track { background: var(--track); border-radius: 4px; height: 12px; }
.track span { display: block; height: 100%; border-radius: 4px; min-width: 3px; }
.time { text-align: right; font-weight: 600; }
.ratios { list-style: none; margin: 12px 0 0; padding: 10px 0 0; border-top: 1px solid var(--rule); font-size: 13px; color: var(--soft); }
code { font: 13px/1.5 ui-monospace, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
footer { margin-top: 48px; padding-top: 18px; border-top: 1px solid var(--rule); font-size: 13px; color: var(--soft); }
@media (max-width: 1000px) {
  .pair { grid-template-columns: minmax(0, 1fr); }
  .drawing.wide { display: none; }
  .drawing.middle { display: block; }
}
@media (max-width: 720px) {
  main { padding: 24px 16px 48px; }
  h1 { font-size: 25px; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px; }
  .card { padding: 14px; }
  .big { font-size: 26px; }
  .drawing.middle { display: none; }
  .drawing.narrow { display: block; }
  thead { display: none; }
  table, tbody, tr, td { display: block; width: 100%; }
  tr { padding: 10px 0; border-bottom: 1px solid var(--rule); }
  tr:last-child { border-bottom: 0; }
  td, th:last-child, td:last-child { border: 0; padding: 2px 0; text-align: left; }
  td[data-name] { display: inline-block; width: auto; margin-right: 14px; }
  td[data-name]::before { content: attr(data-name) ' '; color: var(--soft); }
}
@media print { body { background: none; } .card { break-inside: avoid; } }
`;

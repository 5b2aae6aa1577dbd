"""The look, in one place: every selector that reaches into Streamlit's markup stands in this file.

A browser test (`tests/browser/test_selectors.py`) fails when a Streamlit version moves one of them.
"""

from __future__ import annotations

from ..components import asset_version

__all__ = ["REACHED_SELECTORS", "TOKENS", "style_block"]

TOKENS = {
    "dark": {
        "background": "#0c0f13", "panel": "#12161c", "raised": "#1a2028", "line": "#262e38", "strong": "#354050",
        "ink": "#e8edf3", "soft": "#a3afbd", "faint": "#76828f", "accent": "#6cb6ff", "primary": "#1c3a5c",
        "accepted": "#3fb68b", "modified": "#e3a93c", "rejected": "#ef6f5e", "unsure": "#9aa5e8",
        "warning": "#e3a93c",
    },
    "light": {
        "background": "#f4f6f8", "panel": "#ffffff", "raised": "#eef2f6", "line": "#d5dce4", "strong": "#b3bfcc",
        "ink": "#151b22", "soft": "#465362", "faint": "#5d6a79", "accent": "#0b5cad", "primary": "#d6e6f7",
        "accepted": "#117a55", "modified": "#8a5a00", "rejected": "#b3301f", "unsure": "#4a55b0",
        "warning": "#8a5a00",
    },
}  # fmt: skip
"""Colours by theme; contrast of text on background, panel and raised is at least 4.5 (tested)."""

REACHED_SELECTORS = (
    '[data-testid="stMainBlockContainer"]',
    '[data-testid="stHeader"]',
    '[data-testid="stAppViewContainer"]',
    '[data-testid="stTopNav"]',
    '[data-testid="stVerticalBlock"]',
    '[data-testid="stHorizontalBlock"]',
    '[data-testid="stLayoutWrapper"]',
    '[data-testid="stColumn"]',
    '[data-testid="stTopNavLink"]',
    '[data-testid="stButtonGroup"] button[data-selected="true"]',
    '[data-testid="stBaseButton-primary"]',
    '[data-testid="stFileUploaderDropzone"]',
)


def style_block() -> str:
    """The one style element of the application.

    Streamlit marks the theme by `color-scheme` on `.stApp`; our tokens follow it through `light-dark()`.
    """
    pairs = "".join(
        f"--or-{name}:light-dark({TOKENS['light'][name]},{TOKENS['dark'][name]});" for name in TOKENS["dark"]
    )
    return f"""<style>
@font-face {{font-family:"Inter"; src:url("/assets/{asset_version()}/fonts/inter.woff2") format("woff2");
  font-weight:100 900; font-display:swap;}}
.stApp {{{pairs} height:100vh; overflow:hidden; background:var(--or-background);
  font-family:"Inter",system-ui,sans-serif; font-variant-numeric:tabular-nums; font-feature-settings:"tnum";}}
{_CSS}
</style>"""


_CSS = """
.stApp :is(p, li, label, button, input, textarea, td, th, h1, h2, h3) {font-family:"Inter",system-ui,sans-serif;}
[data-testid="stHeader"] {height:46px; min-height:46px; background:var(--or-panel);
  border-bottom:1px solid var(--or-line); z-index:100;}
[data-testid="stMainBlockContainer"] {padding:46px 0 0 0 !important; max-width:none;}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {gap:0;}
[data-testid="stAppViewContainer"] {overflow:hidden;}
[data-testid="stTopNav"] {margin-left:112px;}
[data-testid="stTopNavLink"] {padding:4px 11px; border-radius:6px; font-size:13.5px;}
[data-testid="stHeader"]::before {content:"Overread"; position:absolute; left:40px; top:0; line-height:46px;
  font:700 15.5px/46px "Inter",system-ui,sans-serif; color:var(--or-ink); z-index:1;}
[data-testid="stHeader"]::after {content:""; position:absolute; left:16px; top:15px; width:12px; height:12px;
  border:2px solid var(--or-accent); border-radius:50%; background:linear-gradient(var(--or-rejected),var(--or-rejected))
  center/8px 2px no-repeat;}

.stApp :is(a, textarea, [tabindex="0"]):focus-visible {outline:2px solid var(--or-accent); outline-offset:1px;}
.st-key-chips {position:fixed; top:8px; right:52px; z-index:1000; width:auto !important; max-width:none;}
.or-chip {display:inline-flex; gap:6px; align-items:center; height:28px; padding:0 12px; margin-left:6px;
  border:1px solid var(--or-strong); border-radius:15px; font-size:12px; color:var(--or-soft);
  background:var(--or-panel); white-space:nowrap;}
.or-chip b {color:var(--or-ink); font-weight:600;}
.or-chip.synthetic {color:var(--or-warning); border-color:var(--or-warning); font-weight:600;}
.or-dot {width:8px; height:8px; border-radius:50%; display:inline-block; flex:none;}
.or-square {width:8px; height:8px; border-radius:2px; display:inline-block; flex:none; margin-right:7px;}

.st-key-foot {position:fixed; left:0; right:0; bottom:0; height:26px; z-index:90; background:var(--or-panel);
  border-top:1px solid var(--or-line);}
.or-foot {display:flex; justify-content:space-between; padding:0 16px; line-height:26px; font-size:11.5px;
  color:var(--or-faint);}
.or-foot b {color:var(--or-soft);}

.or-h1 {font-size:22px; font-weight:700; color:var(--or-ink); line-height:1.25; margin:0;}
.or-sub {font-size:13px; color:var(--or-soft); margin:2px 0 0 0;}
.stApp p {margin-bottom:0;}
.or-caps {font-size:11px; letter-spacing:.09em; text-transform:uppercase; font-weight:600;
  color:var(--or-soft); margin:0 0 8px 0;}
.or-head {display:flex; justify-content:space-between; align-items:baseline; gap:10px; position:relative;}
.or-how summary {font-size:11.5px; color:var(--or-soft); cursor:pointer; list-style:none; white-space:nowrap;
  text-decoration:underline dotted;}
.or-how[open] p {position:absolute; right:0; top:22px; z-index:30; width:min(380px, 100%); padding:10px 12px;
  border:1px solid var(--or-strong); border-radius:8px; background:var(--or-raised); color:var(--or-ink);
  font-size:12px; line-height:1.45; white-space:normal;}
.or-tall {min-height:112px;}
.or-card {background:var(--or-panel); border:1px solid var(--or-line); border-radius:8px; padding:14px 16px;
  margin-bottom:12px;}
.or-card.tight {padding:8px 12px; margin:0;}
.or-card.raised {background:var(--or-raised);}
.or-card details p, .or-input p {margin:4px 0 2px 0;}
.or-card summary {cursor:pointer;}
.or-input {border-color:var(--or-warning);}
.or-input summary {color:var(--or-warning); font-size:12.5px; font-weight:600;}
.or-swatch {display:inline-block; width:14px; height:9px; margin-right:7px; border:1px solid var(--or-soft);}
.or-swatch.reviewed {background:var(--or-accepted);}
.or-swatch.unreviewed {background:repeating-linear-gradient(135deg, transparent 0 3px, var(--or-rejected) 3px 4.5px);}
.or-swatch.unknown {background:repeating-linear-gradient(45deg, transparent 0 3px, var(--or-soft) 3px 4px);}
.or-title {font-size:14px; font-weight:600; color:var(--or-ink);}
.or-text {font-size:13px; color:var(--or-ink); line-height:1.4;}
.or-small {font-size:12px; color:var(--or-soft); line-height:1.45;}
.or-faint {color:var(--or-faint);}
.or-warn {color:var(--or-warning); font-size:12px; line-height:1.4; margin-top:6px;}
.or-row {display:flex; justify-content:space-between; gap:10px; align-items:baseline; font-size:13px;
  line-height:1.9; color:var(--or-soft);}
.st-key-verdict .or-row {font-size:12.5px; gap:6px;}
.or-row b {color:var(--or-ink); font-weight:600; white-space:nowrap;}
.or-figure {font-size:27px; font-weight:700; color:var(--or-ink); line-height:1.25;}
.or-figure small {font-size:13px; font-weight:400; color:var(--or-soft); margin-left:6px;}
.or-watermark {color:var(--or-warning); font-weight:600; font-size:11px; letter-spacing:.06em;}

.st-key-strip {height:40px; border-bottom:1px solid var(--or-line); background:var(--or-panel);
  padding:0 14px; overflow:hidden;}
.st-key-strip [data-testid="stHorizontalBlock"] {align-items:center; height:40px; flex-wrap:nowrap;}
.or-strip {display:flex; justify-content:space-between; line-height:40px; font-size:12.5px;
  color:var(--or-soft); white-space:nowrap; gap:18px;}
.or-strip > span {overflow:hidden; text-overflow:ellipsis; display:inline-block;}
.or-strip b {color:var(--or-ink); font-size:13.5px; margin-right:12px;}
.or-strip .warn {color:var(--or-warning);}
.or-pill {border:1px solid var(--or-unsure); color:var(--or-unsure); border-radius:13px; padding:3px 11px;
  font-weight:600;}
.st-key-strip button {min-height:22px; height:22px; padding:0 7px; font-size:12px; border-radius:4px;}
.st-key-strip [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:nth-child(-n+2) {flex:0 0 28px; min-width:28px;}
.st-key-strip button p {overflow:visible; text-overflow:clip;}

.st-key-page {padding:22px 24px 40px 24px; height:calc(100vh - 72px); overflow-y:auto;}
.st-key-verdict {background:var(--or-panel); border-left:1px solid var(--or-line);
  min-height:calc(100vh - 112px); max-height:calc(100vh - 112px); overflow-y:auto; padding:14px 14px 12px 14px;
  gap:8px;}
.st-key-verdict > * {flex-shrink:0;}
.st-key-verdict [data-testid="stHorizontalBlock"] {gap:8px;}
.st-key-verdict button {min-height:38px; border-radius:7px; background:var(--or-raised); padding:0 10px 0 12px;
  border:1px solid var(--or-strong); justify-content:space-between; font-size:13.5px; font-weight:600;}
.st-key-verdict button > div, .st-key-verdict button > div > span {width:100%; justify-content:space-between;}
.st-key-verdict button p {font-weight:600;}
.stApp kbd {border:1px solid var(--or-strong); border-radius:4px; padding:1px 6px; font:500 11px/1.35 "Inter",sans-serif;
  color:var(--or-soft); background:var(--or-background); margin-left:8px; opacity:1;}
.st-key-verdict > [data-testid="stLayoutWrapper"]:has(> .st-key-signoff) {margin-top:auto;}
.st-key-verdict > [data-testid="stLayoutWrapper"]:has(> .st-key-signoff) {position:sticky; bottom:-12px; z-index:5;
  background:var(--or-panel); padding:8px 0 12px 0; margin-bottom:-12px;}
.st-key-signoff {gap:8px;}
.st-key-notice {gap:8px; border:1px solid var(--or-line); border-radius:8px; background:var(--or-background);
  padding:2px 8px 2px 4px; flex-wrap:nowrap;}
.st-key-notice .or-notice {border:0; background:none; padding:6px 8px;}
.st-key-notice:has(.error) {border-color:var(--or-rejected);}
.st-key-notice > :first-child {flex:1 1 auto;}
.st-key-undo-last kbd {display:none;}
.st-key-notice code {white-space:nowrap; font-size:10.5px;}
.or-strip > span:first-child, .or-strip > .or-fixed {flex:none;}
.or-strip > .model {flex:1 1 0; text-align:right;}
.or-strip > .model:has(> .or-pill) {flex:1 0 auto;}
.st-key-undo-last button {min-height:26px; height:26px; padding:0 8px; background:none; border:0; font-weight:400;}
.st-key-verdict button:hover {border-color:var(--or-accent);}
.st-key-reasons button, .st-key-reasons [data-testid="stBaseButton-secondary"] {min-height:28px; height:28px;
  border-radius:14px; padding:0 10px 0 5px; background:none;}
.st-key-reasons button > div > span {flex-direction:row-reverse; gap:0;}
.st-key-reasons button p {font-size:12px; font-weight:400;}
.st-key-reasons kbd {margin:0 7px 0 0; border-radius:10px;}
.st-key-reasons {gap:6px;}
.st-key-confidence {gap:6px; flex-wrap:nowrap; align-items:center;}
.st-key-confidence kbd {display:none;}
.st-key-confidence button {min-height:26px; height:26px; min-width:30px; border-radius:13px; padding:0 10px;
  background:none;}
.st-key-confidence button p {font-size:12px; font-weight:400; white-space:nowrap;}
.st-key-bulk button {min-height:28px; height:28px; font-size:12px; background:none;}
.st-key-page [data-testid="stBaseButton-primary"] {background:var(--or-primary); border:1px solid var(--or-accent);
  color:var(--or-ink);}
.st-key-page [data-testid="stVerticalBlock"] {gap:12px;}
[data-testid="stButtonGroup"] button[data-selected="true"] {background:var(--or-primary);
  border-color:var(--or-accent); color:var(--or-ink);}
[data-testid="stButtonGroup"] button[data-selected="true"] p {color:var(--or-ink);}
[class*="st-key-card-"] {background:var(--or-panel); border-color:var(--or-line); padding:13px 16px; gap:8px;}
.st-key-page h1 {font-size:18px; padding:0 0 6px 0;}
.st-key-page h2 {font-size:15px; padding:10px 0 4px 0;}
.st-key-page h3 {font-size:13.5px; padding:8px 0 2px 0;}
[class*="st-key-text-"] :is(p, ul, ol, table) {margin-bottom:9px; font-size:13px;}
[class*="st-key-card-"] .stHtml p {margin-bottom:7px;}
[data-testid="stFileUploaderDropzone"] {background:none; border:1px dashed var(--or-strong); padding:10px 14px;}
.or-notice {border:1px solid var(--or-line); border-radius:8px; background:var(--or-background);
  padding:9px 12px; font-size:12.5px; color:var(--or-ink);}
.or-notice code {font-size:11px; color:var(--or-soft); background:none; padding:0;}
.or-notice.error {border-color:var(--or-rejected);}
@media (max-height:840px) {
  .st-key-verdict {gap:6px; padding-top:10px;}
  .st-key-verdict .or-row {font-size:12px; line-height:1.6;}
  .st-key-verdict button {min-height:32px;}
  .st-key-reasons {gap:4px;}
  .st-key-reasons button, .st-key-reasons [data-testid="stBaseButton-secondary"] {min-height:24px; height:24px;
    padding:0 8px 0 4px;}
  .st-key-verdict textarea {height:56px !important; min-height:56px !important;}
}
@media (max-height:600px) {
  .st-key-verdict > [data-testid="stLayoutWrapper"]:has(> .st-key-signoff) {position:static;}
}
@media (max-width:1000px) {
  .st-key-strip {overflow-x:auto;}
  .or-strip .model {display:none;}
  [data-testid="stColumn"]:has(.st-key-verdict) {min-width:232px;}
}
@media (max-width:767px) {
  [data-testid="stHeader"]::before {left:78px;}
  [data-testid="stHeader"]::after {left:54px;}
  .or-chip.ledger {display:none;}
}
@media (min-width:1800px) {
  [data-testid="stColumn"]:has(.st-key-verdict) {max-width:380px;}
}
.or-course {width:660px; border-collapse:collapse; font-size:12.5px; color:var(--or-ink);}
.or-course :is(th, td) {padding:5px 8px; border-bottom:1px solid var(--or-line); text-align:right; font-weight:400;
  vertical-align:top; white-space:nowrap;}
.or-course thead th {color:var(--or-soft); font-size:11.5px;}
.or-course tbody th {text-align:left; white-space:normal; font-weight:600;}
.or-course tr > :first-child {text-align:left;}
.or-course small {display:block; color:var(--or-soft); font-weight:400; font-size:11.5px;}
.or-swatch {width:9px; height:9px; border-radius:2px; display:inline-block; margin-right:7px;}
"""

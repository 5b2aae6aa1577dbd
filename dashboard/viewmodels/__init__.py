"""Records become what the screen says: words, order, colours, Plotly figures. Pure; no Streamlit."""

from .adjudication import adjudication_title, reader_letter, said_lines
from .agreement import (
    FigureCard,
    audit_html,
    dice_chart,
    figure_cards,
    forest_chart,
    interval_words,
    number,
    reader_rows,
    sampled_cards,
    study_rows,
)
from .compare import sides_data
from .eeg import burden_words, eeg_data, window_cards, window_events
from .event_figures import event_cards, what_if_chart, what_if_words
from .findings import (
    FindingCard,
    Measurement,
    VerdictPanel,
    finding_cards,
    finding_title,
    own_cards,
    sentence,
    verdict_panel,
)
from .ledger import LEDGER_FILES, ledger_rows
from .mri import mri_data, regions_data, series_data
from .priors import apart_words, priors_data
from .reasons import ReasonGroup, reason_blocks, reason_chart
from .replay import replay_cards, replay_lines, replay_title
from .steps import step_title, step_words
from .words import (
    RESULT_FILES,
    STATE_COLOURS,
    VERDICT_WORDS,
    Chip,
    date_words,
    duration_words,
    first_sentence,
    ledger_chip,
    person_words,
    role_words,
    study_line,
)
from .worklist import ModelLine, filter_cases, model_lines, open_words, order_words, state_summary, table_rows

__all__ = [
    "LEDGER_FILES",
    "RESULT_FILES",
    "STATE_COLOURS",
    "VERDICT_WORDS",
    "Chip",
    "FigureCard",
    "FindingCard",
    "Measurement",
    "ModelLine",
    "ReasonGroup",
    "VerdictPanel",
    "adjudication_title",
    "apart_words",
    "audit_html",
    "burden_words",
    "date_words",
    "dice_chart",
    "duration_words",
    "eeg_data",
    "event_cards",
    "figure_cards",
    "filter_cases",
    "finding_cards",
    "finding_title",
    "first_sentence",
    "forest_chart",
    "interval_words",
    "ledger_chip",
    "ledger_rows",
    "model_lines",
    "mri_data",
    "number",
    "open_words",
    "order_words",
    "own_cards",
    "person_words",
    "priors_data",
    "reader_letter",
    "reader_rows",
    "reason_blocks",
    "reason_chart",
    "regions_data",
    "replay_cards",
    "replay_lines",
    "replay_title",
    "role_words",
    "said_lines",
    "sampled_cards",
    "sentence",
    "series_data",
    "sides_data",
    "state_summary",
    "step_title",
    "step_words",
    "study_line",
    "study_rows",
    "table_rows",
    "verdict_panel",
    "what_if_chart",
    "what_if_words",
    "window_cards",
    "window_events",
]

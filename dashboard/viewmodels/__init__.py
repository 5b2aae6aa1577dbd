"""Records become what the screen says: words, order, colours, Plotly figures. Pure; no Streamlit."""

from .agreement import (
    FigureCard,
    audit_html,
    dice_chart,
    figure_cards,
    forest_chart,
    number,
    reader_rows,
    reason_chart,
    study_rows,
)
from .eeg import burden_words, eeg_data
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
from .ledger import ledger_rows
from .mri import mri_data, series_data
from .words import (
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
from .worklist import ModelLine, filter_cases, model_lines, state_summary, table_rows

__all__ = [
    "STATE_COLOURS",
    "VERDICT_WORDS",
    "Chip",
    "FigureCard",
    "FindingCard",
    "Measurement",
    "ModelLine",
    "VerdictPanel",
    "audit_html",
    "burden_words",
    "date_words",
    "dice_chart",
    "duration_words",
    "eeg_data",
    "figure_cards",
    "filter_cases",
    "finding_cards",
    "finding_title",
    "first_sentence",
    "forest_chart",
    "ledger_chip",
    "ledger_rows",
    "model_lines",
    "mri_data",
    "number",
    "own_cards",
    "person_words",
    "reader_rows",
    "reason_chart",
    "role_words",
    "sentence",
    "series_data",
    "state_summary",
    "study_line",
    "study_rows",
    "table_rows",
    "verdict_panel",
]

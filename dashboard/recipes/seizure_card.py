"""What is said of the detector: limits, licence, and the card with its figures filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .seizure_data import FOLDERS

__all__ = ["LICENCE", "LICENCE_FILE", "LIMITS", "NOT_FOR", "card_text"]

LICENCE = (
    "Research use only: trained on data under ODC-By 1.0, MIT, BSD-2-Clause, and CC BY 4.0 as far as known, and on three "
    "recordings whose sources state no licence. See LICENSE."
)
NOT_FOR = (
    "diagnosis or treatment",
    "alarms at the bedside",
    "ruling seizures out",
    "intracranial EEG",
    "newborns",
)
LIMITS = (
    "Trained on ten real recordings with a seizure, most of them clips of 10 to 50 s, and on synthetic seizures.",
    "Seizures under about 10 s, of low amplitude, or of fast activity only are often missed.",
    "Rhythmic and periodic patterns of the critically ill (GPD, LPD, GRDA, LRDA) raise false alarms.",
    "The score is uncalibrated: 0.9 does not mean nine in ten.",
    "Onsets are known to some five seconds: a window is 10 s long.",
)
LICENCE_FILE = """Terms of the weights in this folder (model.onnx)

The program and the documents of Overread are under the Apache License 2.0. These weights are not: what may be done with
them follows from the recordings that they were trained on. They are given for research and evaluation only, without any
warranty, and not for clinical use.

Trained on (every file is listed with its source and licence in training.json):

- IIIC clips (bdsp-core/IIIC-IRR, SPaRCNet samples): ODC-By 1.0. Attribution: Brain Data Science Platform.
- ICU clips (VE-CAM-S): MIT (repository).
- PhysioNet EEG During Mental Arithmetic Tasks (eegmat): ODC-By 1.0.
- One temporal lobe seizure (ombao_tle) and one sleep recording (psg_female57_sleep): MIT (repositories).
- EEG Data for ADHD / Control Children: CC BY 4.0 as remembered for IEEE DataPort; the repository states none.
- EEGLAB tutorial data: BSD-2-Clause.
- wang_A, wang_C (public demonstration data of a paper) and blinks_delft (course data): no licence stated.
- Synthetic recordings made by this program.

Whoever wants weights without the recordings of unstated licence can train them: dashboard/recipes/train_seizure.py.
"""


def card_text(evaluation: dict[str, Any], training: dict[str, Any]) -> str:
    """The card as Markdown: the worst first, then dev figures with n, what it was trained on, what it is not for."""
    dev, held = evaluation, evaluation["held_out_of_train"]
    quiet, ill = evaluation["dev_alarms"]["healthy"], evaluation["dev_alarms"]["critically_ill"]
    rules = evaluation["rules"]
    missed_dev = [row for row in dev["recordings"] if row["found"] < row["reference"]]
    missed_held = [r for r in held["recordings"] if r["found"] < r["reference"] and r["file"].split("/")[0] in FOLDERS]
    shown, real = evaluation["demonstration"], held["real"]
    missed_demo = [row for row in shown["recordings"] if row["found"] < row["reference"]]
    summary = dev["summary"]
    return f"""# Seizure alerts from scalp EEG (seizure-cnn-rnn)

Misses {summary["reference"] - summary["found"]} of {summary["reference"]} seizures in dev; at most {quiet["upper_per_hour"]:.1f} false alarms an hour in healthy people. {_worst(missed_dev, missed_held)}

**On recordings kept out of training (dev):** {summary["found"]} of {summary["reference"]} seizures found
(n = {summary["recordings"]} recordings, {summary["hours"]:.2f} h; each from its own patient as far as known).
{_alarms("healthy people at rest, at a task, blinking and moving", quiet)}
{_alarms("critically ill people without a seizure (clips of 10 to 50 s, chosen for patterns that look like one)", ill)}
So few seizures and hours allow no rate to be promised: the upper limits are what counts. {_undecided(dev["recordings"])}

| dev recording | hours | seizures | found | false alarms | highest score |
|---|---|---|---|---|---|
{_rows(dev["recordings"])}

**Uncalibrated.** The score orders windows; it is no probability.

**Not for** {", ".join(NOT_FOR)}. Research and quality use; not a medical device.

## What it misses

{_bullets(LIMITS)}
{_bullets(f"Missed in dev: `{row['file']}` (highest score {row['peak']})." for row in missed_dev)}
{_bullets(f"Missed when its patient was kept out of training: `{row['file']}` (highest score {row['peak']})." for row in missed_held)}
{_bullets(f"Missed in the demonstration: `{row['file']}` (highest score {row['peak']})." for row in missed_demo)}

## Real seizures, by networks that were trained without them

{_left_out(evaluation["left_out"])}

All real recordings of the train split, each scored by a network that saw nothing of its patient:
{real["found"]} of {real["reference"]} seizures (n = {real["recordings"]} recordings, {real["hours"]:.2f} h), {_count(real["false_alarms"])}, at most {real["upper_per_hour"]:.1f} an hour (95 %).
With the synthetic ones: {held["summary"]["found"]} of {held["summary"]["reference"]}, {_count(held["summary"]["false_alarms"])} in {held["summary"]["hours"]:.2f} h.
{held["how"][0].upper() + held["how"][1:]}.

## How it works

Rows of the longitudinal bipolar montage (reduced where electrodes lack), 0.5 to 30 Hz, 100 samples a second, windows of
10 s every {training["stride_s"]:g} s. Every row passes two units of convolution, bidirectional LSTM, GRU and average pooling
(after Mallick and Baths 2024, doi:10.3389/fncom.2024.1340251), then dense layers beside the mean and maximum of all rows; the
window's score is their softmax-weighted mean, so any number of rows works and each row has a score of its own.
{training["parameters"]} parameters. An event begins at {rules["on"]:g}, ends below {rules["off"]:g}, lasts {rules["min_duration_s"]:g} s or more, and is joined
to the next within {rules["merge_gap_s"]:g} s. These rules were chosen on held-out recordings of the train split and on synthetic ones, never on dev.

`overread models evaluate` gives the same scores, but knows no expert votes: there an alert in a clip on which experts were
divided counts as a false alarm. A day of 19 channels took 172 s of one processor thread and 0.4 GB (measured once).

## Training

{len(training["recordings"])} recordings of the train split (ODC-By 1.0, MIT, BSD-2-Clause, CC BY 4.0 as far as known, three with no licence
stated: see LICENSE), {training["plan"]["synthetic"]} synthetic recordings, and real ones with a synthetic seizure laid over them.
The generator is the demonstration's own, with other seeds: what the model finds in the demonstration says that the program
works, not how well seizures are found in patients ({shown["summary"]["found"]} of its {shown["summary"]["reference"]} seizures, {_count(shown["summary"]["false_alarms"])} in {shown["summary"]["hours"]:.2f} h).
The Bonn recordings were not used; `docs/bonn.md` has that exercise by itself.
Made by `{training["command"]}` in {training["seconds"] / 60:.0f} minutes with one thread.
"""


def _worst(missed_dev: Sequence[dict[str, Any]], missed_held: Sequence[dict[str, Any]]) -> str:
    rows = [*missed_dev, *missed_held]
    if not rows:
        return "No seizure of these few recordings was missed; that says little, and seizures will be missed elsewhere."
    row = min(rows, key=lambda r: r["peak"])
    where = "in dev" if row in missed_dev else "when its patient was kept out of training"
    return (
        f"A seizure that the sources or most experts call one passes without an alert: `{row['file']}`, {where}, "
        f"with a highest score of {row['peak']}."
    )


def _alarms(who: str, figures: dict[str, Any]) -> str:
    return (
        f"In {who}: {_count(figures['false_alarms'])} in {figures['hours']:.3f} h ({figures['recordings']} recordings); "
        f"the exact Poisson 95 % upper limit is {figures['upper_per_hour']:.1f} an hour."
    )


def _undecided(rows: Sequence[dict[str, Any]]) -> str:
    """Clips that some experts, but not half, called a seizure, and whether they raised an alert."""
    raised = [f"`{row['file']}`" for row in rows if row.get("undecided_alarms")]
    if not raised:
        return ""
    return f"An alert in {', '.join(raised)} is counted neither way: some experts, but not half, called it a seizure."


def _count(alarms: int) -> str:
    return f"{alarms} false alarm{'' if alarms == 1 else 's'}"


def _rows(rows: Sequence[dict[str, Any]]) -> str:
    return "\n".join(
        f"| {r['file']} | {r['hours']:.4f} | {r['reference']} | {r['found']} | {r['false_alarms']} | {r['peak']:.2f} |"
        for r in rows
    )


def _left_out(rows: Sequence[dict[str, Any]]) -> str:
    return _bullets(
        f"`{r['file']}`: {'flagged' if r['found'] else 'not flagged'} (highest score {r['peak']}), "
        f"{_count(r['false_alarms'])} elsewhere in it."
        for r in rows
    )


def _bullets(lines: Any) -> str:
    return "\n".join(f"- {line}" for line in lines)

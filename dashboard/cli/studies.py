"""Commands about studies: add, run, cases, findings, export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ..errors import OverreadError, UsageError
from ..terms import Role, Sequence, WorkspaceKind
from .context import JsonOption, WorkspaceOption, open_workspace, script_session
from .output import Out, progress, reports_errors, table

__all__ = ["add", "cases", "export", "findings", "run"]


@reports_errors("add")
def add(
    out: Out,
    paths: Annotated[list[Path] | None, typer.Argument(help="Folders, zips or files.")] = None,
    as_: Annotated[list[str] | None, typer.Option("--as", help="A NIfTI file's sequence: t1c=FILE.")] = None,
    subject: Annotated[str | None, typer.Option(help="Join the studies to this subject.")] = None,
    study: Annotated[str | None, typer.Option(help="The study that --prediction belongs to.")] = None,
    prediction: Annotated[
        Path | None, typer.Option(help="Somebody else's result: SEG, RTSTRUCT, NIfTI labels; events.tsv, EDF+, .lay.")
    ] = None,
    model_name: Annotated[str, typer.Option(help="Who made --prediction.")] = "",
    model_version: Annotated[str, typer.Option(help="Its version.")] = "",
    demonstration: Annotated[bool, typer.Option(help="Make a demonstration workspace at first use.")] = False,
    as_demonstration: Annotated[bool, typer.Option(help="Allow real data in a demonstration workspace.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in studies (DICOM, NIfTI, recordings), or another tool's result for one."""
    from ..casework import add_paths, add_prediction

    kind = WorkspaceKind.DEMONSTRATION if demonstration else WorkspaceKind.CLINICAL
    place = open_workspace(workspace, create=kind)
    if prediction is not None:
        if not (study and model_name and model_version):
            raise UsageError(
                "The result was not taken in.",
                "--prediction needs --study, --model-name and --model-version.",
                "Name all three.",
            )
        made = add_prediction(place, place.study(study), prediction, model_name=model_name, model_version=model_version)
        out.show(
            f"{study}: {len(made.findings)} findings of {model_name} {model_version}, prediction {made.digest[:12]}"
        )
        out.finish({"added": [{"study": study, "kind": "prediction", "path": prediction.name}], "refused": []})
        return
    with progress(out, "Adding") as step:
        report = add_paths(
            place,
            paths or [],
            as_sequences=_as_sequences(as_ or []),
            subject=subject,
            as_demonstration=as_demonstration,
            on_progress=step,
        )
    for added in report.added:
        aside = f" (set aside: {', '.join(added.set_aside)})" if added.set_aside else ""
        out.show(f"{added.study}  {added.kind}  {added.path}{'' if added.new else '  already here'}{aside}")
    for refused in report.refused:
        out.say(f"{refused.path}: {refused.what} {refused.why} {refused.what_to_do} [{refused.code}]")
    out.finish(
        {"added": [asdict(a) for a in report.added], "refused": [asdict(r) for r in report.refused]},
        ok=bool(report.added),
    )


def _as_sequences(given: list[str]) -> dict[Sequence, Path]:
    named: dict[Sequence, Path] = {}
    for text in given:
        name, _, path = text.partition("=")
        if name.lower() not in set(Sequence) or not path:
            raise UsageError(
                f"--as {name} was not understood.",
                "It names a sequence and a file, as in t1c=FILE.",
                f"Sequences are {', '.join(Sequence)}.",
            )
        named[Sequence(name.lower())] = Path(path)
    return named


@reports_errors("run")
def run(
    out: Out,
    studies: Annotated[list[str] | None, typer.Argument(help="Studies; none: with --all, every one.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every study without a result.")] = False,
    model: Annotated[str | None, typer.Option(help="The model's id; else the one for the kind of study.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or openvino.")] = None,
    jobs: Annotated[int, typer.Option(help="Studies at once; one leaves the machine usable.")] = 1,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the models read studies."""
    from ..casework import run_study

    place = open_workspace(workspace)
    if bool(studies) == all_:
        raise UsageError("Nothing was run.", "Name studies, or say --all, not both.", "`overread cases` lists them.")
    chosen = list(studies or place.study_ids())
    made, failed = [], []
    with progress(out, "Running") as step:
        for number, (study, outcome) in enumerate(
            run_study.each(place, chosen, model, device or str(place.settings["inference.device"]), max(1, jobs), step)
        ):
            step(number + 1, len(chosen), study)
            if isinstance(outcome, OverreadError):
                failed.append({"study": study, **outcome.as_dict()})
                out.say(f"{study}: {outcome.what} {outcome.why} {outcome.what_to_do} [{outcome.code}]")
            else:
                made.append(
                    {
                        "study": study,
                        "model": outcome.model.id,
                        "prediction": outcome.digest,
                        "findings": len(outcome.findings),
                        "seconds": round(outcome.seconds, 2),
                        "engine": outcome.provider,
                        "warnings": list(outcome.warnings),
                    }
                )
                out.show(
                    f"{study}  {outcome.model.id} {outcome.model.version}  {len(outcome.findings)} findings  "
                    f"{outcome.seconds:.1f} s  {outcome.provider}"
                )
    out.finish({"predictions": made, "failed": failed}, ok=bool(made) or not chosen)


@reports_errors("cases")
def cases(
    out: Out,
    order: Annotated[str, typer.Option(help="first_added, last_added, risk or disagreement.")] = "first_added",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the studies, their state and what was found wrong with their files."""
    from ..casework import case_list

    place = open_workspace(workspace)
    listed = case_list(place, script_session("overread"), order)
    out.show(
        table(
            ["study", "kind", "subject", "series or channels", "state", "issues"],
            [[c.study, c.kind, c.subject, c.series_or_channels, c.state_words, str(len(c.issues))] for c in listed],
        )
    )
    out.finish({"cases": [c.as_dict() for c in listed]})


@reports_errors("findings")
def findings(
    out: Out,
    study: Annotated[str, typer.Argument(help="The study's pseudonym.")],
    reader: Annotated[str, typer.Option(help="Who looks.")] = "script",
    operator: Annotated[bool, typer.Option(help="Show a study that is read blind; it leaves a row.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a study's findings with their verdicts."""
    from ..casework import finding_list

    place = open_workspace(workspace)
    listed = finding_list(place, script_session(reader), place.study(study), operator=operator)
    out.show(
        table(
            ["finding", "kind", "side", "size", "score", "model", "verdict"],
            [[f.id, f.kind, f.side, f.size_words, f.score_words, f.model, f.verdict or "open"] for f in listed],
        )
    )
    out.finish({"findings": [f.as_dict() for f in listed]})


@reports_errors("export")
def export(
    out: Out,
    study: Annotated[str, typer.Argument(help="The study's pseudonym.")],
    format_: Annotated[
        str, typer.Option("--format", help="nifti, dicom-seg, dicom-sr, dicom-sc, events-tsv, edf, event-summary, csv.")
    ],
    to: Annotated[Path, typer.Option(help="The folder that receives the files.")] = Path(),
    reader: Annotated[str, typer.Option(help="Whose verdicts; who looks.")] = "script",
    operator: Annotated[bool, typer.Option(help="Export a study that is read blind; it leaves a row.")] = False,
    segmentation_type: Annotated[str, typer.Option(help="dicom-seg: binary, fractional or labelmap.")] = "binary",
    include: Annotated[str, typer.Option(help="DICOM: rejected, unsure, unreviewed findings too, by comma.")] = "",
    identified: Annotated[bool, typer.Option(help="DICOM: the source's identity and UIDs; it leaves a row.")] = False,
    source: Annotated[Path | None, typer.Option(help="DICOM: the study's own files, copied without names.")] = None,
    verdicts: Annotated[str, typer.Option(help="mine or adjudicated; else adjudicated where decided.")] = "",
    role: Annotated[
        Role, typer.Option(help="In what capacity; --identified needs operator or engineer.")
    ] = Role.OPERATOR,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a study's results as files."""
    from ..casework import ExportOptions, export_study

    place = open_workspace(workspace)
    included = tuple(word.strip() for word in include.split(",") if word.strip())
    options = ExportOptions(segmentation_type, included, identified, source, verdicts)
    session = script_session(reader, role)
    files = export_study(place, session, place.study(study), format_, to, operator=operator, options=options)
    for file in files:
        out.show(str(file))
    out.finish({"files": [str(f) for f in files]})

"""The browser's rules from score to events are Python's: the same events, number for number, on thousands of made-up curves."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashboard.eeg import risk_events

RUN = Path(__file__).resolve().parent / "eeg" / "run_rules.mjs"
_SCORES = st.one_of(st.none(), st.sampled_from([0.0, 0.45, 0.5, 0.9, 1.0]), st.floats(0, 1, width=32))


@st.composite
def cases(draw):
    """A curve on a regular grid in single precision, windows missing here and there, with gaps and any sound rules."""
    step = draw(st.sampled_from([1.0, 2.0, 0.5, 0.1]))
    count = draw(st.integers(0, 60))
    kept = draw(st.lists(st.booleans(), min_size=count, max_size=count)) if draw(st.booleans()) else [True] * count
    times = [float(np.float32(5.0 + n * step)) for n in range(count) if kept[n]]
    high, low = sorted(draw(st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99))), reverse=True)
    nearly = st.floats(-1, 70 * step, allow_nan=False) | st.integers(0, 60).map(lambda n: 5.0 + n * step / 2)
    return {
        "times": times,
        "scores": draw(st.lists(_SCORES, min_size=len(times), max_size=len(times))),
        "step_s": step,
        "rules": {
            "on": high,
            "off": draw(st.sampled_from([low, high])),
            "min_duration_s": draw(st.sampled_from([0.0, 2.0, 10.0]) | st.floats(0, 20)),
            "merge_gap_s": draw(st.sampled_from([0.0, 1.0, 4.0]) | st.floats(0, 20)),
        },
        "gaps": draw(st.lists(st.tuples(nearly, st.floats(0.01, 10 * step)), max_size=3)),
    }


def _in_python(case):
    scores = [np.nan if score is None else score for score in case["scores"]]
    found = risk_events(case["times"], scores, step_s=case["step_s"], breaks=case["gaps"], **case["rules"])
    return [[event.onset_s, event.duration_s, event.peak] for event in found]


def test_the_same_curves_give_the_same_events_in_both_languages():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    made = []

    @settings(max_examples=3000, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=cases())
    def collect(case):
        made.append(case)

    collect()
    ran = subprocess.run(
        [node, str(RUN)], input=json.dumps(made), capture_output=True, text=True, timeout=120, check=True
    )
    found, expected = json.loads(ran.stdout), [_in_python(case) for case in made]
    assert sum(map(len, expected)) > 500 and sum(len(events) > 1 for events in expected) > 50
    assert any(None in case["scores"] and events for case, events in zip(made, expected, strict=True))
    for case, here, there in zip(made, expected, found, strict=True):
        assert here == there, case

"""The digest of an array is that of its values and place, however they lie in memory."""

from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.files import array_digest


def by_definition(array, affine):
    """As the design defines it: header, affine, then the little-endian values in C order."""
    kind = array.dtype.newbyteorder("<")
    head = f"overread array 1\n{kind.str}\n{','.join(map(str, array.shape))}\n".encode()
    return hashlib.sha256(
        head + affine.astype("<f8").tobytes() + np.ascontiguousarray(array).astype(kind).tobytes()
    ).hexdigest()


@given(
    st.tuples(st.integers(1, 70), st.integers(1, 11), st.integers(1, 9)),
    st.permutations(range(3)),
    st.tuples(*[st.sampled_from([1, -1, 2])] * 3),
    st.sampled_from(["<i2", ">i2", "<f4", "|u1"]),
)
def test_order_and_steps_in_memory_play_no_part(shape, order, steps, kind):
    array = np.random.default_rng(0).integers(0, 99, shape).astype(kind)
    view = array.transpose(order)[tuple(slice(None, None, step) for step in steps)]
    affine = np.diag([0.5, -2.0, 3.0, 1.0])
    affine[0, 1] = -7.25
    affine += 0.0
    expected = by_definition(view, affine)
    assert array_digest(view, affine) == expected
    assert array_digest(np.asfortranarray(view), affine) == expected
    assert array_digest(np.ascontiguousarray(view), affine) == expected

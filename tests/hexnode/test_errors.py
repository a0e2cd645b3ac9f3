"""The errors of the Hexnode package."""

import pickle

import pytest

from scim_bridge.hexnode.errors import HexnodeError, KeyRefused, Rejected, Throttled, Uncertain, WrongShape


@pytest.mark.parametrize(("length", "kept"), [(299, 299), (300, 300), (301, 300)])
def test_a_detail_is_cut_at_300_letters(length, kept):
    assert len(str(Uncertain("x" * length))) == kept


@pytest.mark.parametrize(
    "error",
    [
        Throttled(57.0, "slow down"),
        Uncertain("cut"),
        Rejected(400, "no"),
        WrongShape(400, "list"),
        KeyRefused(401, "bad"),
    ],
)
def test_an_error_reads_as_its_detail_and_survives_a_journey_between_processes(error: HexnodeError):
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert str(copy) == error.detail
    assert vars(copy) == vars(error)

"""Signals are noted and not obeyed."""

import os
import signal

import pytest

from scim_bridge.cli.signals import told_to_end


@pytest.fixture(autouse=True)
def handlers():
    """What the test runner wants done about these signals is put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_nobody_told_us_before_a_signal_came():
    assert told_to_end()() is False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_noted(number):
    told = told_to_end()
    os.kill(os.getpid(), number)
    assert told() is True

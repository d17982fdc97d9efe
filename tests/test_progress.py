"""Progress is for people who wait at a terminal: not for pipes, and not for steps that are quick."""

from __future__ import annotations

import io
import sys
import time

import pytest

from simcert.commands.common import progress


class Screen(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(("terminal", "seconds", "shown"), [(True, 1.3, True), (True, 0.01, False), (False, 1.3, False)])
def test_only_long_steps_at_a_terminal_show_progress(monkeypatch: pytest.MonkeyPatch, terminal: bool, seconds: float, shown: bool) -> None:
    screen = Screen(terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(KeyboardInterrupt), progress("thinking"):
        time.sleep(seconds)
        raise KeyboardInterrupt
    said = screen.getvalue()
    assert ("thinking" in said) == shown
    time.sleep(0.2)
    assert screen.getvalue() == said

"""Waiting for a condition with a deadline; nothing here sleeps for its own sake."""
import threading
import time

POLL_SECONDS = 0.02
DEADLINE_SECONDS = 60


class Late(AssertionError):
    """The deadline passed before the condition held."""


def wait_until(condition, what, deadline=DEADLINE_SECONDS, show=None):
    """Returns the condition's first true value. Late says what was waited for and what there was instead."""
    end = time.monotonic() + deadline
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            there = f'; there is {show() if show else value!r}'
            raise Late(f'after {deadline} s still waiting for {what}{there}')
        pause.wait(POLL_SECONDS)

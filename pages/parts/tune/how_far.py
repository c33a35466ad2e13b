"""How far a search or a study is, in words: of one run and of several."""

from pages.parts.shared.language import _


def done_of(done: int, count: int) -> str:
    """Say how many of its runs have ended."""
    if count == 1:
        return _("{done} of 1 run.", done=done)
    return _("{done} of {count} runs.", done=done, count=count)


def finished_after(count: int) -> str:
    """Say that all its runs have ended."""
    return _("Finished: 1 run.") if count == 1 else _("Finished: {count} runs.", count=count)


def stopped_after(count: int) -> str:
    """Say that somebody, or a failure, stopped it."""
    return _("Stopped after 1 run.") if count == 1 else _("Stopped after {count} runs.", count=count)

"""How a search or a study has ended, in words: of one run and of several."""

from pages.parts.shared.language import _


def finished_after(count: int) -> str:
    """Say that all its runs have ended."""
    return _("Finished: 1 run.") if count == 1 else _("Finished: {count} runs.", count=count)


def stopped_after(count: int) -> str:
    """Say that somebody, or a failure, stopped it."""
    return _("Stopped after 1 run.") if count == 1 else _("Stopped after {count} runs.", count=count)

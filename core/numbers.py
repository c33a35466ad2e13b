"""Numbers as a reader meets them on every page."""


def percent_text(percent: float) -> str:
    """Write 0 to 100 in at most four characters; a little is never written as nothing."""
    if percent >= 99.95:
        return "100"
    if percent <= 0:
        return "0"
    return f"{percent:.1f}" if percent >= 0.05 else "<0.1"

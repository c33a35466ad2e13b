"""Is it luck? What the seeds of the compared settings say, in sentences, and a press for more seeds."""

from collections.abc import Sequence

import streamlit as st

from core.data.catalog import CATALOG
from core.evaluation.luck import (
    SEEDS,
    Comparison,
    Verdict,
    among,
    compare_by_seed,
    in_words,
    mean_interval,
    points_of,
)
from core.evaluation.seed_groups import SeedGroup
from core.evaluation.shares import wilson_interval
from core.numbers import percent
from pages.parts.compare.names import sentence_names
from pages.parts.compare.repeat import show_repeat
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

_ICONS = {
    Verdict.MORE: ":material/check_circle:",
    Verdict.LESS: ":material/check_circle:",
    Verdict.LUCK: ":material/casino:",
    Verdict.ONE_OF_MANY: ":material/casino:",
    Verdict.UNKNOWN: ":material/help:",
}


def show_luck(groups: Sequence[SeedGroup]) -> None:
    """Show what another seed would change, and whether the settings differ by more than that."""
    st.header(_("Is it luck?"))
    first = groups[0]
    same = [group for group in groups if group.first.config.dataset == first.first.config.dataset]
    if len(same) < len(groups):
        st.caption(_("Only runs with the images of the first one can be held against it."))
    names = dict(zip((group.first.id for group in same), sentence_names(same), strict=True))
    tested = [group for group in same if group.tested]
    if not tested:
        st.info(
            _("Luck can be told once runs have been trained to their end."), icon=":material/hourglass_empty:"
        )
    elif len(same) == 1:
        _tell_spread(first)
    else:
        _tell_comparisons(tested, names)
    show_repeat(same)
    if tested:
        _tell_sampling(tested[0])


def _tell_spread(group: SeedGroup) -> None:
    """Say how far the seeds of the only setting are apart."""
    values = list(group.tested.values())
    found = mean_interval(values)
    if found.count == 1:
        st.markdown(
            _(":material/help: One run tells nothing about luck: repeat it with {seeds} seeds.", seeds=SEEDS)
        )
        return
    st.markdown(
        _(
            ":material/casino: {count} seeds of one setting read {mean} on average, from {low} to {high}. A "
            "single run is {deviation} points off that (standard deviation): no smaller difference counts.",
            count=found.count,
            mean=percent(found.mean),
            low=percent(min(values)),
            high=percent(max(values)),
            deviation=points_of(found.deviation),
        )
    )


def _tell_comparisons(tested: Sequence[SeedGroup], names: dict[str, str]) -> None:
    """Hold every setting against the first one, each in a sentence."""
    first, *others = tested
    found = among([compare_by_seed(group.tested, first.tested) for group in others])
    lines = [
        f"- {_ICONS[one.verdict]} {escape(_(in_words(one, names[group.first.id], names[first.first.id])))}"
        for one, group in zip(found, others, strict=True)
    ]
    if lines:
        # That one run each tells nothing is said once, however many there are.
        st.markdown("\n".join(dict.fromkeys(lines)))
    known = [one for one in found if one.verdict is not Verdict.UNKNOWN]
    if len(known) > 1:
        st.caption(
            _(
                "{count} comparisons at once: each has to be clearer than one alone (Holm), as among twenty "
                "of a setting with itself one looks like a difference.",
                count=len(known),
            ),
            help=_method(known[0]),
        )
    elif known:
        one = known[0]
        st.caption(
            _("p {p}: how often chance alone makes so large a difference.", p=_p(one)), help=_method(one)
        )


def _method(found: Comparison) -> str:
    """Say how two settings were compared."""
    if found.paired:
        return _(
            "Paired t test over the test accuracies, two-sided at 5 %: runs of equal seeds are held against "
            "each other, as they have much in common, and so the interval is that of their differences."
        )
    return _(
        "Welch's t test over the test accuracies, two-sided at 5 %, with the interval of the difference of "
        "the means. With three or more equal seeds of both, pairs would be compared, which finds more."
    )


def _p(found: Comparison) -> str:
    return "< 0.001" if found.p_value < 0.001 else f"= {found.p_value:.3f}"


def _tell_sampling(group: SeedGroup) -> None:
    """Tell the luck of the test images from that of the seed."""
    count = CATALOG[group.first.config.dataset].shapes["test_images"][0]
    accuracy = next(iter(group.tested.values()))
    low, high = wilson_interval(round(accuracy * count), count)
    st.caption(
        _(
            "Another luck is that of the test images: {accuracy} of {count} means {low} to {high} of all "
            "digits there are. All runs here read the same ones, so their difference feels it much less.",
            accuracy=percent(accuracy),
            count=f"{count:,}",
            low=percent(low, 1),
            high=percent(high, 1),
        )
    )

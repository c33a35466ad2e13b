"""What a study says, in sentences for a student: what to see in its picture, and what to take from it."""

from collections.abc import Sequence

import numpy as np

from core.evaluation.luck import points_of
from core.evaluation.studies import FEWEST_FOR_LAW, Grid, Level, RateFinding, power_law
from core.numbers import percent, text_of
from core.sentences import say

# Networks this near to the best one are said to read as well: what another seed changes.
_AS_GOOD = 0.003
# Training images so well known are learnt by heart.
_BY_HEART = 0.995
# From this much on training and validation stand apart.
_APART = 0.02
_NOTHING_YET = say("The first runs have not ended yet.")
_ONE_VALUE = say("One value has been measured so far: it takes two to compare.")


def rate_words(found: RateFinding) -> str:
    """Say which learning rate to take, and why."""
    if found.lowest is None or found.suggested is None or found.learns_from is None:
        return say(
            "The loss has not fallen at any rate so far: wait for the run's end, or look at the first "
            "weights and the activation."
        )
    sentence = say(
        "The loss begins to fall at a rate of about {begin} and is lowest at {lowest}. Take a third of that, "
        "{suggested}: still quick, and safely below the edge.",
        begin=_rate(found.learns_from),
        lowest=_rate(found.lowest),
        suggested=text_of(found.suggested),
    )
    if found.runs_away is None:
        return sentence
    return say("{sentence} From {away} on it runs away.", sentence=sentence, away=_rate(found.runs_away))


def batch_words(levels: Sequence[Level]) -> str:
    """Say what the size of the batch changes: how much is read right, and how long it takes."""
    if len(levels) < 2:
        return _ONE_VALUE if levels else _NOTHING_YET
    best = max(levels, key=lambda one: one.accuracy.mean)
    largest = levels[-1]
    sentence = say(
        "With the same epochs and learning rate, batches of {size} read most right: {accuracy}.",
        size=f"{best.value:,.0f}",
        accuracy=percent(best.accuracy.mean),
    )
    if largest is best:
        return sentence
    lost = points_of(best.accuracy.mean - largest.accuracy.mean)
    if best.seconds and largest.seconds and largest.seconds < best.seconds:
        return say(
            "{sentence} Batches of {size} are {times} times as fast and read {points} points fewer: an epoch "
            "has fewer steps.",
            sentence=sentence,
            size=f"{largest.value:,.0f}",
            times=f"{best.seconds / largest.seconds:.1f}",
            points=lost,
        )
    return say(
        "{sentence} Batches of {size} read {points} points fewer: an epoch has fewer steps.",
        sentence=sentence,
        size=f"{largest.value:,.0f}",
        points=lost,
    )


def shape_words(grid: Grid) -> str:
    """Say which shape reads most, and which small one reads nearly as much."""
    known = np.isfinite(grid.accuracy).sum()
    if known < 2:
        return _ONE_VALUE if known else _NOTHING_YET
    best = np.unravel_index(np.nanargmax(grid.accuracy), grid.accuracy.shape)
    most = float(grid.accuracy[best])
    is_as_good = grid.accuracy >= most - _AS_GOOD
    small = np.unravel_index(
        np.where(is_as_good, grid.parameters, np.iinfo(np.int64).max).argmin(), grid.parameters.shape
    )
    sentence = say(
        "{shape} reads most right: {accuracy}, with {parameters} weights.",
        shape=_shape(grid, best),
        accuracy=percent(most),
        parameters=f"{int(grid.parameters[best]):,}",
    )
    if small == best:
        return say(
            "{sentence} None of the smaller ones is within {points} points of it.",
            sentence=sentence,
            points=points_of(_AS_GOOD),
        )
    return say(
        "{sentence} {small} reads {points} points fewer with {parameters}: about what another seed changes.",
        sentence=sentence,
        small=_shape(grid, small),
        points=points_of(most - float(grid.accuracy[small])),
        parameters=f"{int(grid.parameters[small]):,}",
    )


def data_words(levels: Sequence[Level]) -> str:
    """Say what more data would bring, and whether little data is learnt by heart."""
    if len(levels) < 2:
        return _ONE_VALUE if levels else _NOTHING_YET
    fewest, most = levels[0], levels[-1]
    sentences = []
    if fewest.training is not None and fewest.training >= _BY_HEART:
        gap = fewest.training - fewest.accuracy.mean
        if gap > _APART:
            sentences.append(
                say(
                    "{images} images are learnt by heart: {training} of them are read right, and {other} of "
                    "new ones.",
                    images=f"{fewest.value:,.0f}",
                    training=percent(fewest.training),
                    other=percent(fewest.accuracy.mean),
                )
            )
    law = power_law(levels)
    if len(levels) < FEWEST_FOR_LAW:
        sentences.append(say("What more images bring can be told from three values on."))
    elif law is None:
        sentences.append(say("More images do not make fewer mistakes here."))
    else:
        now, doubled = 1 - most.accuracy.mean, law.error(2 * most.value)
        sentences.append(
            say(
                "Ten times the images leave about {share} of the mistakes; twice as many as the {images} "
                "here would lead to about {error} instead of {now}.",
                share=f"{100 * 10**-law.exponent:.0f} %",
                images=f"{most.value:,.0f}",
                error=percent(min(now, doubled)),
                now=percent(now),
            )
        )
    return " ".join(sentences)


def _rate(rate: float) -> str:
    return text_of(float(f"{rate:.1g}"))


def _shape(grid: Grid, place: Sequence[np.intp]) -> str:
    row, column = (int(one) for one in place)
    return "-".join([str(grid.units[column])] * grid.layers[row])

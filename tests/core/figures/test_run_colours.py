"""One run, one look; no two alike beside each other, also for who sees fewer colours."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from core.figures.palette import NEUTRAL
from core.figures.run_colours import COLOURS, INK, STYLES, run_styles
from tests.support.run_samples import a_run

# Machado, Oliveira & Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency" (IEEE TVCG 15), severity 1.0; they act on linear RGB.
SEEN_BY = {
    "everybody": np.eye(3),
    "deuteranopes": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "protanopes": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "tritanopes": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
BACKGROUNDS = {"light": ("#FFFFFF", "#1F2933"), "dark": ("#14191F", "#E4E9EE")}


def linear(colour: str) -> np.ndarray:
    share = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ rgb / [0.9505, 1, 1.089], 1e-9))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", BACKGROUNDS)
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_colours_are_told_apart_by_all_eyes_on_both_themes(eyes: str, theme: str) -> None:
    background, ink = BACKGROUNDS[theme]
    colours = [ink if colour == INK else colour for colour in COLOURS]
    seen = [lab(np.clip(np.array(SEEN_BY[eyes]) @ linear(colour), 0, 1)) for colour in colours]
    # 2.3 is a difference that is just seen; thin lines need several of that.
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 13
    for colour in colours:
        light, dark = sorted(
            (linear(one) @ [0.2126, 0.7152, 0.0722] for one in (colour, background)), reverse=True
        )
        assert (light + 0.05) / (dark + 0.05) > 2.2
    assert NEUTRAL not in colours  # it means what is no run


def test_twenty_runs_differ_and_each_keeps_its_look_whoever_is_beside_it() -> None:
    runs = [a_run(number) for number in range(1, 61)]
    alone = {run.id: run_styles([run])[run.id] for run in runs}
    for start in range(41):
        some = runs[start : start + 20]
        found = run_styles(some)
        assert found == {run.id: alone[run.id] for run in some}
        assert len(set(found.values())) == 20
    assert run_styles(list(reversed(runs[:20]))) == run_styles(runs[:20])


def test_runs_of_one_number_give_way_in_an_order_that_does_not_change() -> None:
    runs = [replace(a_run(3), id=f"{place:012x}") for place in range(20)]
    found = run_styles(runs)
    assert len(set(found.values())) == 20
    assert run_styles(runs[::-1]) == found
    assert found[runs[0].id] == run_styles(runs[:1])[runs[0].id]
    more = [a_run(place) for place in range(1, 3 * len(STYLES))]
    assert set(run_styles(more).values()) == set(STYLES)  # and comes to an end

"""What runs and settings are called beside each other: by what tells them apart."""

from collections import Counter
from collections.abc import Sequence

from core.config.differences import side_by_side
from core.evaluation.seed_groups import SeedGroup
from core.numbers import NO_VALUE
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import own_name, run_name
from pages.parts.shared.workspace import workspace

# A name has so many settings: more would not be read.
_MOST_SETTINGS = 2


def group_names(groups: Sequence[SeedGroup]) -> list[str]:
    """Return for each group its runs and, if there are several groups, the settings that tell it apart."""
    settings = _settings(groups, has_seed=True)
    runs = [_runs_of(group) for group in groups]
    return [f"{run} · {setting}" if setting else run for run, setting in zip(runs, settings, strict=True)]


def runs_names(groups: Sequence[SeedGroup]) -> list[str]:
    """Return for each group the runs that it has, as the head of a column."""
    return [
        f"{runs} · {own_name(group.first)}" if group.first.name and len(group.runs) == 1 else runs
        for runs, group in zip(map(_runs_of, groups), groups, strict=True)
    ]


def sentence_names(groups: Sequence[SeedGroup]) -> list[str]:
    """Return for each group the settings that tell it apart, and its runs where these do not."""
    settings = _settings(groups, has_seed=False)
    times = Counter(settings)
    return [
        setting if setting and times[setting] == 1 else f"{setting} ({runs})" if setting else runs
        for setting, runs in zip(settings, map(_runs_of, groups), strict=True)
    ]


def _settings(groups: Sequence[SeedGroup], *, has_seed: bool) -> list[str]:
    """Return what a group has of the settings in which the groups differ, in words; empty if there are none.

    Of one run that has a name it is the name. Of several seeds none is told.
    """
    elsewhere = {place for place, group in enumerate(groups) if group.first.imported}
    rows = side_by_side([group.first.config for group in groups], elsewhere)
    found = []
    for place, group in enumerate(groups):
        is_single = len(group.runs) == 1
        if is_single and group.first.name:
            found.append(own_name(group.first))
            continue
        told = [
            _(row.in_a_line(place))
            for row in rows
            if row.values[place] != NO_VALUE and (row.setting != "seed" or (has_seed and is_single))
        ]
        found.append(", ".join(told[:_MOST_SETTINGS]))
    return found


def _runs_of(group: SeedGroup) -> str:
    mine = workspace()
    if len(group.runs) == 1:
        return run_name(group.first, mine)
    return _("{run} with {count} seeds", run=run_name(group.first, mine), count=len(group.runs))

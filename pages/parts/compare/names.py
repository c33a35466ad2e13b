"""What runs and settings are called beside each other: by what tells them apart."""

from collections import Counter
from collections.abc import Sequence

from core.config.differences import SettingRow, side_by_side
from core.evaluation.seed_groups import SeedGroup
from core.numbers import NO_VALUE
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import run_name
from pages.parts.shared.workspace import workspace

# A name has so many settings: more would not be read.
_MOST_SETTINGS = 2


def group_names(groups: Sequence[SeedGroup]) -> list[str]:
    """Return for each group its runs and, if there are several groups, the settings that tell it apart."""
    settings = setting_names(groups)
    runs = [_runs_of(group) for group in groups]
    return [f"{run} · {setting}" if setting else run for run, setting in zip(runs, settings, strict=True)]


def sentence_names(groups: Sequence[SeedGroup]) -> list[str]:
    """Return for each group the settings that tell it apart, and its runs where these do not."""
    settings = setting_names(groups)
    times = Counter(settings)
    return [
        setting if setting and times[setting] == 1 else f"{setting} ({runs})" if setting else runs
        for setting, runs in zip(settings, map(_runs_of, groups), strict=True)
    ]


def setting_names(groups: Sequence[SeedGroup]) -> list[str]:
    """Return what a group's settings are in which the groups differ, in words; empty if there are none.

    Of one run that has a name it is the name.
    """
    rows = side_by_side([group.first.config for group in groups])
    several = [len(group.runs) > 1 for group in groups]
    return [
        group.first.name
        if group.first.name and not many
        else ", ".join(_told(rows, place, has_seed=not many))
        for place, (group, many) in enumerate(zip(groups, several, strict=True))
    ]


def _told(rows: Sequence[SettingRow], place: int, *, has_seed: bool) -> list[str]:
    told = [
        _(row.in_a_line(place))
        for row in rows
        if row.values[place] != NO_VALUE and (has_seed or row.setting != "seed")
    ]
    return told[:_MOST_SETTINGS]


def _runs_of(group: SeedGroup) -> str:
    mine = workspace()
    if len(group.runs) == 1:
        return run_name(group.first, mine)
    return _("{run} with {count} seeds", run=run_name(group.first, mine), count=len(group.runs))

"""Drawings that settings ask for: taken as a run is made and kept with it, like those of a taught run.

So a run that is repeated, forked, resumed or trained on another machine learns what it learnt before,
whatever is drawn or deleted meanwhile.
"""

from collections.abc import Iterable
from dataclasses import replace

from core.config import TrainingConfig
from core.store.drawing_choice import check_drawings, whose_drawings
from core.store.drawings import LabelledDrawings
from core.store.records import Run
from core.store.teaching import RunTeaching, as_file, lesson_of


class DrawingsToLearn(RunTeaching, LabelledDrawings):
    """The part of `RunStore` that takes drawings for a new run."""

    def _lesson_file(self, config: TrainingConfig, workspace: str, like: Iterable[Run] = ()) -> bytes | None:
        """Return the file of the drawings that a new run learns; None for one that learns none.

        Parameters
        ----------
        like
            Runs whose drawings it learns: those of the first one that learns the same people's. Without
            one they are taken from what is there now.

        Raises
        ------
        ConfigError
            If there are too few drawings.
        ModelError
            If the file of a run that it is to be like is damaged.
        """
        wanted = _choice(config)
        for run in like:
            if _choice(run.config) == wanted and (lesson := self.lesson(run.id)) is not None:
                share = config.drawings_share if config.learns_drawings else lesson.share
                return as_file(replace(lesson, share=share))
        if not config.learns_drawings:
            return None
        with self._database.transaction() as connection:
            check_drawings(connection, config, workspace)
        found = self.drawing_set(whose_drawings(config, workspace))
        lesson = lesson_of(found.images, found.labels, found.held_back, share=config.drawings_share)
        return as_file(lesson)


def _choice(config: TrainingConfig) -> str:
    return config.as_it_counts().drawings

"""The time machine: one slider over the epochs of a run whose network is kept, and the way on from there."""

from pages.parts.shared.epoch_slider.going_on import show_parent, show_train_on
from pages.parts.shared.epoch_slider.slider import choose_epoch

__all__ = ["choose_epoch", "show_parent", "show_train_on"]

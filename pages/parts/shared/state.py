"""The keys of `st.session_state`: every one that the pages use, in one place.

Keys of widgets that repeat (one per hidden layer) are made by functions here, so
that two pages can never use the same word for two things.
"""

from typing import Any

import streamlit as st

WORKSPACE = "workspace"
# Whether the workspace began in this session; those it has left, and those of other tabs it has refused.
WORKSPACE_IS_NEW = "workspace_is_new"
WORKSPACES_LEFT = "workspaces_left"
WORKSPACES_REFUSED = "workspaces_refused"
COOKIE = "digitlab_cookie"
# The language of the page, whether it was chosen by hand, the switch, and what tells the browser.
LANGUAGE = "language_of_page"
LANGUAGE_IS_CHOSEN = "language_is_chosen"
LANGUAGE_SWITCH = "language_switch"
LANGUAGE_TOLD = "digitlab_language"
# Components that speak to the browser: its address, its other tabs.
ADDRESS = "digitlab_address"
OTHER_TABS = "digitlab_other_tabs"
# Train page: leaving the workspace
LEAVE = "leave_workspace"
LEAVE_YES = "leave_workspace_yes"
LEAVE_NO = "leave_workspace_no"
LEAVING = "leaving_workspace"

# Train page: the form. What it made last, what this or another page wants in it, what it held last.
FORM_CONFIG = "config_made"
FORM_WANTED = "config_wanted"
FORM_DRAWN = "drawn_values"
LINK_PROBLEMS = "link_problems"
LINK_CONFIG = "link_config"
# The run that was asked for when the address was written.
LINK_RUN = "link_run"
# What was pressed, until the form has been read: the whole run, or its first step.
TRAIN_PRESSED = "train_pressed"
WHOLE_RUN, FIRST_STEP = "whole_run", "first_step"
SPEED = "speed_of_runs"
# Large type and no form, for a class that looks at a wall. A parameter of the address too, under this name.
PRESENT = "present"
LAYER_COUNT = "form_layer_count"
# The recipe that the form held last, by name.
RECIPE = "recipe"
DATASET = "form_dataset"

# Train page: the run on show and how its chart is drawn
# The run that was asked for, None for the newest; and the widget that lists them.
RUN_ID = "run_id"
RUN_PICKED = "run_picked"
# The run that the page was last drawn with.
RUN_SHOWN = "run_shown"
# Deleted in this session, by id: number, and when on the monotonic clock.
DELETED_RUNS = "deleted_runs"
TRAIN_PROBLEM = "train_problem"
# Set where a part of the page that is drawn alone has changed what others show.
PAGE_IS_BEHIND = "page_is_behind"
CHART_LOGARITHMIC = "chart_logarithmic"
CHART_SMOOTHING = "chart_smoothing"
LOOK_INSIDE = "look_inside"
OVER_EPOCHS = "over_epochs"
CHART_GHOSTS = "chart_ghosts"

# Evaluate and Draw: the run chosen last, and the newest own run at that time
CHOSEN_RUN = "chosen_run"
# The run on show on the page that is open while its address names none.
UNNAMED_RUN = "unnamed_run"

# Evaluate page: the cell of the confusion matrix whose images are shown
CELL_TRUE = "cell_true"
CELL_READ_AS = "cell_read_as"
CELL_LIMIT = "cell_limit"
CELL_MORE = "cell_more"
ROW_PERCENT = "row_percent"
# Accuracy against coverage: whether it is unfolded, and how sure a network must be to answer, on Draw too.
COVERAGE = "coverage"
COVERAGE_CHART = "coverage_chart"
LEAST_CONFIDENCE = "least_confidence"

# Compare page: the ids of the runs that are chosen, and of those that are compared, no more than can be; the
# list in which they are picked, the way of looking
CHOSEN_RUNS = "chosen_runs"
COMPARED = "compared_runs"
COMPARED_PICKED = "compared_picked"
COMPARE_VIEW = "compare_view"
# Compare page, curves: the chart, what stands below, which curves, logarithmic axes, smoothing, seeds as one.
OVERLAY, OVERLAY_AXIS, OVERLAY_KINDS = "overlay", "overlay_axis", "overlay_kinds"
OVERLAY_LOGARITHMIC, OVERLAY_LOGARITHMIC_AXIS = "overlay_logarithmic", "overlay_logarithmic_axis"
OVERLAY_SMOOTHING, OVERLAY_BANDS = "overlay_smoothing", "overlay_bands"
# Compare page, luck: the press for more seeds, the experiment that makes them, and why none could be begun.
REPEAT = "repeat_with_seeds"
REPEATED = "compare_repeated"
REPEAT_PROBLEM = "compare_repeat_problem"
# Bring it back: what was brought last, what its pixels were, what it is tested on, how many files were taken.
BROUGHT, BROUGHT_FILES_TAKEN = "brought", "brought_files_taken"
BROUGHT_SCALE, BROUGHT_DATASET = "brought_scale", "brought_dataset"
# Its table: the component, the one that brings it news, what the session knows of it (run_table/known.py).
RUN_TABLE = "run_table"
RUN_TABLE_NEWS = "run_table_news"
TABLE_KNOWN = "run_table_known"

# Compare page, A against B: the group of images that is open, or the cell (by A, by B); how many are shown
AGAINST_GROUP = "against_group"
AGAINST_CELL = "against_cell"
AGAINST_LIMIT = "against_limit"

# Compare page, duel: whose settings A has, in what B differs, how many seeds, what is expected and by how
# many points, why something could not be done.
DUEL_A = "duel_a"
DUEL_SETTING = "duel_setting"
DUEL_SEEDS = "duel_seeds"
DUEL_GUESS = "duel_guess_of"
DUEL_POINTS = "duel_points"
DUEL_PROBLEM = "duel_problem"

# Tune page: the search on show, the list in which it is picked, why none could be begun; the figure on show
# and the run that is chosen. The form's own keys begin with "tune_"; what they held last.
SEARCH, SEARCH_PICKED, SEARCH_PROBLEM = "search_on_show", "search_picked", "search_problem"
SEARCH_DELETED, SEARCH_FIGURE, SEARCH_TRIAL = "search_deleted", "search_figure", "search_trial"
TUNE_HELD, TUNE_BASE, TUNE_RANGES = "held_of_tune", "tune_base", "tune_ranges"
TUNE_SAMPLER, TUNE_PRUNER, TUNE_GOAL = "tune_sampler", "tune_pruner", "tune_goal"
TUNE_BUDGET, TUNE_RUNS, TUNE_MINUTES = "tune_budget", "tune_runs", "tune_minutes"
TUNE_VIEW, STUDY, STUDY_PICKED, STUDY_SEEDS = "view_of_tune", "study", "study_picked", "tune_study_seeds"

# Draw page: the picture's source, the canvas (a widget), what is on it, and what it began with
PICTURE_SOURCE = "picture_source"
CANVAS = "canvas"
CANVAS_TOOLBAR = "canvas_toolbar"
DRAWING = "drawing"
CANVAS_START = "canvas_start"
WIDE_CANVAS = "wide_canvas"
WIDE_DRAWING = "wide_drawing"
WIDE_CANVAS_START = "wide_canvas_start"
STROKE_WIDTH = "stroke_width"
# The component that reads live, a network's file and how its weights get there, what came from there, whether
# a browser could not run it; and which of `DRAWING` and `WRITTEN` has changed last.
LIVE_READING = "live_reading"
LIVE_WEIGHTS = "live_weights"
WRITTEN = "written"
LIVE_FAILED = "live_reading_failed"
DRAWN_LAST = "drawn_last"
# How exactly the weights are kept in the file that one carries about: 32 or 8 bits each.
POCKET_BITS = "pocket_bits"
# The file chosen last, as it was read, and how many were: each has an uploader of its own.
READING = "reading"
FILES_TAKEN = "files_taken"
# Learning from drawings: everybody's, the run that was begun last, and why none could be.
LEARN_FROM_ALL = "learn_from_all"
TAUGHT_RUN = "taught_run"
LEARN_PROBLEM = "learn_problem"

# Draw page: why, and break it. The folded parts, what was worked out last, the way of looking, the editor
# and what it began with.
WHY = "why"
BREAK_IT = "break_it"
WORKED_OUT = "worked_out"
WHY_METHOD = "why_method"
PIXEL_EDITOR = "pixel_editor"
EDIT_START = "edit_start"
# Draw page, my handwriting: the picture to label with its strokes, and the label that was pressed; what was
# done last, and what went wrong; the switches, how many drawings are on show, how many files were taken.
TO_LABEL = "to_label"
NUMBER_DRAWN = "number_drawn"  # its strokes, if it is several digits that were drawn
LABEL_PRESSED = "label_pressed"
LABEL_KEYS = "label_keys"
HANDWRITING_DONE = "handwriting_done"
HANDWRITING_PROBLEM = "handwriting_problem"
CLEAR_AFTER = "clear_after_label"
DRAWINGS_OPEN = "drawings_open"
EVERYONES_DRAWINGS = "everyones_drawings"
ONLY_WRONG_DRAWINGS = "only_wrong_drawings"
DRAWINGS_MATRIX = "drawings_matrix"
DRAWINGS_LIMIT = "drawings_limit"
DRAWING_FILES_TAKEN = "drawing_files_taken"
# The strokes that the live canvas is to take away, and how often it was told so.
WRITTEN_CLEARED = "written_cleared"

# Lists whose words change with the language and whose value no page sets by itself; the form's come to them.
CHOICES = (
    *(SPEED, PICTURE_SOURCE, CELL_TRUE, CELL_READ_AS, WHY_METHOD, POCKET_BITS, LEAST_CONFIDENCE),
    *(AGAINST_GROUP, DUEL_A, DUEL_SETTING, DUEL_GUESS),
    *(TUNE_VIEW, TUNE_BASE, TUNE_SAMPLER, TUNE_PRUNER, TUNE_GOAL, TUNE_BUDGET, SEARCH_FIGURE),
)


def held(key: str) -> Any:
    """Return what `st.session_state` holds for a widget; to be handed to it as its value too.

    A value set through its key is sent to the browser once. If the page is run again before
    the browser has loaded that kind of widget (a press on Train at once, images that have just
    arrived), it shows the widget's own value, and the next run takes that for the visitor's.
    """
    return st.session_state[key]


def setting(name: str) -> str:
    """Key of the widget of a setting, for all but the hidden layers."""
    return f"form_{name}"


def layer_setting(index: int, name: str) -> str:
    """Key of the widget of a setting of hidden layer `index`, from 0."""
    return f"form_layer_{index}_{name}"


def is_of_form(key: str) -> bool:
    """Tell whether a key is that of a widget of the settings form."""
    return key.startswith("form_")


def addresses(page: str) -> str:
    """Key of the addresses that `page` has written and not yet seen in the browser."""
    return f"addresses_{page}"


def new_name(run_id: str) -> str:
    """Key of the field in which a run is given a name."""
    return f"new_name_{run_id}"


def over_epochs(run_id: str) -> str:
    """Key of the histograms of a run's layers over its epochs."""
    return f"over_epochs_{run_id}"


def inside(run_id: str) -> str:
    """Key of the diagram of a run's network, and of what is pressed in it."""
    return f"inside_{run_id}"


def replaced_address(page: str) -> str:
    """Key of what `page` has put into the place of which address, until the browser says it."""
    return f"replaced_{page}"


def more_epochs(run_id: str) -> str:
    """Key of the number of epochs to add to a run."""
    return f"more_epochs_{run_id}"


def new_learning_rate(run_id: str) -> str:
    """Key of the learning rate to go on with."""
    return f"new_learning_rate_{run_id}"


def epoch_slider(page: str) -> str:
    """Key of the slider over the epochs of the run on show."""
    return f"epoch_slider_{page}"


def fork_epochs(run_id: str, epoch: int) -> str:
    """Key of how many epochs a run is to have that goes on from an epoch of this one."""
    return f"fork_epochs_{run_id}_{epoch}"


def fork_rate(run_id: str, epoch: int) -> str:
    """Key of the learning rate of such a run."""
    return f"fork_rate_{run_id}_{epoch}"


def tune(name: str, part: str) -> str:
    """Key of a widget of the Tune page's form: of a setting, and of what is asked about it."""
    return f"tune_{name}_{part}"


def is_of_tune(key: str) -> bool:
    """Tell whether a key is that of a widget of the Tune page's form."""
    return key.startswith("tune_")


def search_settings(figure: str) -> str:
    """Key of the settings that a figure of a search shows."""
    return f"search_settings_{figure}"


def against_side(letter: str) -> str:
    """Key of the list from which network A or B is chosen."""
    return f"against_side_{letter}"


def duel_value(setting: str) -> str:
    """Key of the value that B of a duel has in a setting."""
    return f"duel_value_{setting}"


def open_duel(experiment_id: str) -> str:
    """Key of the button that opens an earlier duel."""
    return f"open_duel_{experiment_id}"


def matrix_chart(name: str, clicks: int) -> str:
    """Key of a matrix that can be clicked, after a number of clicks."""
    return f"{name}_{clicks}"


def matrix_clicks(name: str) -> str:
    """Key of how often the matrix was clicked."""
    return f"{name}_clicks"


def confusion_chip(true: int, read_as: int) -> str:
    """Key of the button that opens a cell of the confusion matrix."""
    return f"confusion_chip_{true}_{read_as}"


def camera(number: int) -> str:
    """Key of the camera after so many files."""
    return f"camera_{number}"


def upload(files_taken: int) -> str:
    """Key of the uploader after so many files."""
    return f"upload_{files_taken}"


def why_digit(read: int) -> str:
    """Key of the digit that is asked about where `read` is read: another answer begins with itself."""
    return f"why_digit_{read}"


def break_target(read: int) -> str:
    """Key of the digit that a picture read as `read` is to become."""
    return f"break_target_{read}"


def picked_run(page: str) -> str:
    """Key of the list of runs on `page`."""
    return f"picked_run_{page}"


def everyones_runs(page: str) -> str:
    """Key of the switch that lists all browsers' runs on `page`."""
    return f"everyones_runs_{page}"


def label_button(label: int) -> str:
    """Key of the button that keeps what is drawn as this digit."""
    return f"label_{label}"


def delete_drawing(drawing_id: str) -> str:
    """Key of the button that deletes a drawing."""
    return f"delete_drawing_{drawing_id}"


def drawings_upload(files_taken: int) -> str:
    """Key of the uploader of drawings after so many files."""
    return f"drawings_upload_{files_taken}"

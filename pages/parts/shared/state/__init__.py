"""The keys of `st.session_state`: every one that the pages use, in one place.

Keys of widgets that repeat (one per hidden layer) are made by the functions of `repeated`, so that two pages
can never use the same word for two things.
"""

from typing import Any

import streamlit as st

from pages.parts.shared.state.repeated import (
    addresses as addresses,
)
from pages.parts.shared.state.repeated import (
    against_side as against_side,
)
from pages.parts.shared.state.repeated import (
    break_target as break_target,
)
from pages.parts.shared.state.repeated import (
    camera as camera,
)
from pages.parts.shared.state.repeated import (
    confusion_chip as confusion_chip,
)
from pages.parts.shared.state.repeated import (
    delete_drawing as delete_drawing,
)
from pages.parts.shared.state.repeated import (
    drawings_upload as drawings_upload,
)
from pages.parts.shared.state.repeated import (
    duel_value as duel_value,
)
from pages.parts.shared.state.repeated import (
    epoch_slider as epoch_slider,
)
from pages.parts.shared.state.repeated import (
    everyones_runs as everyones_runs,
)
from pages.parts.shared.state.repeated import (
    fork_epochs as fork_epochs,
)
from pages.parts.shared.state.repeated import (
    fork_rate as fork_rate,
)
from pages.parts.shared.state.repeated import (
    inside as inside,
)
from pages.parts.shared.state.repeated import (
    is_of_form as is_of_form,
)
from pages.parts.shared.state.repeated import (
    is_of_tune as is_of_tune,
)
from pages.parts.shared.state.repeated import (
    is_one_of_many_choices as is_one_of_many_choices,
)
from pages.parts.shared.state.repeated import (
    label_button as label_button,
)
from pages.parts.shared.state.repeated import (
    layer_setting as layer_setting,
)
from pages.parts.shared.state.repeated import (
    matrix_chart as matrix_chart,
)
from pages.parts.shared.state.repeated import (
    matrix_clicks as matrix_clicks,
)
from pages.parts.shared.state.repeated import (
    more_epochs as more_epochs,
)
from pages.parts.shared.state.repeated import (
    new_learning_rate as new_learning_rate,
)
from pages.parts.shared.state.repeated import (
    new_name as new_name,
)
from pages.parts.shared.state.repeated import (
    open_duel as open_duel,
)
from pages.parts.shared.state.repeated import (
    over_epochs as over_epochs,
)
from pages.parts.shared.state.repeated import (
    picked_run as picked_run,
)
from pages.parts.shared.state.repeated import (
    replaced_address as replaced_address,
)
from pages.parts.shared.state.repeated import (
    search_settings as search_settings,
)
from pages.parts.shared.state.repeated import (
    setting as setting,
)
from pages.parts.shared.state.repeated import (
    tune as tune,
)
from pages.parts.shared.state.repeated import (
    upload as upload,
)
from pages.parts.shared.state.repeated import (
    why_digit as why_digit,
)

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
# list in which they are picked, why not all that a link names are; the way of looking
CHOSEN_RUNS = "chosen_runs"
COMPARED, COMPARED_MISSING = "compared_runs", "compared_missing"
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
# Which of the compared runs is taken home.
TAKEN_HOME = "taken_home"
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
DUEL_SUGGESTED = "duel_suggested"  # in which setting B differs, and what A has there
DUEL_SEEDS = "duel_seeds"
DUEL_GUESS = "duel_guess_of"
DUEL_POINTS = "duel_points"
DUEL_PROBLEM = "duel_problem"

# Tune page: the search on show, the list in which it is picked, why none could be begun; the figure on show
# and which of the best runs, by search the one that was chosen; why what was asked for is not on show. The
# form's own keys begin with "tune_"; what they held last.
SEARCH, SEARCH_PICKED, SEARCH_PROBLEM = "search_on_show", "search_picked", "search_problem"
SEARCH_DELETED, SEARCH_FIGURE, SEARCH_TRIAL = "search_deleted", "search_figure", "search_trial"
SEARCH_MISSING, SEARCH_TRIALS_CHOSEN = "search_missing", "search_trials_chosen"
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
# done last, what went wrong, and which of that is on show; the same of an import; the switches, how many
# drawings are on show, how many files were taken.
TO_LABEL = "to_label"
NUMBER_DRAWN = "number_drawn"  # its strokes, if it is several digits that were drawn
LABEL_PRESSED = "label_pressed"
LABEL_KEYS = "label_keys"
HANDWRITING_DONE = "handwriting_done"
HANDWRITING_PROBLEM = "handwriting_problem"
HANDWRITING_TOLD = "handwriting_told"
IMPORT_DONE = "import_done"
IMPORT_PROBLEM = "import_problem"
CLEAR_AFTER = "clear_after_label"
DRAWINGS_OPEN = "drawings_open"
EVERYONES_DRAWINGS = "everyones_drawings"
ONLY_WRONG_DRAWINGS = "only_wrong_drawings"
DRAWINGS_MATRIX = "drawings_matrix"
DRAWINGS_LIMIT = "drawings_limit"
DRAWING_FILES_TAKEN = "drawing_files_taken"
# The strokes that the live canvas is to take away, and how often it was told so.
WRITTEN_CLEARED = "written_cleared"

# Lists whose words change with the language and whose value no page sets by itself; of those that repeat
# `repeated` knows.
_CHOICES = (
    *(SPEED, PICTURE_SOURCE, CELL_TRUE, CELL_READ_AS, WHY_METHOD, POCKET_BITS, LEAST_CONFIDENCE),
    *(COMPARE_VIEW, OVERLAY_AXIS, OVERLAY_KINDS, TAKEN_HOME, BROUGHT_SCALE, BROUGHT_DATASET),
    *(AGAINST_GROUP, DUEL_A, DUEL_SETTING, DUEL_GUESS),
    *(TUNE_VIEW, TUNE_BASE, TUNE_RANGES, TUNE_SAMPLER, TUNE_PRUNER, TUNE_GOAL, TUNE_BUDGET),
    *(SEARCH_FIGURE, SEARCH_TRIAL),
)


def is_choice(key: str) -> bool:
    """Tell whether a key is that of a list whose words change with the language."""
    return key in _CHOICES or is_one_of_many_choices(key)


def held(key: str) -> Any:
    """Return what `st.session_state` holds for a widget; to be handed to it as its value too.

    A value set through its key is sent to the browser once. If the page is run again before
    the browser has loaded that kind of widget (a press on Train at once, images that have just
    arrived), it shows the widget's own value, and the next run takes that for the visitor's.
    """
    return st.session_state[key]


def insist_on(key: str) -> None:
    """Have the browser show what `st.session_state` holds for a switch, whatever it shows.

    A value set through its key is sent once. Who presses the switch while it is on its way is heard; what
    then arrives takes the press back in the browser alone, which brings the older value with the next press.
    """
    st.session_state[key] = st.session_state[key]

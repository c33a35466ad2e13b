"""How a trained network learns from a person's own drawings: the settings of such a run.

Ten to thirty drawings alone would teach it to forget everybody else's digits. So a part of its own training
images comes with them, four to one, and the drawings come hundreds of times, never twice alike: shifted,
turned, scaled, slanted. The rate is low and falls to nothing: two and a half times as much cost networks of
99 % a tenth of a point. `benchmarks/draw/fine_tuning.py` measures what that gives and what it costs.
"""

from core.config.cost import step_seconds
from core.config.training import TrainingConfig

# Fewer are no hand: not even one of each digit.
LEAST_DRAWINGS = 10
# Of a whole class; 1.6 MB.
MOST_DRAWINGS = 2_048
# Of what an epoch shows.
DRAWINGS_SHARE = 0.2

EPOCHS = 4
BATCH_SIZE = 128
LEARNING_RATE = 0.0002
# Of all training images where the network is small.
_MOST_OF_THE_IMAGES = 0.5
# Of training, on the machine of `core.config.cost`: people wait for it.
_SECONDS = 5.0
_LEAST_IMAGES = 1_000


def teaching_config(config: TrainingConfig, training_images: int) -> TrainingConfig:
    """Return the settings with which a network of `config` learns from drawings.

    Its layers, penalties, seed and split stay: what was kept for validation is still not learnt.

    Parameters
    ----------
    training_images
        Of its dataset, before any are kept aside.
    """
    taught = config.model_copy(
        update={
            "optimizer": "adam",
            "learning_rate": LEARNING_RATE,
            "learning_rate_schedule": "cosine",
            "warm_up_epochs": 0.0,
            "epochs": EPOCHS,
            "batch_size": BATCH_SIZE,
            "early_stopping": "off",
            "stop_at_accuracy": 0.0,
            "label_noise": 0.0,
            "augmentation_shift": 1.0,
            "augmentation_rotation": 8.0,
            "augmentation_scale": 0.1,
            "augmentation_shear": 0.15,
            "augmentation_elastic": 0.3,
            "drawings": "none",  # what a lesson teaches is not among the settings
        }
    )
    step = step_seconds(taught, training_images)
    images = (1 - DRAWINGS_SHARE) * _SECONDS / EPOCHS / step * BATCH_SIZE
    left = training_images * (1 - config.validation_split)
    at_least = min(1.0, _LEAST_IMAGES / left)
    fraction = round(min(_MOST_OF_THE_IMAGES, max(at_least, images / left)), 3)
    return taught.model_copy(update={"training_fraction": max(0.001, fraction)})

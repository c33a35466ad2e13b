"""Training: the only package that imports TensorFlow, in workers and in the headless command."""

import os

from core.machine import core_count
from core.training.engine.imports import UNUSED, left_out
from core.training.engine.memory import keep_buffers_apart, keep_freed_memory

# TensorFlow's C++ side greets at length on standard error; what goes wrong arrives as exceptions.
# Set here, because this package is imported before TensorFlow whoever imports it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Kernels that only some processors get, where TensorFlow warns of them at every start, whatever the level
# above. Training is XLA's and has the same bits without; a pass over the test images takes some 50 ms longer.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# A thread for each core that there is now, said outright: however many cores a process has later, as others
# train beside it (`core.jobs.cores`), threads stay, and with them the bits of a pass over the test images.
for pool in ("INTRAOP", "INTEROP"):
    os.environ.setdefault(f"TF_NUM_{pool}_THREADS", str(core_count()))

keep_buffers_apart()
keep_freed_memory()

with left_out(*UNUSED):
    import keras  # noqa: F401  (and TensorFlow with it)

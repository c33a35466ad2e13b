"""Training: the only package that imports TensorFlow, in workers and in the headless command."""

import os

from core.training.engine.memory import keep_buffers_apart, keep_freed_memory

# TensorFlow's C++ side greets at length on standard error; what goes wrong arrives as exceptions.
# Set here, because this package is imported before TensorFlow whoever imports it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Kernels that only some processors get: without them a seed gives the same network on more machines, as fast.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

keep_buffers_apart()
keep_freed_memory()

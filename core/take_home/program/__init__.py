"""A program that trains the network of a configuration with plain Keras, and nothing else."""

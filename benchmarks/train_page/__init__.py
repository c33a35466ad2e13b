"""What the Train page costs while somebody looks: `python -m benchmarks train_page` measures it all."""

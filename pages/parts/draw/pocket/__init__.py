"""The network in the pocket: one button gives one HTML file, which reads digits without any server."""

"""The benchmarks' own rules: what the emulated link does to a packet, and how figures are shown."""

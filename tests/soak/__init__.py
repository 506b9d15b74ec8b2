"""The full counts behind the sampled tests: run by `make soak`, which commits its tables to docs/soak/."""

"""Benchmarks that anyone can run: imports, questions and screens against what else there is. See docs/performance.md."""

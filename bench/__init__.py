"""Benchmarks that anyone can run: imports, questions and screens against others. See docs/performance.md."""

"""Reports by mail: what they say, in which forms, and how they reach their recipients."""

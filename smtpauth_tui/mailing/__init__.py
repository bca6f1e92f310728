"""A report by mail: what it says, its forms, and how it is sent."""

"""The screens: the dashboard, its flyouts, the report, and the dialogs."""

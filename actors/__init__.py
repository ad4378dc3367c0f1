"""Who does it: one folder per actor, all of one shape. `python -m actors.<name>` runs one."""

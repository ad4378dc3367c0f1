"""The work itself, in a child process: `child` starts it, `job` is it."""

"""Which moments are chosen, and how they are worded: by models, where there is one."""

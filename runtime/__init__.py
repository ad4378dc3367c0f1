"""How it travels: bus, media store, claims, settings, logs, metrics. The only importer of nats and faststream."""

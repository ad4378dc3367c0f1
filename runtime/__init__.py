"""How it travels: the bus, the media store, claims, settings, logs and metrics. The only importer of nats and faststream."""

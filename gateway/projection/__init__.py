"""events of the stream -> read models in PostgreSQL"""

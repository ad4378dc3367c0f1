"""HTTP requests -> commands on the bus; read models, events and media -> HTTP answers"""

"""What the engine and those who watch it have to agree on."""

#: Where its tables are.
SCHEMA = "kliping_engine"
#: How often a worker says that it lives, and after how long of silence it is dead, s.
HEARTBEAT = 2.0
DEAD_AFTER = 10.0

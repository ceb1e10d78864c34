"""Random sequences of months, loaded with every kind of fault, and what the stores must hold after them.

A seed tells one story: a world of records changes from month to month (``world``), each month is written as dump files,
some of them damaged (``files``), and runs load them while stages die, repeat, give up or are cancelled (``driving``).
After every run the tables are compared with what the rulings say (``model``). At the end both stores are compared with
a fresh load of the last state and with the independent check (``comparing``). ``story`` puts it together.
"""

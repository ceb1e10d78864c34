"""The schedule of faults: a seed says all of it."""

from bench.chaos.schedule import plan

KINDS = {"worker": ("kill", "pause", "restart"), "beat": ("kill",), "graph": ("kill", "disconnect")}


def test_a_seed_replays_its_schedule_and_another_one_does_not():
    assert plan(7, 25, 600, KINDS) == plan(7, 25, 600, KINDS)
    assert plan(7, 25, 600, KINDS) != plan(8, 25, 600, KINDS)


def test_faults_come_in_order_and_in_time():
    times = [fault.at for fault in plan(7, 25, 600, KINDS)]

    assert len(times) == 25
    assert times == sorted(times)
    assert 0 < times[0] <= times[-1] < 600


def test_every_target_suffers_every_kind_before_one_comes_again():
    faults = plan(7, 9, 60, KINDS)

    assert [len({fault.target for fault in faults[first : first + 3]}) for first in (0, 3, 6)] == [3, 3, 3]
    assert {fault.kind for fault in faults if fault.target == "worker"} == {"kill", "pause", "restart"}
    assert {fault.kind for fault in faults if fault.target == "graph"} == {"kill", "disconnect"}
